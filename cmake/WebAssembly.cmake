# The engine for a page (playground/wasm): our own sources compiled to WebAssembly by emscripten's
# em++, twice: with its SIMD instructions and, for browsers that have none, without. Each module is
# given to a target as a text, kEngineSimdTxt and kEngineReferenceTxt, in base64; both are empty
# where em++ is not installed, and in builds that are for finding faults.

option(SECATEUR_WEB_ASSEMBLY "Compile the engine for pages, if em++ is installed" ON)
set(secateur_web OFF)
if(SECATEUR_WEB_ASSEMBLY AND NOT SECATEUR_SANITIZE)
  find_program(SECATEUR_EMXX em++)
  find_program(SECATEUR_BASE64 base64)
  if(SECATEUR_EMXX AND SECATEUR_BASE64)
    set(secateur_web ON)
  else()
    message(STATUS "no em++ or no base64: `secateur playground` will say that it is not built in")
  endif()
endif()

# Sources that are compiled together: file-local names of one unit differ. Those of the second list
# hold vectors, and are compiled for each of the two modules.
set(web_plain_units tensor json models interpretation stimuli playground)
set(web_unit_tensor tensor/arena tensor/flat_index tensor/printable tensor/rng tensor/shape
                    tensor/tensor autograd/variable)
set(web_unit_json tensor/json_field tensor/json_text models/architecture_json)
set(web_unit_models models/architecture models/fold models/forward models/fused_chain
                    models/initialisation models/model models/parameter_specs)
set(web_unit_interpretation
    interpretation/ascent interpretation/double_network interpretation/fourier_basis
    interpretation/gaussian_blur interpretation/layered_response interpretation/model_input
    interpretation/noise_starts interpretation/pixel_response)
set(web_unit_stimuli interpretation/stimuli/shapes interpretation/stimuli/grating
                     interpretation/stimuli/polarity data/simulated/leaf)
set(web_unit_playground playground/without_filters playground/wasm/engine
                        playground/wasm/no_training playground/wasm/single_thread
                        ops/backend/wasm/portable_backend)

set(web_vector_units plain_ops factorised pointwise conv2d conv2d_minimal conv2d_product depthwise
                     dense_depthwise matrix_product minimal_filtering)
set(web_unit_plain_ops ops/add/add ops/bias/bias ops/relu/relu ops/spatial_readout/spatial_readout)
set(web_unit_factorised ops/factorised_readout/factorised_readout)
set(web_unit_pointwise ops/pointwise/pointwise ops/pointwise/pointwise_products)
set(web_unit_conv2d ops/conv2d/conv2d ops/conv2d/conv2d_geometry ops/conv2d/direct
                    ops/conv2d/direct_gradient ops/conv2d/direct_kernels ops/conv2d/window_columns)
set(web_unit_conv2d_minimal ops/conv2d/minimal)
set(web_unit_conv2d_product ops/conv2d/product)
set(web_unit_depthwise ops/depthwise/cotangent_layout ops/depthwise/depthwise_conv
                       ops/depthwise/depthwise_planes ops/depthwise/depthwise_kernels)
set(web_unit_dense_depthwise
    ops/dense_depthwise/dense_depthwise ops/dense_depthwise/minimal_conv
    ops/dense_depthwise/step_plan ops/dense_depthwise/dense_depthwise_kernels)
set(web_unit_matrix_product
    ops/matrix_product/lane_products ops/matrix_product/panel_product ops/matrix_product/panels
    ops/matrix_product/portable_gemm ops/matrix_product/product_kernels
    ops/padded_plane/phases ops/padded_plane/plane_layout ops/vector/isa ops/backend/reproducibility)
set(web_unit_minimal_filtering ops/minimal_filtering/minimal_filter
                               ops/minimal_filtering/minimal_kernels)

set(web_folder "${PROJECT_BINARY_DIR}/generated/web")

# One object of the sources of a unit. WebAssembly has no fused multiply-add, so contraction is the
# same in kernels as elsewhere. fmt is playground/wasm/include/fmt; of the headers of the system em++
# sees only nlohmann's.
function(secateur_web_object unit kind result)
  set(source "${web_folder}/${unit}.cpp")
  set(includes "")
  foreach(name IN LISTS web_unit_${unit})
    string(APPEND includes "#include \"${name}.cpp\"\n")
  endforeach()
  file(CONFIGURE OUTPUT "${source}" CONTENT "${includes}")
  set(object "${web_folder}/${unit}_${kind}.o")
  add_custom_command(OUTPUT "${object}"
    COMMAND "${SECATEUR_EMXX}" -std=c++20 ${ARGN} -ffp-contract=off -Wall -Wextra -Wno-psabi
            "-I${PROJECT_SOURCE_DIR}/playground/wasm/include" "-I${PROJECT_SOURCE_DIR}"
            "-I${web_folder}/include" -MD -MT "${object}" -MF "${object}.d" -c "${source}"
            -o "${object}"
    DEPENDS "${source}" DEPFILE "${object}.d" VERBATIM COMMENT "WebAssembly: ${unit}, ${kind}")
  set(${result} "${object}" PARENT_SCOPE)
endfunction()

function(secateur_web_module kind objects)
  set(module "${web_folder}/engine_${kind}.wasm")
  set(text "${web_folder}/engine_${kind}.txt")
  add_custom_command(OUTPUT "${text}"
    COMMAND "${SECATEUR_EMXX}" -O2 -sSTANDALONE_WASM --no-entry -sALLOW_MEMORY_GROWTH
            -sINITIAL_MEMORY=33554432 ${objects} -o "${module}"
    COMMAND sh -c "\"$1\" -w 0 \"$2\" > \"$3\"" sh "${SECATEUR_BASE64}" "${module}" "${text}"
    DEPENDS ${objects} VERBATIM COMMENT "WebAssembly: engine_${kind}")
endfunction()

function(secateur_web_assembly target)
  set(texts "${web_folder}")
  if(secateur_web)
    get_target_property(nlohmann nlohmann_json::nlohmann_json INTERFACE_INCLUDE_DIRECTORIES)
    find_path(nlohmann_headers nlohmann/json.hpp HINTS ${nlohmann} NO_CACHE REQUIRED)
    file(MAKE_DIRECTORY "${web_folder}/include")
    file(CREATE_LINK "${nlohmann_headers}/nlohmann" "${web_folder}/include/nlohmann" SYMBOLIC)
    foreach(unit IN LISTS web_plain_units)
      secateur_web_object(${unit} plain object -Os)
      list(APPEND plain "${object}")
    endforeach()
    foreach(kind IN ITEMS simd reference)
      set(objects ${plain})
      foreach(unit IN LISTS web_vector_units)
        if(kind STREQUAL "simd")
          secateur_web_object(${unit} simd object -O2 -msimd128)
        else()
          secateur_web_object(${unit} reference object -Os)
        endif()
        list(APPEND objects "${object}")
      endforeach()
      secateur_web_module(${kind} "${objects}")
    endforeach()
  else()
    set(texts "${web_folder}/none")
    file(CONFIGURE OUTPUT "${texts}/engine_simd.txt" CONTENT "")
    file(CONFIGURE OUTPUT "${texts}/engine_reference.txt" CONTENT "")
  endif()
  secateur_embed_text(${target} "${texts}/engine_simd.txt" "${texts}/engine_reference.txt")
endfunction()
