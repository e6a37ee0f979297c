# Which headers others may include: all of a folder, but those that hold what a program must not
# compile with flags of its own, since its copy of an inline function may then take the place of
# ours and change the bits of the library: kernels, what kernels are written in, and inline
# arithmetic. Of ops/ that leaves the contracts and what they lean on.
set(SECATEUR_PRIVATE_HEADERS "(_kernels|_ref|_case)\\.h$" "^data/simulated/exact_draws\\.h$" "/wasm/")
set(SECATEUR_OPS_HEADERS ops/elementwise.h ops/frozen_steps.h ops/pool_window.h
                         ops/conv_geometry.h ops/vector/isa.h ops/backend/onednn.h ops/backend/reproducibility.h)

# Sets `result` to the public headers of a folder, by their path from the root.
function(secateur_public_headers folder result)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}"
       "${PROJECT_SOURCE_DIR}/${folder}/*.h")
  foreach(private IN LISTS SECATEUR_PRIVATE_HEADERS)
    list(FILTER headers EXCLUDE REGEX "${private}")
  endforeach()
  if(folder STREQUAL "ops")
    set(contracts ${SECATEUR_OPS_HEADERS})
    foreach(header IN LISTS headers)
      if(header MATCHES "^ops/([^/]+)/([^/]+)\\.h$" AND CMAKE_MATCH_1 STREQUAL CMAKE_MATCH_2)
        list(APPEND contracts ${header})
      endif()
    endforeach()
    set(headers ${contracts})
  endif()
  set(${result} ${headers} PARENT_SCOPE)
endfunction()

function(secateur_install_headers folder)
  secateur_public_headers(${folder} headers)
  foreach(header IN LISTS headers)
    get_filename_component(place "${header}" DIRECTORY)
    install(FILES "${PROJECT_SOURCE_DIR}/${header}"
            DESTINATION "${SECATEUR_INSTALL_HEADERS}/${place}")
  endforeach()
endfunction()
