# The sanitized build, which nobody works in, reads the largest headers once for all libraries. The
# release build does not: its compiling each source as it is shows that headers stand alone.
if(SECATEUR_SANITIZE)
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/generated/library_headers.cpp" CONTENT "")
  add_library(library_headers OBJECT "${CMAKE_BINARY_DIR}/generated/library_headers.cpp")
  target_link_libraries(library_headers PRIVATE secateur_platform secateur_warnings
                        nlohmann_json::nlohmann_json)
  target_precompile_headers(library_headers PRIVATE <fmt/format.h> <nlohmann/json.hpp> <functional>
                            <filesystem> <map> <span> <string> <vector>)
endif()

# secateur_folder(<folder> [LINKS folder...] [PRIVATE library...]): the static library
# secateur_<folder> from every source below the folder. Files named *_cases.cpp (the tables behind
# tests and benchmarks) go into secateur_<folder>_cases instead.
function(secateur_folder folder)
  cmake_parse_arguments(ARG "" "" "LINKS;PRIVATE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${folder}/*.cpp")
  set(cases ${sources})
  list(FILTER cases INCLUDE REGEX "_cases\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_cases\\.cpp$")
  set(target secateur_${folder})
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE secateur_warnings ${ARG_PRIVATE})
    # Kernels say their multiply-adds as a * b + c; there, and only there, the compiler fuses them.
    set(kernels ${sources})
    list(FILTER kernels INCLUDE REGEX "_kernels\\.cpp$")
    # gcc fuses from -O2 on, which the sanitized build, at -O1, would not do.
    set(kernel_options -ffp-contract=fast)
    if(SECATEUR_SANITIZE)
      list(APPEND kernel_options -O2)
      target_precompile_headers(${target} REUSE_FROM library_headers)
    endif()
    set_source_files_properties(${kernels} PROPERTIES COMPILE_OPTIONS "${kernel_options}"
                                SKIP_PRECOMPILE_HEADERS ON)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope} "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${target} ${scope} secateur_platform ${ARG_LINKS_TARGETS})
  foreach(link IN LISTS ARG_LINKS)
    target_link_libraries(${target} ${scope} secateur_${link})
  endforeach()
  if(cases)
    secateur_case_tables(${folder} ${cases})
  endif()
endfunction()

# The list of op rooms is written from the folder names, so adding a room edits no file, and a room
# without its <op>_room() is an undefined symbol.
function(secateur_case_tables folder)
  file(GLOB rooms CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}/${folder}"
       "${CMAKE_SOURCE_DIR}/${folder}/*/*.h")
  list(TRANSFORM rooms REPLACE "/.*" "")
  list(REMOVE_DUPLICATES rooms)
  list(REMOVE_ITEM rooms backend)
  list(SORT rooms)
  set(declarations "")
  set(calls "")
  foreach(room IN LISTS rooms)
    string(APPEND declarations "OpRoom ${room}_room();\n")
    string(APPEND calls "${room}_room(), ")
  endforeach()
  set(generated "${CMAKE_BINARY_DIR}/generated/all_op_rooms.cpp")
  file(CONFIGURE OUTPUT "${generated}" CONTENT
"#include \"ops/op_case.h\"
namespace secateur {
@declarations@
std::vector<OpRoom> all_op_rooms() { return {@calls@}; }
}
" @ONLY)
  add_library(secateur_${folder}_cases STATIC ${ARGN} "${generated}")
  target_link_libraries(secateur_${folder}_cases PUBLIC secateur_${folder}
                        PRIVATE secateur_warnings)
  set_target_properties(secateur_${folder}_cases PROPERTIES SECATEUR_ROOMS "${rooms}")
endfunction()

# Gives a target the header source_revision.h, made anew at every build.
function(secateur_source_revision target)
  set(folder "${CMAKE_BINARY_DIR}/generated/revision")
  add_custom_target(source_revision
    COMMAND "${CMAKE_COMMAND}" "-DSOURCE=${CMAKE_SOURCE_DIR}"
            "-DOUTPUT=${folder}/source_revision.h" -P
            "${CMAKE_SOURCE_DIR}/cmake/SourceRevision.cmake"
    BYPRODUCTS "${folder}/source_revision.h"
    COMMENT "")
  target_include_directories(${target} PRIVATE "${folder}")
  add_dependencies(${target} source_revision)
endfunction()
