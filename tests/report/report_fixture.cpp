#include "tests/report/report_fixture.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "compression/compact_file.h"
#include "compression/search.h"
#include "formats/atomic_file.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

std::string label_of(size_t neuron) { return fmt::format("neuron{}", neuron); }

json interval(double at, double half) { return {{"low", at - half}, {"high", at + half}}; }

// `r2` is the noise-corrected accuracy.
json stage(double r2, double ceiling, bool repeats, int64_t parameters, int64_t bytes,
           const std::vector<int64_t>& filters, double with_teacher) {
  json s = {{"r2_raw", r2 * ceiling},
            {"r2_er", nullptr},
            {"r2_ceiled", nullptr},
            {"feve", nullptr},
            {"cc_norm", nullptr},
            {"snr", nullptr},
            {"noise_ceiling", nullptr},
            {"images", 500},
            {"images_repeated", repeats ? 500 : 0},
            {"median_repeats", repeats ? 12 : 0},
            {"r2_teacher", with_teacher},
            {"parameters", parameters}};
  json intervals = {{"r2_raw", interval(r2 * ceiling, 0.05)},
                    {"r2_er", nullptr},
                    {"r2_ceiled", nullptr},
                    {"feve", nullptr},
                    {"cc_norm", nullptr},
                    {"snr", nullptr}};
  if (repeats) {
    s["r2_er"] = r2;
    s["r2_ceiled"] = r2 + 0.01;
    s["feve"] = r2 - 0.02;
    s["cc_norm"] = std::sqrt(r2);
    s["snr"] = 0.71;
    s["noise_ceiling"] = ceiling;
    for (const char* key : {"r2_er", "r2_ceiled", "feve", "cc_norm"}) {
      intervals[key] = interval(s[key].get<double>(), 0.06);
    }
  }
  s["intervals"] = intervals;
  if (bytes > 0) s["bytes"] = bytes;
  if (!filters.empty()) s["filters"] = filters;
  return s;
}

json recovery_of(const std::string& name) {
  const auto part = [](const char* label, int sign, double cosine, bool found) -> json {
    return {{"label", label},
            {"sign", sign},
            {"cosine", cosine},
            {"cosine_chance", 0.58},
            {"layer", "layer1"},
            {"filter", 3},
            {"ablation_change", sign * 0.41},
            {"ablation_correlation", sign * (found ? 0.52 : 0.03)},
            {"sign_agrees", found},
            {"found", found}};
  };
  return {{"parts",
           {part("corner upper left", 1, 0.81, true), part("corner lower right", 1, 0.78, true),
            part("large vertical edge", -1, 0.49, false)}},
          {"found_excitatory", 2},
          {"planted_excitatory", 2},
          {"found_inhibitory", 0},
          {"planted_inhibitory", 1},
          {"filters_kept", 23},
          {"filters_before", 120},
          {"filters_compared", 6},
          {"filters_without_part", 2},
          {"sentence", name + ": 2 of 2 excitatory and 0 of 1 inhibitory part found; 23 of 120 "
                              "filters kept; 41x fewer parameters than the student"}};
}

json neuron_json(const ReportFixture& fixture, size_t i) {
  Rng rng(4, "test/report", i);
  const double ceiling = rng.uniform(0.6, 0.9);
  const double teacher = rng.uniform(0.6, 0.92);
  const bool known = fixture.repeats;
  const int64_t last = 2 + rng.below(7);
  json stages;
  stages["teacher"] = stage(teacher, ceiling, known, 1234567, 0, {}, 1);
  stages["student"] =
      stage(teacher - 0.02, ceiling, known, 7225, 31337, {24, 24, 24, 24, 24}, 0.97);
  stages["pruned"] = stage(teacher - 0.1, ceiling, known, 1100, 6024, {6, 5, 5, 4, last}, 0.85);
  stages["retrained"] =
      stage(teacher - 0.035, ceiling, known, 1100, 6024, {6, 5, 5, 4, last}, 0.945);
  stages["compact"] = stage(teacher - 0.04, ceiling, known, 1090, 911, {6, 5, 5, 4, last}, 0.9375);
  if (fixture.published) {
    stages["published"] = stage(teacher - 0.06, ceiling, known, 9000, 90000, {9, 9, 9, 9, 9}, 0.9);
  }
  json neuron = {{"name", fixture.names[i]},
                 {"label", label_of(i)},
                 {"neuron", i},
                 {"noise_ceiling", stages["teacher"]["noise_ceiling"]},
                 {"snr", stages["teacher"]["snr"]},
                 {"stages", stages}};
  if (fixture.recovery) neuron["recovery"] = recovery_of(fixture.names[i]);
  return neuron;
}

// The first neuron's numbers stand for the medians: the page does not compute them.
json medians_of(const json& neuron) {
  json result;
  for (const auto& [name, numbers] : neuron["stages"].items()) {
    for (const auto& [key, value] : numbers.items()) {
      if (value.is_number()) result[name][key] = value;
    }
  }
  return result;
}

std::string curve_lines(size_t neuron) {
  std::string lines;
  const auto add = [&](const std::string& name, int64_t images, double r2) {
    const json row = {
        {"stage", name},  {"neuron", label_of(neuron)}, {"step", images / 64}, {"images", images},
        {"loss", 1 - r2}, {"learning_rate", 1e-3},      {"r2_validation", r2}};
    lines += row.dump() + "\n";
  };
  const double best = 0.9 + 0.01 * static_cast<double>(neuron % 7);
  for (int64_t k = 1; k <= 4 * 4; ++k) add("distill", 2000 * k, best * (1 - std::exp(-k / 3.0)));
  for (int64_t k = 1; k <= 12; ++k) {
    add("retrain", 2000 * k, best * (0.97 - 0.2 * std::exp(-k / 2.0)));
  }
  return lines;
}

// Of one layer of four filters, of which three went.
std::string ledger_lines(size_t neuron, bool cuts) {
  std::string lines;
  for (int k = 0; k < (cuts ? 3 : 4); ++k) {
    const bool removed = k < 3;
    json line = {{"neuron", label_of(neuron)},
                 {"layer", "layer1"},
                 {"filter", 20 - k},
                 {"rank", k},
                 {"score", 0.5 + k},
                 {"decision", removed ? "removed" : "kept"},
                 {"reason", removed ? "it went" : "it stayed"}};
    if (cuts) {
      line["cut"] = 1;
      line["cost"] = 10;
      line["parameters_before"] = 7225 - 100 * k;
      line["parameters_after"] = 7125 - 100 * k;
    } else {
      line["threshold"] = 0.9;
      line["kept_before"] = 1 - 0.03125 * k;
      line["kept_after"] = removed ? 0.96875 - 0.03125 * k : 0.75;
    }
    lines += line.dump() + "\n";
  }
  return lines;
}

CompactModel compact_model(size_t neuron) {
  const Model model(student_architecture({6, 5, 5, 4, 3}, {.height = 16, .width = 16}), neuron);
  Tensor images({8, 3, 16, 16});
  Rng rng(4, "test/images");
  for (float& v : images.values()) v = static_cast<float>(50 * rng.normal());
  Observer nobody;
  return compress(model, {images}, {.max_loss = 0.9, .gradient_images = 8, .most_trials = 2},
                  nobody)
      .compact;
}

}  // namespace

void write_report_fixture(const fs::path& root, const ReportFixture& fixture) {
  fs::create_directories(root / "models");
  json neurons = json::array();
  std::string curves;
  std::string ledger;
  std::vector<CompactModel> models;
  json seconds = json::object();
  for (size_t i = 0; i < fixture.names.size(); ++i) {
    neurons.push_back(neuron_json(fixture, i));
    if (fixture.extras) {
      neurons.back()["cuts"] = {{{"cut", 1},
                                 {"parameters", 34567},
                                 {"filters", {9, 8, 7, 6, 5}},
                                 {"images", 640},
                                 {"r2_validation", 0.8125}}};
      seconds[label_of(i)] = 90;
    }
    curves += curve_lines(i);
    ledger += ledger_lines(i, fixture.cuts);
    if (!fixture.extras) continue;
    // A few models are enough for any number of neurons.
    if (models.size() <= i && i < 4) models.push_back(compact_model(i));
    write_compact(root / "models" / (label_of(i) + "_compact.secateur"), models[i % 4]);
  }
  const json results = {{"source", fixture.recovery ? "simulated" : "recordings"},
                        {"session", "201025"},
                        {"teacher", "ensemble of 3"},
                        {"neurons", neurons},
                        {"median", medians_of(neurons[0])},
                        {"summary", json::object()}};
  write_file_atomically(root / "results.json", results.dump(2) + "\n");
  if (!fixture.extras) return;
  write_file_atomically(root / "metrics.jsonl", curves);
  write_file_atomically(root / "ledger.jsonl", ledger);
  const json timings = {{"shared_seconds", 60}, {"neuron_seconds", seconds}};
  write_file_atomically(root / "timings.json", timings.dump());
  write_file_atomically(root / "config.toml", "# a <comment> & more\nseed = 1\n[distill]\n");
}

}  // namespace secateur
