# How our own code is compiled. A program that uses the library gets the C++ standard of it, and
# nothing else (docs/decisions/0011-library.md).
option(SECATEUR_PROGRAM "Build the program" ${PROJECT_IS_TOP_LEVEL})
option(SECATEUR_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(SECATEUR_BENCH "Build the benchmarks" ${PROJECT_IS_TOP_LEVEL})
option(SECATEUR_SANITIZE "AddressSanitizer, UBSanitizer and checked standard library" OFF)
option(SECATEUR_WERROR "Warnings are errors" ${PROJECT_IS_TOP_LEVEL})
# Sanitized code links into sanitized programs only, so it is not given to others.
include(CMakeDependentOption)
cmake_dependent_option(SECATEUR_INSTALL "Make the install target" ${PROJECT_IS_TOP_LEVEL}
                       "NOT SECATEUR_SANITIZE" OFF)

# A project that takes secateur in as a folder has its own mind about these.
if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_CXX_EXTENSIONS OFF)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
  endif()
  if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER AND NOT DEFINED ENV{CMAKE_CXX_COMPILER_LAUNCHER})
    find_program(CCACHE_PROGRAM ccache)
    if(CCACHE_PROGRAM)
      # The sloppiness is what ccache asks for where a header is precompiled; with paths below the
      # source folder taken as relative, another clone finds what this one compiled.
      set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
          CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_NOHASHDIR=1
          "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" "${CCACHE_PROGRAM}")
    endif()
  endif()
  if(BUILD_SHARED_LIBS)
    message(WARNING "secateur's libraries stay static, whatever BUILD_SHARED_LIBS says; they may be linked into a shared one.")
  endif()
endif()

if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  message(FATAL_ERROR "secateur needs an x86-64 machine with AVX2 and FMA; this one is ${CMAKE_SYSTEM_PROCESSOR}.")
endif()

# x86-64-v3 (AVX2 and FMA) is the least machine; kernels that gain from AVX-512 choose it at run
# time. Contraction is off so that a * b + c means the same in every file; *_kernels.cpp turn it on.
# Position independent code may be replaced at run time, and so is not inlined, unless the compiler
# hears that ours is not: that would cost speed, and bits where a kernel fuses what it inlines.
find_package(OpenMP REQUIRED COMPONENTS CXX)
separate_arguments(SECATEUR_OPENMP_FLAGS NATIVE_COMMAND "${OpenMP_CXX_FLAGS}")
add_library(secateur_platform INTERFACE)
target_compile_features(secateur_platform INTERFACE cxx_std_20)
target_compile_options(secateur_platform INTERFACE -march=x86-64-v3 -ffp-contract=off
                       -fno-semantic-interposition ${SECATEUR_OPENMP_FLAGS})
target_compile_definitions(secateur_platform INTERFACE SECATEUR_VERSION="${PROJECT_VERSION}")
if(SECATEUR_SANITIZE)
  # As flags of the build type, so that a target's own level comes after them.
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1 -DNDEBUG")
  target_compile_options(secateur_platform INTERFACE -fsanitize=address,undefined
                         -fno-sanitize-recover=all -fno-omit-frame-pointer)
  # gcc 12 sees uninitialised values that are none when the code is instrumented (GCC bug 105562).
  target_compile_options(secateur_platform INTERFACE
                         $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_compile_definitions(secateur_platform INTERFACE _GLIBCXX_ASSERTIONS)
  target_link_options(secateur_platform INTERFACE -fsanitize=address,undefined)
endif()

# What every target of ours links, privately.
add_library(secateur_warnings INTERFACE)
target_link_libraries(secateur_warnings INTERFACE secateur_platform)
target_compile_options(secateur_warnings INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor
                       -Wno-psabi -Wno-missing-field-initializers
                       $<$<BOOL:${SECATEUR_WERROR}>:-Werror>)

# Static, whatever BUILD_SHARED_LIBS says: one library of all folders would be a promise about its
# binary interface, and a folder alone is none.
function(secateur_library target)
  add_library(${target} STATIC ${ARGN})
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:secateur_warnings>)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
endfunction()
