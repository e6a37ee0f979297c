#pragma once
// lineage.json: what made a run, stage by stage, as one in-toto Statement (in-toto Attestation
// Framework, Statement v1), so that other tools can read and sign it.
//
//   subject    the files a run leaves, each with its SHA-256
//   predicate  code, recipe, machine and promises, and for every stage the files it read and made
//
// Files of the run go by their names relative to it; what comes from outside begins with "input:".
// Nothing in it depends on the clock.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace secateur {

inline constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
inline constexpr std::string_view kInputPrefix = "input:";
inline constexpr std::string_view kLineageType = "urn:secateur:lineage:1";

struct FileDigest {
  std::string name;
  std::string sha256;  // 64 lower-case hexadecimal digits
  friend bool operator==(const FileDigest&, const FileDigest&) = default;
};

struct StageRecord {
  std::string stage;   // "labels", "distill", ...
  std::string neuron;  // label; empty for what all neurons share
  std::vector<FileDigest> reads;
  std::vector<FileDigest> makes;
  nlohmann::json machine = nlohmann::json::object();  // where this stage was made
  friend bool operator==(const StageRecord&, const StageRecord&) = default;
};

std::string name_of(const StageRecord& record);  // "labels", "distill of 201025_neuron2"

struct Lineage {
  nlohmann::json recipe = nlohmann::json::object();  // every setting by its key
  nlohmann::json code = nlohmann::json::object();
  nlohmann::json promises = nlohmann::json::object();  // about bits: name, words
  std::vector<StageRecord> stages;                     // in the order they were made
  std::vector<FileDigest> subject;                     // empty until the run is done
};

nlohmann::json to_json(const Lineage& lineage);
// Throws Error(kBadInput) naming `file` for anything that is no such statement.
Lineage lineage_of(const nlohmann::json& statement, const std::string& file);

Lineage read_lineage(const std::filesystem::path& path);
void write_lineage(const std::filesystem::path& path, const Lineage& lineage);

// Replaces the record of the same stage and neuron, or adds it at the end. A record that differs
// from the old one in nothing but the machine leaves the old one.
void put_stage(Lineage& lineage, const StageRecord& record);

// One sentence for every file that a stage read from the run although no stage before it made it,
// or with another content than it was made with.
std::vector<std::string> broken_links(const Lineage& lineage);

}  // namespace secateur
