#include "audit/input_check.h"

#include <algorithm>
#include <map>
#include <set>

#include "audit/stage_check.h"
#include "chain/input_files.h"
#include "chain/lineage_log.h"
#include "chain/settings.h"
#include "formats/input_file.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using Digests = std::map<std::string, std::string>;  // by name

Digests inputs_read(const Lineage& lineage) {
  Digests read;
  for (const StageRecord& stage : lineage.stages) {
    for (const FileDigest& file : stage.reads) {
      if (file.name.starts_with(kInputPrefix))
        read[file.name.substr(kInputPrefix.size())] = file.sha256;
    }
  }
  return read;
}

Finding differs(std::string sentence) {
  return {"inputs", FindingState::kDiffers, std::move(sentence)};
}

std::string place_of(const std::string& input) { return input.substr(0, input.find('/')); }

std::vector<std::string> places_named(const Recipe& places) {
  return missing_places(with_places(places, {}), places);
}

struct InputsHere {
  std::vector<ManifestFile> files;
  std::map<std::string, std::string> unreadable;  // places, and why
};

// One wrong place keeps no other from being compared.
InputsHere inputs_here(const Recipe& places, const std::vector<NeuronTarget>& neurons) {
  try {
    return {.files = input_files(places, neurons), .unreadable = {}};
  } catch (const Error&) {
    // Looked at one by one below.
  }
  InputsHere here;
  std::set<std::string> names;
  for (const std::string& place : places_named(places)) {
    try {
      for (ManifestFile& file : input_files(with_places(places, {place}), neurons)) {
        if (names.insert(file.name).second) here.files.push_back(std::move(file));
      }
    } catch (const Error& error) {
      here.unreadable[place] = error.what();
    }
  }
  return here;
}

// Tables beside the responses of a session (split.csv, images.csv, neurons.csv) say what may fit:
// one that came since makes another run, whatever the others' digests are.
void check_tables(const Digests& read, const InputsHere& here, Findings& findings) {
  for (const ManifestFile& file : here.files) {
    if (place_of(file.name) != "recordings" || read.contains(file.name)) continue;
    findings.push_back(
        differs(fmt::format("{} is there, and the run did not read it", file.path.string())));
  }
}

void check_digests(const Digests& read, const std::vector<ManifestFile>& here,
                   const std::string& kept, const std::string& now, Findings& findings) {
  for (const ManifestFile& file : here) {
    const std::string digest = digest_in_list(now, file.name);
    if (digest == read.at(file.name)) continue;
    const std::vector<std::string> changed = changed_in_lists(kept, now, file.name);
    findings.push_back(differs(
        fmt::format("{} is not the {} that the run read: {}", file.path.string(), file.name,
                    file.name.ends_with('/') && !changed.empty()
                        ? some_of(changed)
                        : fmt::format("its SHA-256 is {}, not {}", digest, read.at(file.name)))));
  }
}

// The list without the files that it is about: against what the stages read.
void check_list(const Digests& read, const std::string& kept, Findings& findings) {
  std::vector<std::string> other;
  std::vector<ManifestFile> known;
  for (const auto& [name, digest] : read) {
    known.push_back({name, {}});
    if (digest_in_list(kept, name) != digest) other.push_back(name);
  }
  if (!other.empty()) {
    findings.push_back(differs(
        fmt::format("{}: it does not say what the run read of {}", kInputList, some_of(other))));
  }
  if (const auto gone = gone_from_list(kept, known); !gone.empty()) {
    findings.push_back(
        differs(fmt::format("{}: the run did not read {}", kInputList, some_of(gone))));
  }
}

std::string line_at(const std::string& text, size_t place) {
  if (place >= text.size()) return "the end";
  const size_t begin = place == 0 ? 0 : text.rfind('\n', place - 1) + 1;
  return printable(text.substr(begin, text.find('\n', begin) - begin));
}

// Byte by byte against the one that its inputs make.
void check_whole_list(const std::string& kept, const std::string& now, Findings& findings) {
  if (kept == now) return;
  const auto [here, there] = std::mismatch(kept.begin(), kept.end(), now.begin(), now.end());
  const auto place = static_cast<size_t>(here - kept.begin());
  findings.push_back(differs(fmt::format("{}: line {} is {}, its inputs make it {}", kInputList,
                                         std::count(kept.begin(), here, '\n') + 1,
                                         line_at(kept, place), line_at(now, place))));
}

// What the run read and is not here; from a place that is named it is missing.
Findings check_absent(const Recipe& places, const Digests& read, const InputsHere& here,
                      const std::set<std::string>& there) {
  Findings findings;
  for (const auto& [place, why] : here.unreadable) findings.push_back(differs(why));
  const std::vector<std::string> named = places_named(places);
  std::map<std::string, std::vector<std::string>> missing;
  std::vector<std::string> absent;
  for (const auto& [name, digest] : read) {
    const std::string place = place_of(name);
    if (there.contains(name) || here.unreadable.contains(place)) continue;
    const bool wanted = std::ranges::count(named, place) > 0;
    (wanted ? missing[place] : absent).push_back(name);
  }
  for (const auto& [place, names] : missing) {
    findings.push_back(
        differs(fmt::format("{}, which the run read, {} not where {}= says", some_of(names),
                            names.size() == 1 ? "is" : "are", place)));
  }
  if (!absent.empty()) {
    findings.push_back({"inputs", FindingState::kNotChecked,
                        fmt::format("{}: not in the places that the command line names "
                                    "(--trust-config reads those of config.toml)",
                                    some_of(absent))});
  }
  return findings;
}

}  // namespace

Findings check_inputs(const Recipe& places, const Lineage& lineage, const RunDirectory& run) {
  const Digests read = inputs_read(lineage);
  if (read.empty()) return {{"inputs", FindingState::kSame, "the run reads none"}};
  const std::string kept = read_file(run.file(kInputList), kInputListCap);
  InputsHere here = inputs_here(places, neurons_of(places, lineage));
  Findings findings;
  check_tables(read, here, findings);
  std::erase_if(here.files, [&](const ManifestFile& file) { return !read.contains(file.name); });
  const std::string now = list_of_inputs(here.files);
  check_digests(read, here.files, kept, now, findings);
  check_list(read, kept, findings);
  std::set<std::string> there;
  for (const ManifestFile& file : here.files) there.insert(file.name);
  const bool all = there.size() == read.size();
  if (all && findings.empty()) check_whole_list(kept, now, findings);
  if (findings.empty() && !there.empty()) {
    findings.push_back(
        {"inputs", FindingState::kSame,
         fmt::format("{} as recorded{}", there.size(),
                     all ? fmt::format(", and in {} line by line", kInputList) : std::string())});
  }
  for (Finding& finding : check_absent(places, read, here, there)) {
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace secateur
