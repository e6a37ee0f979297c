// The files that the page is made from, held against lineage.json.

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "report/evidence/gather.h"
#include "report/markup.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

using nlohmann::json;

bool is_read_by_the_page(std::string_view name) {
  constexpr std::array files = {"results.json", "ledger.jsonl", "metrics.jsonl", "config.toml"};
  return std::ranges::find(files, name) != files.end() || name.starts_with("models/") ||
         name.starts_with("predictions/");
}

}  // namespace

void compare_digests(RunRecord& run) {
  const json& subjects = at_or_null(run.lineage, "subject");
  if (!subjects.is_array()) return;
  for (const json& subject : subjects) {
    const json& name = at_or_null(subject, "name");
    const json& digest = at_or_null(at_or_null(subject, "digest"), "sha256");
    if (!name.is_string() || !is_read_by_the_page(name.get<std::string>())) continue;
    const auto file = name.get<std::string>();
    if (file.find("..") != std::string::npos) continue;  // of the run, and of no other folder
    const std::filesystem::path path = run.root / file;
    const bool same =
        std::filesystem::is_regular_file(path) && digest == json(sha256_of_file(path));
    (same ? run.as_recorded : run.not_as_recorded).push_back(file);
  }
}

}  // namespace secateur
