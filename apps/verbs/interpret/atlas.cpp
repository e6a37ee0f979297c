// secateur atlas: all models of a session, or of many, side by side.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>

#include "analysis/population_responses.h"
#include "apps/exit_code.h"
#include "apps/verbs/interpret/atlas_bank.h"
#include "apps/verbs/interpret/frame.h"
#include "formats/atomic_file.h"
#include "formats/image_writer.h"
#include "formats/npy.h"
#include "interpretation/ascent.h"
#include "interpretation/circuit_study.h"
#include "interpretation/image_pixels.h"
#include "interpretation/representation/layer_similarity.h"
#include "interpretation/starts.h"
#include "playground/playground.h"
#include "report/atlas_pages.h"
#include "report/circuit_plot.h"
#include "report/tuning_plot.h"
#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int64_t kAtlasStarts = 3;
constexpr int64_t kAtlasPhotographs = 8;
constexpr int64_t kCircuitImages = 96;  // and behind the scores of pruning in the playground
constexpr int64_t kPlaygroundImages = 24;
constexpr size_t kMostAlike = 5;

struct AtlasOptions : InterpretOptions {
  std::string recordings;
  std::string session;
  int64_t steps = 100;
  bool no_playground = false;
};

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

// So many of a bank, evenly spread.
std::vector<int64_t> spread_places(const ImageSource& bank, int64_t most) {
  std::vector<int64_t> places;
  const int64_t count = std::min(most, bank.count());
  for (int64_t i = 0; i < count; ++i) places.push_back(i * bank.count() / count);
  return places;
}

Tensor some_images(const ImageSource& bank, int64_t most) {
  const std::vector<int64_t> places = spread_places(bank, most);
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
    write_file_atomically(folder / "circuit.svg",
                          circuit_plot(study, opened.name, study_sentences(study)));
    found["circuit"] = study_sentences(study);
    tuning = study.tuning;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kBadInput) throw;
    found["no_circuit"] = error.what();
    tuning = tuning_profile(responses_to_pixels(opened.model, opened.output),
                            stimuli::ground_of(opened.model.architecture().input), seed, observer);
  }
  write_file_atomically(folder / "tuning.svg", tuning_plot(tuning, opened.name));
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
    for (const int64_t place : spread_places(*bank.images, most)) {
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

json make_entry(const InterpretedModel& opened, const AtlasBank& bank, const AtlasOptions& options,
                const fs::path& folder, Observer& observer) {
  const Model one = select_outputs(opened.model, {opened.output});
  const std::vector<double> responses =
      column(population_responses({one}, *bank.images, observer).front(), 0);
  for (const double response : responses) {
    require(std::isfinite(response), "atlas", "{} gives a response that is no number", opened.file);
  }
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
  entry["playground"] = !options.no_playground && has_page_engine();
  if (entry["playground"]) {
    write_file_atomically(folder / "playground.html",
                          playground_page({playground_model(opened.name, one, bank)}, observer));
  }
  return entry;
}

std::vector<double> numbers_of(const json& list, const char* key = nullptr) {
  std::vector<double> numbers;
  for (const json& one : list) numbers.push_back((key ? one[key] : one).get<double>());
  return numbers;
}

std::vector<std::string> names_of(const json& list) {
  std::vector<std::string> names;
  for (const json& one : list) names.push_back(one["name"].get<std::string>());
  return names;
}

AtlasEntry entry_of(const json& result, const AtlasBank& bank) {
  const auto words = [&](const char* key) {
    return result.contains(key) ? result[key].get<std::vector<std::string>>()
                                : std::vector<std::string>();
  };
  const std::string file = result["file"].get<std::string>();
  const AtlasRecorded& recorded = bank.recorded.at(file);
  return {.name = fs::path(file).stem().string(),
          .neuron = recorded.neuron,
          .parameters = result["parameters"].get<int64_t>(),
          .filters = result["filters"].get<std::vector<int64_t>>(),
          .score = recorded.score,
          .no_score = recorded.no_score,
          .preferred = numbers_of(result["preferred"]),
          .anti = numbers_of(result["anti"]),
          .photographs = numbers_of(result["photographs"], "response"),
          .worst = numbers_of(result["worst"], "response"),
          .photograph_names = names_of(result["photographs"]),
          .worst_names = names_of(result["worst"]),
          .prefers = result["prefers"].get<std::string>(),
          .tuning_words = words("tuning"),
          .circuit_words = words("circuit"),
          .no_circuit = result.value("no_circuit", ""),
          .playground = result.value("playground", false),
          .alike = {}};
}

// Correlations of the models' responses to the images of one bank; empty where models read images
// of different sizes.
std::vector<double> similarity_of(const std::vector<Model>& models, const ImageSource& images,
                                  Observer& observer) {
  const InputSpec& first = models.front().architecture().input;
  for (const Model& model : models) {
    const InputSpec& in = model.architecture().input;
    if (in.height != first.height || in.width != first.width) return {};
  }
  std::vector<std::vector<double>> responses;
  for (const Tensor& one : population_responses(models, images, observer)) {
    responses.push_back(column(one, 0));
  }
  std::vector<double> similarity;
  for (const auto& a : responses) {
    for (const auto& b : responses) similarity.push_back(correlation(a, b));
  }
  return similarity;
}

void add_most_alike(std::vector<AtlasEntry>& entries, const std::vector<double>& similarity) {
  const size_t count = entries.size();
  for (size_t i = 0; i < count; ++i) {
    std::vector<size_t> others;
    for (size_t k = 0; k < count; ++k) {
      if (k != i) others.push_back(k);
    }
    std::ranges::stable_sort(others, [&](size_t a, size_t b) {
      return similarity[i * count + a] > similarity[i * count + b];
    });
    others.resize(std::min(others.size(), kMostAlike));
    for (const size_t k : others) {
      entries[i].alike.emplace_back(entries[k].name, similarity[i * count + k]);
    }
  }
}

AtlasAbout about_atlas(const std::vector<AtlasBank>& banks, const AtlasOptions& options,
                       bool ordered) {
  AtlasAbout about{.title = "Atlas of compact models", .sentences = {}};
  std::vector<std::string> shown;
  for (const AtlasBank& bank : banks) {
    shown.push_back(fmt::format("{} ({} images)", bank.name, bank.images->count()));
  }
  std::ranges::sort(shown);
  shown.erase(std::ranges::unique(shown).begin(), shown.end());
  about.sentences.push_back(fmt::format(
      "Each model by its preferred image (the best of {} gradient ascents of {} steps from noise, "
      "seed {}) and its best photographs of {}. Accuracy is raw r² on the images that score, with "
      "its 95 % interval. Behind what a model prefers stands its response, in standard deviations "
      "from the mean over {} simulated pictures. All of it is about the models.",
      kAtlasStarts, options.steps, options.seed, fmt::join(shown, ", "), kReferencePictures));
  about.sentences.push_back(
      ordered ? fmt::format("Order: by correlation of their responses to the images of {}, alike "
                            "ones side by side (average linkage).",
                            banks.front().name)
              : "The models read images of different sizes, so they stand in the order in which "
                "they were named.");
  for (const AtlasBank& bank : banks) {
    about.sentences.insert(about.sentences.end(), bank.said.begin(), bank.said.end());
  }
  return about;
}

struct AtlasWork {
  std::vector<AtlasBank> banks;        // of each argument
  std::map<std::string, size_t> bank;  // of each file
  std::vector<std::string> files;

  const AtlasBank& of(const std::string& file) const { return banks[bank.at(file)]; }
};

AtlasWork open_atlas(const AtlasOptions& options, Observer& observer) {
  AtlasWork work;
  for (const std::string& pattern : options.models) {
    const std::vector<std::string> files = interpreted_files({pattern});
    work.banks.push_back(open_atlas_bank(pattern, files,
                                         {.recordings = options.recordings,
                                          .session = options.session,
                                          .images = options.images,
                                          .fit = options.fit,
                                          .seed = options.seed},
                                         observer));
    for (const std::string& file : files) work.bank[file] = work.banks.size() - 1;
    work.files.insert(work.files.end(), files.begin(), files.end());
  }
  return work;
}

// The pages, of entries in the order of what was made of each model.
void write_pages(const AtlasOptions& options, const AtlasWork& work, const json& made,
                 Observer& observer) {
  std::vector<AtlasEntry> entries;
  std::vector<Model> models;
  for (const json& result : made) {
    const std::string file = result["file"].get<std::string>();
    entries.push_back(entry_of(result, work.of(file)));
    models.push_back(select_outputs(read_model(file), {std::max<int64_t>(options.output, 0)}));
  }
  const std::vector<double> similarity =
      similarity_of(models, *work.banks.front().images, observer);
  if (!similarity.empty()) {
    add_most_alike(entries, similarity);
    std::vector<AtlasEntry> ordered;
    for (const size_t i : similarity_order(similarity, entries.size())) {
      ordered.push_back(std::move(entries[i]));
    }
    entries = std::move(ordered);
  }
  const fs::path out(options.out);
  for (size_t i = 0; i < entries.size(); ++i) {
    write_file_atomically(out / (entries[i].name + ".html"), atlas_model_page(entries, i));
  }
  write_file_atomically(
      out / "index.html",
      atlas_index(about_atlas(work.banks, options, !similarity.empty()), entries));
}

int make_atlas(const AtlasOptions& options, const CommonOptions& common) {
  Observer& observer = *common.terminal;
  const AtlasWork work = open_atlas(options, observer);
  common.terminal->end_progress();
  const auto settings = [&](const InterpretedModel& opened) -> json {
    return {{"seed", options.seed},
            {"steps", options.steps},
            {"images", work.of(opened.file).images->identity()},
            {"playground", !options.no_playground}};
  };
  const auto make = [&](const InterpretedModel& opened, const fs::path& folder) {
    return make_entry(opened, work.of(opened.file), options, folder, observer);
  };
  const json made =
      interpreted(options, common,
                  {.verb = "atlas",
                   .settings = settings,
                   .make = make,
                   .text = [](const json& r) { return r["prefers"].get<std::string>(); },
                   .own_folder = true},
                  true);
  write_pages(options, work, made, observer);
  common.terminal->end_progress();
  const std::string index = (fs::path(options.out) / "index.html").string();
  fmt::print(common.text(), "written: {}\n", index);
  common.answer({{"verb", "atlas"}, {"out", options.out}, {"index", index}, {"models", made}});
  return kExitDone;
}

}  // namespace

void add_atlas(CLI::App& program, CommonOptions& common, Action& action) {
  auto options = std::make_shared<AtlasOptions>();
  CLI::App* const verb = add_verb(
      program, common, "atlas", "pages of many models: preferred images, accuracy, circuits",
      "secateur atlas 'models/compact_model_190923_neuron{neuron}.keras' --recordings "
      "V4_compact_models -o atlas");
  add_interpret_options(*verb, *options,
                        "photographs to show to the models (default: those of the session)");
  verb->add_option("--recordings", options->recordings,
                   "folder of the recordings that the models are scored on");
  verb->add_option("--session", options->session,
                   "recording session (default: the one that the models' names hold)");
  verb->add_option("--steps", options->steps, "of each ascent (default: 100)")
      ->check(CLI::Range(1, 100000));
  verb->add_flag("--no-playground", options->no_playground,
                 "leave out the pages in which the models run");
  verb->callback([&action, &common, options] {
    action = [&common, options] { return make_atlas(*options, common); };
  });
}

}  // namespace secateur
