# The compiled libraries that secateur is linked with, each behind a target of a plain name:
# secateur::onednn, secateur::openblas, secateur::zip, secateur::sodium and secateur::openmp. The
# build uses this file, and an installed secateur holds it to find them again where it is used.

# oneDNN: the adapters in ops/backend are written against API v2 (2.x); v3 renamed what they use.
# Found by header and library: Debian's dnnl-config.cmake insists on OpenCL, which nothing here uses.
find_path(DNNL_INCLUDE_DIR dnnl.hpp PATH_SUFFIXES oneapi/dnnl)
find_library(DNNL_LIBRARY NAMES dnnl)
set(DNNL_MAJOR "")
foreach(header IN ITEMS dnnl_version.h oneapi/dnnl/dnnl_version.h)
  if(EXISTS "${DNNL_INCLUDE_DIR}/${header}")
    file(STRINGS "${DNNL_INCLUDE_DIR}/${header}" DNNL_LINE REGEX "#define DNNL_VERSION_MAJOR")
    string(REGEX REPLACE "[^0-9]" "" DNNL_DIGITS "${DNNL_LINE}")
    string(APPEND DNNL_MAJOR "${DNNL_DIGITS}")
  endif()
endforeach()

# OpenBLAS without a thread pool of its own: the OpenMP build, called with one thread. Not the serial
# build: it hands out its work buffers without a lock, so products made by several threads at once
# overwrite each other now and then.
find_library(OPENBLAS_LIBRARY NAMES openblas
             PATH_SUFFIXES openblas-openmp x86_64-linux-gnu/openblas-openmp
             PATHS /usr/lib/x86_64-linux-gnu /usr/lib NO_CMAKE_SYSTEM_PATH NO_DEFAULT_PATH)
find_library(OPENBLAS_LIBRARY NAMES openblas)
get_filename_component(OPENBLAS_DIR "${OPENBLAS_LIBRARY}" DIRECTORY)
find_path(CBLAS_INCLUDE_DIR cblas.h
          HINTS "${OPENBLAS_DIR}" /usr/include/x86_64-linux-gnu/openblas-openmp)

find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(LIBZIP QUIET libzip)
  pkg_check_modules(SODIUM QUIET libsodium)
endif()

# The OpenMP runtime that the library was compiled for: an installed one names it, so that a program
# made by another compiler does not bring a second.
if(NOT SECATEUR_OPENMP_LIBRARIES)
  find_package(OpenMP QUIET COMPONENTS CXX)
  set(SECATEUR_OPENMP_LIBRARIES ${OpenMP_CXX_LIBRARIES})
endif()

if(DNNL_LIBRARY AND NOT DNNL_MAJOR STREQUAL "2")
  set(REASON "oneDNN ${DNNL_MAJOR}.x was found; secateur is written against 2.x (2.6 or later).")
  set(DNNL_LIBRARY_OF_2 DNNL_LIBRARY_OF_2-NOTFOUND)
else()
  set(REASON "On Debian or Ubuntu: apt-get install libdnnl-dev libopenblas-openmp-dev libzip-dev libsodium-dev pkg-config, and for clang libomp-dev")
  set(DNNL_LIBRARY_OF_2 "${DNNL_LIBRARY}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SecateurBackends
  REQUIRED_VARS DNNL_LIBRARY_OF_2 DNNL_INCLUDE_DIR OPENBLAS_LIBRARY CBLAS_INCLUDE_DIR
                LIBZIP_LINK_LIBRARIES SODIUM_LINK_LIBRARIES SECATEUR_OPENMP_LIBRARIES
  REASON_FAILURE_MESSAGE "${REASON}")

function(secateur_backend name include_dirs)
  if(TARGET secateur::${name})
    return()
  endif()
  add_library(secateur::${name} INTERFACE IMPORTED GLOBAL)
  set_target_properties(secateur::${name} PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${include_dirs}"
    INTERFACE_LINK_LIBRARIES "${ARGN}")
endfunction()
if(SecateurBackends_FOUND)
  secateur_backend(onednn "${DNNL_INCLUDE_DIR}" ${DNNL_LIBRARY})
  # All builds of OpenBLAS share one soname, so the folder goes into the run path of every program,
  # also of an installed one: from that CMake would take it out again, knew it the library.
  secateur_backend(openblas "${CBLAS_INCLUDE_DIR}" "-Wl,${OPENBLAS_LIBRARY}"
                   "-Wl,-rpath,${OPENBLAS_DIR}")
  secateur_backend(zip "${LIBZIP_INCLUDE_DIRS}" ${LIBZIP_LINK_LIBRARIES})
  secateur_backend(sodium "${SODIUM_INCLUDE_DIRS}" ${SODIUM_LINK_LIBRARIES})
  secateur_backend(openmp "" ${SECATEUR_OPENMP_LIBRARIES})
endif()
