# Everything from outside. docs/decisions/0006-dependencies.md says why each was taken.
#
# A package whose target is seen by all folders, also by those of a project around this one, which
# link what our libraries link. secateur_folder() looks the package of a target up by its name.
macro(secateur_find package target)
  if(NOT TARGET ${target})
    find_package(${package} REQUIRED)
    set_target_properties(${target} PROPERTIES IMPORTED_GLOBAL TRUE)
  endif()
  set_property(GLOBAL PROPERTY SECATEUR_PACKAGE_OF_${target} "${package}")
endmacro()

# These two stand in public headers.
secateur_find(fmt fmt::fmt)
secateur_find(nlohmann_json nlohmann_json::nlohmann_json)

# Compiled libraries behind our own: secateur::onednn, openblas, zip, sodium and openmp.
find_package(SecateurBackends REQUIRED)

# Used inside of our sources only.
secateur_find(tomlplusplus tomlplusplus::tomlplusplus)
find_path(STB_INCLUDE_DIR stb_image.h PATH_SUFFIXES stb REQUIRED)
add_library(secateur_stb INTERFACE)
target_include_directories(secateur_stb SYSTEM INTERFACE "${STB_INCLUDE_DIR}")
add_library(secateur::stb ALIAS secateur_stb)
if(SECATEUR_PROGRAM OR SECATEUR_BENCH)
  find_package(CLI11 REQUIRED)
endif()

if(SECATEUR_TESTS)  # an independent writer of the files that tests read
  find_path(HDF5_C_INCLUDE_DIR hdf5.h PATH_SUFFIXES hdf5/serial REQUIRED)
  find_library(HDF5_C_LIBRARY NAMES hdf5_serial hdf5 REQUIRED)
  add_library(hdf5 INTERFACE)
  target_include_directories(hdf5 SYSTEM INTERFACE "${HDF5_C_INCLUDE_DIR}")
  target_link_libraries(hdf5 INTERFACE "${HDF5_C_LIBRARY}")
endif()
