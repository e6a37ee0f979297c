include(EmbedText)
include(Headers)

# The largest headers are read once for all libraries that are compiled alike. What hides behind them,
# an include that a source forgot, is seen with -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON; that each header
# stands alone is a test (HeadersAlone.cmake).
function(secateur_precompiled_headers target)
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/${target}.cpp" CONTENT "")
  add_library(${target} OBJECT "${PROJECT_BINARY_DIR}/generated/${target}.cpp")
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(${target} PRIVATE secateur_warnings fmt::fmt nlohmann_json::nlohmann_json)
  target_compile_options(${target} PRIVATE ${ARGN})
  target_precompile_headers(${target} PRIVATE <fmt/format.h> <nlohmann/json.hpp> <algorithm>
                            <filesystem> <functional> <map> <set> <span> <string> <vector>)
endfunction()
secateur_precompiled_headers(library_headers)
# What reads files and writes text is no faster for being compiled harder, and compiling it so takes
# a minute more.
set(text_options $<$<CONFIG:Release>:-O1>)
secateur_precompiled_headers(text_library_headers ${text_options})

# secateur_folder(<folder> [TEXT] [LINKS folder...] [PRIVATE library...]): the static library
# secateur_<folder>, alias secateur::<folder>, from every source below the folder, exported and
# installed with the folder's public headers; pages'
# parts (*.css, *.js, *.html) are constants in it; TEXT: it computes little. Files named *_cases.cpp (the
# tables behind tests and benchmarks) go into secateur_<folder>_cases instead, which is not installed.

function(secateur_folder folder)
  cmake_parse_arguments(ARG "TEXT" "" "LINKS;PRIVATE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "/wasm/")  # for another compiler (WebAssembly.cmake)
  set(cases ${sources})
  list(FILTER cases INCLUDE REGEX "_cases\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_cases\\.cpp$")
  set(target secateur_${folder})
  secateur_library(${target} ${sources})
  add_library(secateur::${folder} ALIAS ${target})
  if(ARG_TEXT)
    target_compile_options(${target} PRIVATE ${text_options})
    target_precompile_headers(${target} REUSE_FROM text_library_headers)
  else()
    target_precompile_headers(${target} REUSE_FROM library_headers)
  endif()
  # In batches where speed is not measured: a third to a half less time to compile. In the three
  # folders left out sources have names of their own that others have too.
  if(ARG_TEXT OR (SECATEUR_SANITIZE AND NOT folder MATCHES "^(ops|formats|data)$"))
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON)
  endif()
  secateur_contract_kernels(${sources})
  file(GLOB_RECURSE texts CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.css"
       "${PROJECT_SOURCE_DIR}/${folder}/*.js" "${PROJECT_SOURCE_DIR}/${folder}/*.html")
  secateur_embed_text(${target} ${texts})
  target_include_directories(${target} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>"
                             "$<INSTALL_INTERFACE:${SECATEUR_INSTALL_HEADERS}>")
  target_link_libraries(${target} PUBLIC fmt::fmt nlohmann_json::nlohmann_json)
  foreach(link IN LISTS ARG_LINKS)
    target_link_libraries(${target} PUBLIC secateur_${link})
  endforeach()
  secateur_link_outside(${target} ${ARG_PRIVATE})
  if(SECATEUR_INSTALL)
    install(TARGETS ${target} EXPORT secateurTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${folder})
    secateur_install_headers(${folder})
  endif()
  set_property(GLOBAL APPEND PROPERTY SECATEUR_FOLDERS ${folder})
  if(cases)
    secateur_case_tables(${folder} ${cases})
  endif()
endfunction()

# Rooms of ops/ that are no operations, but code of several.
set(shared_rooms backend depthwise matrix_product minimal_filtering padded_plane vector)

# Kernels say their multiply-adds as a * b + c; there, and only there, the compiler fuses them. gcc
# does so from -O2 on, and what it fuses are the bits of a result: so in every configuration.
function(secateur_contract_kernels)
  set(kernels ${ARGN})
  list(FILTER kernels INCLUDE REGEX "_kernels\\.cpp$")
  set(options -ffp-contract=fast $<$<NOT:$<CONFIG:Release,RelWithDebInfo>>:-O2>)
  if(SECATEUR_SANITIZE)
    list(APPEND options -O2)  # which sets -O1 for all else
  endif()
  set_source_files_properties(${kernels} PROPERTIES COMPILE_OPTIONS "${options}"
                              SKIP_PRECOMPILE_HEADERS ON)
endfunction()

# A library from outside that is headers alone leaves nothing to link, so a program need not find it.
function(secateur_link_outside target)
  foreach(library IN LISTS ARGN)
    get_target_property(type ${library} TYPE)
    get_target_property(links ${library} INTERFACE_LINK_LIBRARIES)
    if(type STREQUAL "INTERFACE_LIBRARY" AND NOT links)
      target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:${library}>)
    else()
      target_link_libraries(${target} PRIVATE ${library})
      get_property(package GLOBAL PROPERTY SECATEUR_PACKAGE_OF_${library})
      set_property(GLOBAL APPEND PROPERTY SECATEUR_LINKED_PACKAGES ${package})
    endif()
  endforeach()
endfunction()

# The list of op rooms is written from the folder names, so adding a room edits no file, and a room
# without its <op>_room() is an undefined symbol.
function(secateur_case_tables folder)
  file(GLOB rooms CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/${folder}"
       "${PROJECT_SOURCE_DIR}/${folder}/*/*.h")
  list(TRANSFORM rooms REPLACE "/.*" "")
  list(REMOVE_DUPLICATES rooms)
  list(REMOVE_ITEM rooms ${shared_rooms})
  list(SORT rooms)
  set(declarations "")
  set(calls "")
  foreach(room IN LISTS rooms)
    string(APPEND declarations "OpRoom ${room}_room();\n")
    string(APPEND calls "${room}_room(), ")
  endforeach()
  set(generated "${PROJECT_BINARY_DIR}/generated/all_op_rooms.cpp")
  file(CONFIGURE OUTPUT "${generated}" CONTENT
"#include \"ops/op_case.h\"
namespace secateur {
@declarations@
std::vector<OpRoom> all_op_rooms() { return {@calls@}; }
}
" @ONLY)
  secateur_library(secateur_${folder}_cases ${ARGN} "${generated}")
  target_link_libraries(secateur_${folder}_cases PUBLIC secateur_${folder})
  set_target_properties(secateur_${folder}_cases PROPERTIES EXCLUDE_FROM_ALL ON
                        SECATEUR_ROOMS "${rooms}")
endfunction()

# Gives a target the header source_revision.h, made anew at every build.
function(secateur_source_revision target)
  set(folder "${PROJECT_BINARY_DIR}/generated/revision")
  add_custom_target(secateur_source_revision
    COMMAND "${CMAKE_COMMAND}" "-DSOURCE=${PROJECT_SOURCE_DIR}"
            "-DOUTPUT=${folder}/source_revision.h" -P
            "${PROJECT_SOURCE_DIR}/cmake/SourceRevision.cmake"
    BYPRODUCTS "${folder}/source_revision.h"
    COMMENT "")
  target_include_directories(${target} PRIVATE "${folder}")
  add_dependencies(${target} secateur_source_revision)
endfunction()
