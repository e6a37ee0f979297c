# The target headers_compile_alone and the test house/headers_compile_alone: every header compiles when
# a source includes nothing else of ours. A source of the header's name includes it first (`ctest -R
# Style` holds that), so compiling it is the proof; for every other header there is a source of one
# line. What is precompiled is from outside, and that it is included is a test (`ctest -R Layers`).
file(GLOB folders RELATIVE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/[a-z]*")
list(FILTER folders EXCLUDE REGEX "^build")
set(lone_headers "")
foreach(folder IN LISTS folders)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}"
       "${PROJECT_SOURCE_DIR}/${folder}/*.h")
  foreach(header IN LISTS headers)
    string(REGEX REPLACE "\\.h$" ".cpp" source "${header}")
    if(EXISTS "${PROJECT_SOURCE_DIR}/${source}")
      continue()
    endif()
    set(lone "${PROJECT_BINARY_DIR}/generated/headers/${source}")
    file(CONFIGURE OUTPUT "${lone}" CONTENT "#include \"@header@\"\n" @ONLY)
    list(APPEND lone_headers "${lone}")
  endforeach()
endforeach()
add_library(headers_compile_alone OBJECT EXCLUDE_FROM_ALL ${lone_headers})
target_include_directories(headers_compile_alone PRIVATE "${PROJECT_SOURCE_DIR}")
target_link_libraries(headers_compile_alone PRIVATE secateur_warnings secateur::onednn fmt::fmt
                      hdf5 nlohmann_json::nlohmann_json GTest::gmock CLI11::CLI11)
target_compile_definitions(headers_compile_alone PRIVATE SECATEUR_SOURCE_DIR="."
                           SECATEUR_BINARY_DIR=".")
set_target_properties(headers_compile_alone PROPERTIES POSITION_INDEPENDENT_CODE ON)
target_precompile_headers(headers_compile_alone REUSE_FROM library_headers)
add_test(NAME house/headers_compile_alone
         COMMAND "${CMAKE_COMMAND}" --build "${PROJECT_BINARY_DIR}" --target headers_compile_alone)
set_tests_properties(house/headers_compile_alone PROPERTIES LABELS slow TIMEOUT 1800)
