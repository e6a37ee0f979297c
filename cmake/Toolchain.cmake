# Compiler settings that every target shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER AND NOT DEFINED ENV{CMAKE_CXX_COMPILER_LAUNCHER})
  find_program(CCACHE_PROGRAM ccache)
  if(CCACHE_PROGRAM)
    # The sloppiness is what ccache asks for where a header is precompiled.
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros "${CCACHE_PROGRAM}")
  endif()
endif()

option(SECATEUR_TESTS "Build the tests" ON)
option(SECATEUR_BENCH "Build the benchmarks" ON)
option(SECATEUR_SANITIZE "AddressSanitizer, UBSanitizer and checked standard library" OFF)
option(SECATEUR_WERROR "Warnings are errors" ON)

if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  message(FATAL_ERROR "secateur needs an x86-64 machine with AVX2 and FMA; this one is ${CMAKE_SYSTEM_PROCESSOR}.")
endif()

find_package(OpenMP REQUIRED COMPONENTS CXX)

# x86-64-v3 (AVX2 and FMA) is the least machine; kernels that gain from AVX-512 choose it at run
# time. Contraction is off so that a * b + c means the same in every file; *_kernels.cpp turn it on.
add_library(secateur_platform INTERFACE)
target_compile_options(secateur_platform INTERFACE -march=x86-64-v3 -ffp-contract=off)
target_compile_definitions(secateur_platform INTERFACE SECATEUR_VERSION="${PROJECT_VERSION}")
target_link_libraries(secateur_platform INTERFACE OpenMP::OpenMP_CXX fmt::fmt)
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

add_library(secateur_warnings INTERFACE)
target_compile_options(secateur_warnings INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor
                       -Wno-psabi -Wno-missing-field-initializers
                       $<$<BOOL:${SECATEUR_WERROR}>:-Werror>)
