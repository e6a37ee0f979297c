#include "apps/verbs/interpret/kept_result.h"

#include "data/image_numbering.h"
#include "formats/atomic_file.h"
#include "formats/byte_reader.h"
#include "tensor/error.h"
#include "tensor/json_text.h"
#include "tensor/printable.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int64_t kAnswerCap = int64_t{1} << 26;

// Names of files need not be UTF-8, which JSON is.
std::string kept_text(const json& result, int indent) {
  return result.dump(indent, ' ', false, json::error_handler_t::replace);
}

// Of what a result says besides its own digest.
std::string digest_of(json result) {
  result.erase("digest");
  return sha256_of(kept_text(result, -1));
}

// The files of the result in `answer`, each with its digest: those that begin as it does and end
// so, or, without ends, all of the folder but answers.
json digests_beside(const fs::path& answer, const std::vector<std::string>& ends) {
  json digests = json::object();
  for (const std::string& end : ends) {
    const std::string name = answer.stem().string() + end;
    digests[name] = sha256_of_file(answer.parent_path() / name);
  }
  if (!ends.empty()) return digests;
  for (const auto& entry : fs::directory_iterator(answer.parent_path())) {
    const fs::path& path = entry.path();
    if (!entry.is_regular_file() || path.extension() == ".json") continue;
    if (is_temporary_name(path.filename().string())) continue;
    digests[path.filename().string()] = sha256_of_file(path);
  }
  return digests;
}

// Whether the result and its files are as they were written.
bool is_whole(const json& result, const fs::path& folder) {
  if (!result.contains("files") || !result["files"].is_object()) return false;
  if (!result.contains("digest") || result["digest"] != digest_of(result)) return false;
  for (const auto& [name, digest] : result["files"].items()) {
    const fs::path path = folder / name;
    if (!fs::is_regular_file(path) || digest != sha256_of_file(path)) return false;
  }
  return true;
}

// The result of an earlier call, or null where there is none or it is not whole any more.
json result_before(const fs::path& file, const json& from) {
  if (!fs::exists(file)) return nullptr;
  const json before = parse_json(read_file(file, kAnswerCap), file.string());
  if (!before.is_object() || !before.contains("made_from") || before["made_from"] != from) {
    fail(ErrorKind::kUsage, "interpret",
         "{} holds what another model, other settings or other images gave; wanted another --out",
         printable(file.lexically_normal().string()));
  }
  return is_whole(before, file.parent_path()) ? before : json();
}

}  // namespace

KeptResult find_or_make(const fs::path& answer, const std::vector<std::string>& ends,
                        const json& from, const std::function<json()>& make) {
  json result = result_before(answer, from);
  if (!result.is_null()) return {std::move(result), true};
  fs::create_directories(answer.parent_path());
  { const AtomicFile probe(answer); }  // refused before the work, not after it
  result = make();
  result["made_from"] = from;
  result["files"] = digests_beside(answer, ends);
  result["digest"] = digest_of(result);
  write_file_atomically(answer, kept_text(result, 2) + "\n");
  return {std::move(result), false};
}

}  // namespace secateur
