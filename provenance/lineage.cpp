#include "provenance/lineage.h"

#include <algorithm>
#include <map>

#include "formats/atomic_file.h"
#include "formats/byte_reader.h"
#include "formats/input_file.h"
#include "tensor/error.h"
#include "tensor/json_field.h"
#include "tensor/json_text.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr size_t kLongestName = 1024;
constexpr int64_t kLineageCap = int64_t{1} << 28;

json to_json(const std::vector<FileDigest>& files) {
  json list = json::array();
  for (const FileDigest& file : files) {
    list.push_back({{"name", file.name}, {"digest", {{"sha256", file.sha256}}}});
  }
  return list;
}

// A file below the run, named without a way out of it; or a name that is no path.
bool stays_inside(const std::string& name) {
  const std::filesystem::path path(name);
  const bool printable = std::all_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  });
  constexpr size_t kLongestPart = 255;  // of a path, as file systems have it
  return !name.empty() && name.size() <= kLongestName && printable && path.is_relative() &&
         std::find(path.begin(), path.end(), "..") == path.end() &&
         std::all_of(path.begin(), path.end(), [](const std::filesystem::path& part) {
           return part.native().size() <= kLongestPart;
         });
}

bool is_sha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::vector<FileDigest> digests_of(const JsonField& list) {
  std::vector<FileDigest> files;
  for (const JsonField& entry : list.elements()) {
    const JsonField name = entry.at("name");
    const JsonField digest = entry.at("digest").at("sha256");
    files.push_back({name.text(), digest.text()});
    if (!stays_inside(files.back().name)) name.refuse("the name of a file in the run");
    if (!is_sha256(files.back().sha256)) {
      digest.refuse(fmt::format("a SHA-256 of {}", printable(files.back().name)));
    }
  }
  return files;
}

void expect_text(const JsonField& field, std::string_view wanted) {
  if (field.text() != wanted) field.refuse(fmt::format("'{}'", wanted));
}

bool same_stage(const StageRecord& a, const StageRecord& b) {
  return a.stage == b.stage && a.neuron == b.neuron;
}

}  // namespace

std::string name_of(const StageRecord& record) {
  return record.neuron.empty() ? record.stage : record.stage + " of " + record.neuron;
}

json to_json(const Lineage& lineage) {
  json stages = json::array();
  for (const StageRecord& stage : lineage.stages) {
    stages.push_back({{"stage", stage.stage},
                      {"neuron", stage.neuron},
                      {"reads", to_json(stage.reads)},
                      {"makes", to_json(stage.makes)},
                      {"machine", stage.machine}});
  }
  return {{"_type", kStatementType},
          {"subject", to_json(lineage.subject)},
          {"predicateType", kLineageType},
          {"predicate",
           {{"code", lineage.code},
            {"recipe", lineage.recipe},
            {"promises", lineage.promises},
            {"stages", stages}}}};
}

Lineage lineage_of(const json& statement, const std::string& file) {
  const JsonField whole(statement, "lineage", file);
  expect_text(whole.at("_type"), kStatementType);
  expect_text(whole.at("predicateType"), kLineageType);
  const JsonField predicate = whole.at("predicate");
  Lineage lineage{.recipe = predicate.at("recipe").object(),
                  .code = predicate.at("code").object(),
                  .promises = predicate.at("promises").object(),
                  .stages = {},
                  .subject = digests_of(whole.at("subject"))};
  for (const JsonField& stage : predicate.at("stages").elements()) {
    lineage.stages.push_back({.stage = stage.at("stage").name(),
                              .neuron = stage.at("neuron").name(),
                              .reads = digests_of(stage.at("reads")),
                              .makes = digests_of(stage.at("makes")),
                              .machine = stage.at("machine").object()});
  }
  return lineage;
}

Lineage read_lineage(const std::filesystem::path& path) {
  return lineage_of(parse_json(read_file(path, kLineageCap), path.string()), path.string());
}

void write_lineage(const std::filesystem::path& path, const Lineage& lineage) {
  write_file_atomically(path, to_json(lineage).dump(1) + "\n");
}

void put_stage(Lineage& lineage, const StageRecord& record) {
  const auto old = std::find_if(lineage.stages.begin(), lineage.stages.end(),
                                [&](const StageRecord& s) { return same_stage(s, record); });
  if (old == lineage.stages.end()) {
    lineage.stages.push_back(record);
  } else if (old->reads != record.reads || old->makes != record.makes) {
    *old = record;
  }
}

std::vector<std::string> broken_links(const Lineage& lineage) {
  std::vector<std::string> broken;
  std::map<std::string, const StageRecord*> maker;
  std::map<std::string, std::string> made;
  for (const StageRecord& stage : lineage.stages) {
    for (const FileDigest& file : stage.reads) {
      if (file.name.starts_with(kInputPrefix)) continue;
      const auto found = made.find(file.name);
      if (found == made.end()) {
        broken.push_back(
            fmt::format("{} read {}, which no stage before it made", name_of(stage), file.name));
      } else if (found->second != file.sha256) {
        broken.push_back(fmt::format("{} read another {} than {} made", name_of(stage), file.name,
                                     name_of(*maker[file.name])));
      }
    }
    for (const FileDigest& file : stage.makes) {
      made[file.name] = file.sha256;
      maker[file.name] = &stage;
    }
  }
  return broken;
}

}  // namespace secateur
