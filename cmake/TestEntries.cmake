# secateur_test_entries(<target> <folder> <label> [ROOMS room...]): the ctest entries of a gtest
# executable. One per suite, so that what a suite's tests share is made once; a suite over the tables
# of operations, "Contract/...", has one per room. The sanitized build runs the executable as one
# entry: a sanitized program takes longer to start than most suites to run. Every entry leaves an XML
# of its cases below Testing/cases, which scripts/count_cases.sh adds up.
function(secateur_test_entries target folder label)
  cmake_parse_arguments(ARG "" "" "ROOMS" ${ARGN})
  set(cases "${PROJECT_BINARY_DIR}/Testing/cases")
  # Laws are tried on the same random inputs every time; by hand, on others (RC_PARAMS).
  set(environment "OMP_WAIT_POLICY=passive;RC_PARAMS=seed=20261120")
  if(SECATEUR_SANITIZE)
    add_test(NAME ${folder}/${label}
             COMMAND ${target} "--gtest_output=xml:${cases}/${folder}-${label}.xml")
    set_tests_properties(${folder}/${label} PROPERTIES LABELS "${label}" TIMEOUT 1800
                         ENVIRONMENT "${environment}")
    return()
  endif()
  # The costly ones first, so that none runs alone at the end.
  set(timeout 1800)
  set(cost 10)
  if(label STREQUAL "fast")
    set(timeout 300)
    set(cost 1)
  elseif(label STREQUAL "e2e")
    set(cost 100)
  endif()
  set(entries "${CMAKE_CURRENT_BINARY_DIR}/${target}_entries.cmake")
  add_custom_command(TARGET ${target} POST_BUILD BYPRODUCTS "${entries}" VERBATIM
    COMMAND "${CMAKE_COMMAND}" "-DEXECUTABLE=$<TARGET_FILE:${target}>" "-DOUTPUT=${entries}"
            "-DPREFIX=${folder}/" "-DCASES=${cases}" "-DROOMS=${ARG_ROOMS}"
            "-DLABEL=${label}" "-DTIMEOUT=${timeout}" "-DCOST=${cost}"
            "-DENVIRONMENT=${environment}" -P "${PROJECT_SOURCE_DIR}/cmake/WriteTestEntries.cmake")
  set(include "${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake")
  file(CONFIGURE OUTPUT "${include}" CONTENT
"if(EXISTS \"@entries@\")
  include(\"@entries@\")
else()
  add_test(@target@_NOT_BUILT @target@_NOT_BUILT)
endif()
" @ONLY)
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${include}")
endfunction()
