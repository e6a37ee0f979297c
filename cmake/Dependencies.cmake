# Everything from outside, each behind a target of a plain name. docs/decisions/0006-dependencies.md
# says why each was taken.
find_package(fmt REQUIRED)
find_package(PkgConfig REQUIRED)

# oneDNN: the adapters in ops/backend are written against API v2 (2.x); v3 renamed what they use.
# Found by header and library: Debian's dnnl-config.cmake insists on OpenCL, which nothing here uses.
find_path(DNNL_INCLUDE_DIR dnnl.hpp PATH_SUFFIXES oneapi/dnnl)
find_library(DNNL_LIBRARY NAMES dnnl)
if(NOT DNNL_INCLUDE_DIR OR NOT DNNL_LIBRARY)
  message(FATAL_ERROR "oneDNN was not found. On Debian or Ubuntu: apt-get install libdnnl-dev")
endif()
set(DNNL_VERSION_HEADER "${DNNL_INCLUDE_DIR}/dnnl_version.h")
if(EXISTS "${DNNL_INCLUDE_DIR}/oneapi/dnnl/dnnl_version.h")
  set(DNNL_VERSION_HEADER "${DNNL_INCLUDE_DIR}/oneapi/dnnl/dnnl_version.h")
endif()
file(STRINGS "${DNNL_VERSION_HEADER}" DNNL_MAJOR_LINE REGEX "#define DNNL_VERSION_MAJOR")
string(REGEX MATCH "[0-9]+" DNNL_MAJOR "${DNNL_MAJOR_LINE}")
if(NOT DNNL_MAJOR EQUAL 2)
  message(FATAL_ERROR "oneDNN ${DNNL_MAJOR}.x was found; the adapters in ops/backend are written against 2.x (2.6 or later).")
endif()
add_library(dnnl_backend INTERFACE)
target_include_directories(dnnl_backend SYSTEM INTERFACE "${DNNL_INCLUDE_DIR}")
target_link_libraries(dnnl_backend INTERFACE "${DNNL_LIBRARY}")

# OpenBLAS without a thread pool of its own: the OpenMP build, called with one thread. Not the serial
# build: it hands out its work buffers without a lock, so products made by several threads at once
# overwrite each other now and then. The folder is put into the run path because all builds of
# OpenBLAS share one soname.
find_library(OPENBLAS_LIBRARY NAMES openblas
             PATH_SUFFIXES openblas-openmp x86_64-linux-gnu/openblas-openmp
             PATHS /usr/lib/x86_64-linux-gnu /usr/lib NO_CMAKE_SYSTEM_PATH NO_DEFAULT_PATH)
if(NOT OPENBLAS_LIBRARY)
  find_library(OPENBLAS_LIBRARY NAMES openblas REQUIRED)
endif()
get_filename_component(OPENBLAS_DIR "${OPENBLAS_LIBRARY}" DIRECTORY)
find_path(CBLAS_INCLUDE_DIR cblas.h HINTS "${OPENBLAS_DIR}" /usr/include/x86_64-linux-gnu/openblas-openmp
          REQUIRED)
add_library(blas_backend INTERFACE)
target_include_directories(blas_backend SYSTEM INTERFACE "${CBLAS_INCLUDE_DIR}")
target_link_libraries(blas_backend INTERFACE "${OPENBLAS_LIBRARY}" "-Wl,-rpath,${OPENBLAS_DIR}")

pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
add_library(libzip INTERFACE)
target_link_libraries(libzip INTERFACE PkgConfig::LIBZIP)

pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
add_library(sodium INTERFACE)
target_link_libraries(sodium INTERFACE PkgConfig::SODIUM)

find_path(HDF5_C_INCLUDE_DIR hdf5.h PATH_SUFFIXES hdf5/serial REQUIRED)
find_library(HDF5_C_LIBRARY NAMES hdf5_serial hdf5 REQUIRED)
add_library(hdf5 INTERFACE)
target_include_directories(hdf5 SYSTEM INTERFACE "${HDF5_C_INCLUDE_DIR}")
target_link_libraries(hdf5 INTERFACE "${HDF5_C_LIBRARY}")

find_path(STB_INCLUDE_DIR stb_image.h PATH_SUFFIXES stb REQUIRED)
add_library(stb INTERFACE)
target_include_directories(stb SYSTEM INTERFACE "${STB_INCLUDE_DIR}")

find_package(nlohmann_json REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
