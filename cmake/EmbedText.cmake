# secateur_embed_text(<target> file...): each text file as a constant of namespace secateur in that
# target, `extern const std::string_view kFileNameExt` for file_name.ext. Made again when the file
# changes, so what another command writes may be embedded too.
#
# As a script, with -DNAME=kFileNameExt -DINPUT=... -DOUTPUT=...: writes the source.
if(CMAKE_SCRIPT_MODE_FILE)
  file(READ "${INPUT}" text)
  if(text MATCHES "\\)embedded\"")
    message(FATAL_ERROR "${INPUT} holds the end mark of the literal")
  endif()
  file(WRITE "${OUTPUT}" "#include <string_view>
namespace secateur {
extern const std::string_view ${NAME};
const std::string_view ${NAME} = R\"embedded(${text})embedded\";
}  // namespace secateur
")
  return()
endif()

set(SECATEUR_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")

function(secateur_embed_text target)
  foreach(file IN LISTS ARGN)
    get_filename_component(name "${file}" NAME)
    string(REGEX MATCHALL "[a-zA-Z0-9]+" words "${name}")
    set(constant k)
    foreach(word IN LISTS words)
      string(SUBSTRING "${word}" 0 1 first)
      string(SUBSTRING "${word}" 1 -1 rest)
      string(TOUPPER "${first}" first)
      string(APPEND constant "${first}${rest}")
    endforeach()
    set(source "${PROJECT_BINARY_DIR}/generated/embedded/${target}/${name}.cpp")
    add_custom_command(OUTPUT "${source}"
      COMMAND "${CMAKE_COMMAND}" "-DNAME=${constant}" "-DINPUT=${file}" "-DOUTPUT=${source}" -P
              "${SECATEUR_EMBED_SCRIPT}"
      DEPENDS "${file}" "${SECATEUR_EMBED_SCRIPT}" VERBATIM COMMENT "")
    set_source_files_properties("${source}" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON
                                SKIP_PRECOMPILE_HEADERS ON)
    target_sources(${target} PRIVATE "${source}")
  endforeach()
endfunction()
