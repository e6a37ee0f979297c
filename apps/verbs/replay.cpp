#include "apps/verbs/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "apps/exit_code.h"
#include "apps/output_file.h"
#include "chain/ledger_file.h"
#include "data/image_batches.h"
#include "data/image_source.h"
#include "model_files/model_files.h"
#include "pruning/explain.h"
#include "pruning/replay.h"
#include "pruning/ulp.h"
#include "tensor/error.h"
#include "tensor/printable.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr int64_t kNoiseImages = 16;
constexpr int64_t kImages = 300;
constexpr int64_t kBatch = 32;
constexpr double kNoiseSpread = 50;  // grey levels around the channel means
constexpr uint64_t kNoiseSeed = 1;
constexpr double kSmallResponse = 0.01;  // of the largest

// The neuron asked for; else the only one, or the one that the student's file is named for.
const NeuronLedger& choose(const std::vector<NeuronLedger>& neurons, const std::string& student,
                           const ReplayOptions& options) {
  std::vector<std::string> labels;
  for (const NeuronLedger& one : neurons) labels.push_back(one.neuron);
  std::string wanted = options.neuron;
  if (wanted.empty() && neurons.size() == 1) return neurons.front();
  const std::string stem = std::filesystem::path(student).stem().string();
  constexpr std::string_view kEnd = "_student";
  if (wanted.empty() && stem.ends_with(kEnd)) wanted = stem.substr(0, stem.size() - kEnd.size());
  for (const std::string& label : labels) {
    if (!wanted.empty() || !stem.starts_with(label + "_")) continue;
    throw Error(ErrorKind::kUsage,
                fmt::format("wanted a student, for example {}{}.safetensors, got {}", label, kEnd,
                            printable(student)));
  }
  const auto found = std::find(labels.begin(), labels.end(), wanted);
  if (found == labels.end()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} holds the neurons {}: say which with --neuron{}", options.ledger,
                            fmt::join(labels, ", "),
                            wanted.empty() ? "" : fmt::format(", '{}' is not among them", wanted)));
  }
  return neurons[static_cast<size_t>(found - labels.begin())];
}

// What the two networks are compared on: the user's images, else noise.
struct Compared {
  ImageVisitor visit;
  std::string what;
};

void visit_noise(const InputSpec& in, int64_t count, const ImageBody& body) {
  Rng rng(kNoiseSeed, "replay/noise");
  for (int64_t first = 0; first < count; first += kBatch) {
    Tensor noise(Shape{std::min(kBatch, count - first), in.channels, in.height, in.width});
    for (float& v : noise.values()) v = static_cast<float>(kNoiseSpread * rng.normal());
    body(noise, first);
  }
}

Compared compared_images(const std::string& student, const InputSpec& in,
                         const ReplayOptions& options) {
  if (options.images.empty()) {
    const int64_t count = options.count > 0 ? options.count : kNoiseImages;
    return {{count, [in, count](const ImageBody& body) { visit_noise(in, count, body); }},
            fmt::format("{} images of seeded noise", count)};
  }
  const ImageSourcePtr all = open_images(options.images);
  require(all->height() == in.height && all->width() == in.width, "replay",
          "{} reads images of {} x {}, those of {} have {} x {}", student, in.height, in.width,
          options.images, all->height(), all->width());
  const ImageSourcePtr images =
      image_range(all, 0, std::min(options.count > 0 ? options.count : kImages, all->count()));
  return {{images->count(),
           [images, mean = in.mean](const ImageBody& body) {
             for_each_image_batch(*images, mean, kBatch, body);
           }},
          fmt::format("{} images of {}", images->count(), options.images)};
}

json ulp_json(const MaskedComparison& c, const std::string& images) {
  json operations = json::array();
  for (const OperationDistance& operation : c.operations) {
    operations.push_back({{"operation", operation.operation},
                          {"outputs", operation.outputs},
                          {"differ", operation.differ},
                          {"largest_ulp", operation.largest}});
  }
  return {{"images", images},         {"responses", c.responses},
          {"largest_ulp", c.largest}, {"median_ulp", c.median},
          {"at_response", c.at},      {"largest_response", c.largest_response},
          {"relative", c.relative},   {"first", c.first.empty() ? json(nullptr) : json(c.first)},
          {"reason", c.reason},       {"operations", operations}};
}

void print_comparison(FILE* text, const MaskedComparison& c, const std::string& images) {
  fmt::print(
      text,
      "rebuilt against masked, {} responses to {}: {} ULP at most, {:g} in the median; at most "
      "{:.2g} "
      "of the largest response\n",
      c.responses, images, c.largest, c.median, c.relative);
  if (c.largest > 0) {
    fmt::print(text, "furthest apart: a response of {:.3g}, the largest being {:.3g}{}\n", c.at,
               c.largest_response,
               std::abs(c.at) < kSmallResponse * c.largest_response
                   ? "; so near 0 the floats are dense, and rounding is many ULP"
                   : "");
  }
  if (!c.first.empty()) fmt::print(text, "first difference: {}\n", c.first);
  fmt::print(text, "why: {}\n", c.reason);
}

struct Counts {
  int64_t before, after;
};

Counts parameter_counts(const Model& student, const Model& pruned) {
  return {count_parameters(student.architecture()).total,
          count_parameters(pruned.architecture()).total};
}

void print_layers(FILE* text, const Model& student, const Model& pruned, const ReplayPlan& plan) {
  for (size_t i = 0; i < plan.kept.size(); ++i) {
    const Block& block = student.architecture().blocks[i];
    fmt::print(text, "{:<12} {:>4} of {:>4} filters stay\n", block.name, plan.kept[i].size(),
               block.filters);
  }
  const Counts counts = parameter_counts(student, pruned);
  fmt::print(text, "{:<12} {} of {}\n", "parameters", counts.after, counts.before);
  for (const FilterName& name : plan.restored) fmt::print(text, "put back: {}\n", text_of(name));
}

// Nothing for the usual ledger, which carries the fingerprint.
void print_identity(FILE* text, StudentIdentity::Kind identified, const std::string& student,
                    const std::string& ledger) {
  if (identified == StudentIdentity::Kind::kChecksum) {
    fmt::print(text, "{} carries no fingerprint, but a check sum of the weights of {}\n", ledger,
               student);
  } else if (identified == StudentIdentity::Kind::kNone) {
    fmt::print(text,
               "{} carries no fingerprint of its student: filters and parameters agree with {}\n",
               ledger, student);
  }
}

std::string kind_of_model(const ReplayPlan& plan) {
  if (plan.cuts) {
    return "the structure of the pruned model with the values of the student: the run tuned the "
           "network between its cuts, which no ledger holds";
  }
  return plan.restored.empty()
             ? "the student without what the ledger removes; it was not compared with the pruned "
               "model of the run (secateur inspect A B)"
             : "the student without what the ledger removes, but for what was put back";
}

json summary(const std::string& out, const Model& student, const Model& pruned,
             const ReplayPlan& plan) {
  json restored = json::array();
  for (const FilterName& name : plan.restored) restored.push_back(text_of(name));
  const Counts counts = parameter_counts(student, pruned);
  return {{"out", out},
          {"filters_before", filter_counts(student.architecture())},
          {"filters", filter_counts(pruned.architecture())},
          {"parameters_before", counts.before},
          {"parameters", counts.after},
          {"restored", restored},
          {"structure_only", plan.cuts},
          {"student_identified", plan.identified != StudentIdentity::Kind::kNone}};
}

// The decisions alone; nothing is compared or written.
int explain_ledger(const Model& student, const Model& pruned,
                   const std::vector<LedgerEntry>& ledger, const ReplayPlan& plan,
                   const CommonOptions& common) {
  const std::string story = explain(student.architecture(), ledger, plan);
  fmt::print(common.text(), "{}\n", story);
  print_layers(common.text(), student, pruned, plan);
  json result = summary("", student, pruned, plan);
  result["explanation"] = story;
  common.answer(result);
  return kExitDone;
}

}  // namespace

void add_replay_options(CLI::App& verb, ReplayOptions& options) {
  verb.add_option("--replay", options.ledger,
                  "ledger of a run: rebuild the pruned model from the student, a model file in the "
                  "place of the recipe, and write it to --out");
  verb.add_option("--neuron", options.neuron, "with --replay: which neuron of the ledger");
  verb.add_option("--restore", options.restore,
                  "with --replay: filters to put back, such as layer3/17, by their numbers in the "
                  "student");
  verb.add_option("--floor", options.floor, "with --replay: filters that must stay in every layer")
      ->check(CLI::Range(1, 1 << 20));
  verb.add_option("--images", options.images,
                  "with --replay: images to compare the rebuilt with the masked network on "
                  "(default: seeded noise)");
  verb.add_option("--count", options.count,
                  "with --replay: how many images (default: 16 of noise, or the first 300)")
      ->check(CLI::Range(1, 10000));
  verb.add_flag(
      "--explain", options.explain,
      "tell how every filter was judged, from the ledger; without --replay from that of the run "
      "that the student lies in");
}

void refuse_without_replay(const CLI::App& verb, const std::string& student) {
  if (verb.count("--explain") > 0 && std::filesystem::is_regular_file(student)) {
    read_model(student);  // says why it is none
    fail(ErrorKind::kUsage, "replay",
         "there is no ledger.jsonl in the run that {} would lie in; --replay LEDGER names one",
         student);
  }
  for (const char* name :
       {"--neuron", "--restore", "--floor", "--images", "--count", "--explain"}) {
    if (verb.count(name) > 0) {
      throw Error(ErrorKind::kUsage, fmt::format("{} wants --replay LEDGER", name));
    }
  }
}

std::string ledger_beside(const std::string& student) {
  const std::filesystem::path file(student);
  const std::filesystem::path ledger = file.parent_path() / ".." / "ledger.jsonl";
  const bool model = file.extension() == ".safetensors" || file.extension() == ".secateur";
  return model && std::filesystem::exists(ledger) ? ledger.lexically_normal().string() : "";
}

int replay_file(const std::string& student_file, const std::string& out,
                const ReplayOptions& options, const CommonOptions& common) {
  std::error_code unknown;  // of files that are not there, which others refuse
  if (std::filesystem::equivalent(student_file, out, unknown)) {
    throw Error(ErrorKind::kUsage, fmt::format("--out {} would overwrite the student", out));
  }
  if (out.empty() && !options.explain) {
    throw Error(ErrorKind::kUsage, "wanted --out FILE to write the pruned model to, or --explain");
  }
  require_writable(out, "--out");
  const Model student = read_model(student_file);
  const std::vector<NeuronLedger> neurons = read_ledger(options.ledger);
  const std::vector<LedgerEntry>& ledger = choose(neurons, student_file, options).entries;
  ReplayPlan plan = plan_replay(student, ledger, options.ledger, options.floor);
  for (const std::string& name : options.restore) {
    restore(plan, student.architecture(), filter_name_of(name));
  }
  const Model pruned = replay(student, plan);
  if (out.empty()) return explain_ledger(student, pruned, ledger, plan, common);
  const Compared images = compared_images(student_file, student.architecture().input, options);
  const MaskedComparison compared =
      compare_with_masked(student, plan.kept, images.visit, *common.terminal);
  write_model(out, pruned);
  FILE* const text = common.text();
  if (options.explain) fmt::print(text, "{}\n", explain(student.architecture(), ledger, plan));
  print_layers(text, student, pruned, plan);
  print_comparison(text, compared, images.what);
  print_identity(text, plan.identified, student_file, options.ledger);
  fmt::print(text, "{}: {}\n", out, kind_of_model(plan));
  if (common.json) {
    json result = summary(out, student, pruned, plan);
    result["masked"] = ulp_json(compared, images.what);
    common.answer(result);
  }
  return kExitDone;
}

}  // namespace secateur
