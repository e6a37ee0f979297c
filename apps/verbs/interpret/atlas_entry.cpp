#include "apps/verbs/interpret/atlas_entry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/population_responses.h"
#include "formats/atomic_file.h"
#include "formats/image_writer.h"
#include "formats/npy.h"
#include "interpretation/ascent.h"
#include "interpretation/circuit_study.h"
#include "interpretation/image_pixels.h"
#include "interpretation/model_input.h"
#include "interpretation/starts.h"
#include "playground/playground.h"
#include "report/circuit_plot.h"
#include "report/svg.h"
#include "report/tuning_plot.h"
#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int64_t kAtlasPhotographs = 8;
constexpr int64_t kCircuitImages = 96;  // and behind the scores of pruning in the playground
constexpr int64_t kPlaygroundImages = 24;

void write_picture(const fs::path& folder, const std::string& word, size_t number,
                   const Tensor& pixels, int64_t index) {
  write_file_atomically(folder / fmt::format("{}_{}.png", word, number),
                        encode_png(picture_of(pixels, index)));
}

// Ends of ascents from noise, the best first.
json climb(const InterpretedModel& opened, const AtlasOptions& options, bool descend,
           const fs::path& folder, Observer& observer) {
  const Tensor starts = noise_starts(opened.model.architecture().input, kAtlasStarts,
                                     static_cast<uint64_t>(options.seed));
  const Ascent ascent = ascend(opened.model, opened.output, starts,
                               {.steps = options.steps, .descend = descend}, observer);
  std::vector<std::pair<double, int64_t>> ends;
  for (int64_t i = 0; i < kAtlasStarts; ++i) {
    const auto at = static_cast<size_t>(i * options.steps + ascent.best_steps[i]);
    ends.emplace_back(ascent.responses[at], i);
  }
  std::ranges::sort(ends, [&](const auto& a, const auto& b) {
    return descend ? a.first < b.first : a.first > b.first;
  });
  json responses = json::array();
  for (const auto& [response, start] : ends) {
    responses.push_back(response);
    write_picture(folder, descend ? "anti" : "preferred", responses.size(), ascent.best, start);
  }
  return responses;
}

// The photographs at the front of an order of places.
json show_photographs(const ImageSource& bank, const std::vector<int64_t>& order,
                      const std::vector<double>& responses, const std::string& word,
                      const fs::path& folder) {
  json shown = json::array();
  for (int64_t i = 0; i < std::min<int64_t>(kAtlasPhotographs, std::ssize(order)); ++i) {
    const int64_t place = order[static_cast<size_t>(i)];
    shown.push_back(
        {{"name", bank.name(place)}, {"response", responses[static_cast<size_t>(place)]}});
    write_picture(folder, word, shown.size(), image_pixels(bank, place, 1), 0);
  }
  return shown;
}

Tensor some_images(const ImageSource& bank, int64_t most) {
  const std::vector<int64_t> places = evenly_spread(bank.count(), most);
  const ImageSourcePtr borrowed(&bank, [](const ImageSource*) {});
  return image_pixels(*select_images(borrowed, places), 0, std::ssize(places));
}

// Tuning and circuit; a model whose wiring is no chain has no circuit, and the page says why.
json draw_model(const InterpretedModel& opened, const AtlasBank& bank, uint64_t seed,
                const fs::path& folder, Observer& observer) {
  json found;
  TuningProfile tuning;
  try {
    const CircuitStudy study = study_circuit(
        opened.model, opened.output,
        {.pixels = some_images(*bank.images, kCircuitImages), .source = "images of " + bank.name},
        seed, observer);
    write_drawing(folder / "circuit.svg", circuit_plot(study, opened.name, study_sentences(study)));
    found["circuit"] = study_sentences(study);
    tuning = study.tuning;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kBadInput) throw;
    found["no_circuit"] = error.what();
    tuning = tuning_profile(responses_to_pixels(opened.model, opened.output),
                            stimuli::ground_of(opened.model.architecture().input), seed, observer);
  }
  write_drawing(folder / "tuning.svg", tuning_plot(tuning, opened.name));
  found["tuning"] = tuning_sentences(tuning);
  found["prefers"] = preference_sentence(tuning);
  return found;
}

// `one`: of a single output.
PlaygroundModel playground_model(const std::string& name, const Model& one, const AtlasBank& bank) {
  const auto part = [&](int64_t most) {
    const Tensor pixels = some_images(*bank.images, most);
    PlaygroundImages images{.pixels = pixels, .names = {}, .source = {}};
    images.source =
        fmt::format("{} of the {} images of {}", pixels.dim(0), bank.images->count(), bank.name);
    for (const int64_t place : evenly_spread(bank.images->count(), most)) {
      images.names.push_back(bank.images->name(place));
    }
    return images;
  };
  return {.name = name,
          .model = one,
          .images = part(kPlaygroundImages),
          .pruning_images = part(kCircuitImages),
          .recorded = {}};
}

}  // namespace

json make_atlas_entry(const InterpretedModel& opened, const AtlasBank& bank,
                      const AtlasOptions& options, const fs::path& folder, Observer& observer) {
  const Model one = select_outputs(opened.model, {opened.output});
  const std::vector<double> responses =
      column(population_responses({one}, *bank.images, observer).front(), 0);
  check_responses(responses);
  std::vector<int64_t> order(responses.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::ranges::stable_sort(order, [&](int64_t a, int64_t b) {
    return responses[static_cast<size_t>(a)] > responses[static_cast<size_t>(b)];
  });
  json entry = draw_model(opened, bank, static_cast<uint64_t>(options.seed), folder, observer);
  entry["photographs"] = show_photographs(*bank.images, order, responses, "photograph", folder);
  std::ranges::reverse(order);
  entry["worst"] = show_photographs(*bank.images, order, responses, "worst", folder);
  entry["preferred"] = climb(opened, options, false, folder, observer);
  entry["anti"] = climb(opened, options, true, folder, observer);
  entry["parameters"] = count_parameters(one.architecture()).total;
  entry["filters"] = filter_counts(one.architecture());
  write_npy(folder / "responses.npy", Shape{static_cast<int64_t>(responses.size())}, responses);
  entry["playground"] = options.playground;
  if (options.playground) {
    write_file_atomically(folder / "playground.html",
                          playground_page({playground_model(opened.name, one, bank)}, observer));
  }
  return entry;
}

}  // namespace secateur
