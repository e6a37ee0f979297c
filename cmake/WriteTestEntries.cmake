# Writes OUTPUT, the ctest entries of the gtest program EXECUTABLE (see TestEntries.cmake): its suites
# are those that it lists itself, so none is forgotten.
cmake_minimum_required(VERSION 3.22)  # its policies, which a script has not by itself
execute_process(COMMAND "${EXECUTABLE}" --gtest_list_tests OUTPUT_VARIABLE listing
                RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "${EXECUTABLE} cannot list its tests: ${failed}")
endif()

set(text "")
function(write_entry name filter)
  set(name "${PREFIX}${name}")
  string(REPLACE "/" "-" file "${name}")
  string(APPEND text "add_test([[${name}]] [[${EXECUTABLE}]] [[--gtest_filter=${filter}]]
         [[--gtest_output=xml:${CASES}/${file}.xml]])
set_tests_properties([[${name}]] PROPERTIES LABELS ${LABEL} TIMEOUT ${TIMEOUT} COST ${COST}
                     ENVIRONMENT [[${ENVIRONMENT}]])
")
  set(text "${text}" PARENT_SCOPE)
endfunction()

# "Suite." at the beginning of a line, its cases indented below it.
string(REGEX REPLACE "[][;]" " " listing "\n${listing}")
string(REGEX MATCHALL "\n[A-Za-z_][^\n]*(\n  [^\n]*)+" suites "${listing}")
foreach(suite IN LISTS suites)
  string(REGEX MATCH "^\n([A-Za-z0-9_/]+)\\." unused "${suite}")
  set(name "${CMAKE_MATCH_1}")
  if(NOT name MATCHES "^Contract/" OR NOT ROOMS)
    write_entry("${name}" "${name}.*")
    continue()
  endif()
  string(REGEX MATCHALL "\n  [^\n]" all "${suite}")
  list(LENGTH all cases)
  set(in_rooms 0)
  foreach(room IN LISTS ROOMS)
    string(REGEX MATCHALL "\n  [A-Za-z]+/${room}_" of_room "${suite}")
    list(LENGTH of_room count)
    math(EXPR in_rooms "${in_rooms} + ${count}")
    if(count)
      write_entry("${name}/${room}" "${name}.*/${room}_*")
    endif()
  endforeach()
  if(NOT in_rooms EQUAL cases)
    message(FATAL_ERROR "${in_rooms} of the ${cases} cases of ${name} belong to one room")
  endif()
endforeach()
file(WRITE "${OUTPUT}" "${text}")
