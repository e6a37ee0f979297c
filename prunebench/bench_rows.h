#pragma once
// What the laboratory has measured: one row for each network, kept in a file from which a call that
// was stopped goes on.

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "prunebench/selection.h"
#include "tensor/json_field.h"

namespace secateur {

// What is done to a network when its filters have gone.
inline constexpr const char* kRemoved = "removed";            // nothing
inline constexpr const char* kRecalibrated = "recalibrated";  // batch norms measured anew
inline constexpr const char* kRetrained = "retrained";        // trained, then measured anew

// How it came to its size.
inline constexpr const char* kOneShot = "one_shot";  // measured once, on the student
inline constexpr const char* kGradual = "gradual";   // measured again after every small cut
inline constexpr const char* kStudent = "student";   // not cut at all
inline constexpr const char* kAsRecipe =
    "recipe";  // by the threshold and order of the run's recipe

struct BenchOutcome {
  double r2 = 0;                  // with the teacher, over the run's validation images
  std::optional<double> carried;  // planted_truth.h; simulated neurons only
};

// Which network a row is about.
struct BenchKey {
  int64_t run = 0;     // place on the command line
  std::string neuron;  // label, as in the names of the run's files
  std::string criterion;
  std::string schedule;  // kOneShot, ...
  int64_t seed = 0;
  int64_t size = 0;  // place among the sizes; 0 where there is none
  friend auto operator<=>(const BenchKey&, const BenchKey&) = default;
};

struct BenchRow {
  BenchKey key;
  std::string name;    // of the neuron, for people
  std::string source;  // "simulated" or "recordings"
  int64_t wanted = 0;  // parameters
  int64_t parameters = 0;
  KeptFilters kept;                              // places in the student
  double threshold = 0;                          // of the method's rule; 0 elsewhere
  std::optional<double> matched;                 // planted_truth.h
  std::map<std::string, BenchOutcome> outcomes;  // by kRemoved, ...
  // kAsRecipe, where the run has pruned by the rule on the same images: whether its pruned network
  // has the same fingerprint (models/fingerprint.h).
  std::optional<bool> same_as_run;
};

nlohmann::json to_json(const BenchRow& row);
// Throws Error(kBadInput) that names the field for anything else.
BenchRow bench_row_of(const JsonField& field);

class BenchFile {
 public:
  // Rows of an earlier call with the same `settings` (what decides their numbers) are taken up.
  // Throws Error(kUsage) when the file belongs to other settings, which it names.
  BenchFile(std::filesystem::path file, const nlohmann::json& settings);

  const std::map<BenchKey, BenchRow>& rows() const { return rows_; }
  const BenchRow* find(const BenchKey& key) const;  // null: not measured yet
  // Writes the file as well.
  void add(const BenchRow& row);

 private:
  void write() const;

  const std::filesystem::path file_;
  const nlohmann::json settings_;
  std::map<BenchKey, BenchRow> rows_;
};

}  // namespace secateur
