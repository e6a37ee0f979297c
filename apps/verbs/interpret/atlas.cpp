// secateur atlas: all models of a session, or of many, side by side.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <memory>

#include "analysis/population_responses.h"
#include "apps/exit_code.h"
#include "apps/verbs/interpret/atlas_entry.h"
#include "formats/atomic_file.h"
#include "interpretation/representation/layer_similarity.h"
#include "interpretation/tuning_profile.h"
#include "model_files/model_files.h"
#include "playground/playground.h"
#include "report/atlas_pages.h"
#include "report/counted_how.h"
#include "tensor/error.h"
#include "tensor/printable.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr size_t kMostAlike = 5;

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
  return {.name = name_of_model(file),
          .neuron = recorded.neuron,
          .parameters = result["parameters"].get<int64_t>(),
          .counted = {},
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

  const AtlasBank& of(const std::string& file) const { return banks[bank.at(file)]; }
};

AtlasWork open_atlas(const AtlasOptions& options, Observer& observer) {
  AtlasWork work;
  for (const std::string& pattern : options.models) {
    const std::vector<std::string> files = interpreted_files({pattern});
    for (const std::string& file : files) {
      if (fs::path(file).stem() == "index") {
        fail(ErrorKind::kUsage, "atlas",
             "{} would have the page of all models: wanted another name", printable(file));
      }
    }
    work.banks.push_back(open_atlas_bank(pattern, files,
                                         {.recordings = options.recordings,
                                          .session = options.session,
                                          .images = options.images,
                                          .fit = options.fit,
                                          .seed = options.seed},
                                         observer));
    for (const std::string& file : files) work.bank[file] = work.banks.size() - 1;
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
    entries.back().counted = counted_how(models.back().architecture());
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

int make_atlas(AtlasOptions options, const CommonOptions& common) {
  options.playground = options.playground && has_page_engine();
  Observer& observer = *common.terminal;
  const AtlasWork work = open_atlas(options, observer);
  common.terminal->end_progress();
  const auto settings = [&](const InterpretedModel& opened) -> json {
    return {{"seed", options.seed},
            {"steps", options.steps},
            {"images", work.of(opened.file).images->identity()},
            {"playground", options.playground}};
  };
  const auto make = [&](const InterpretedModel& opened, const fs::path& folder) {
    return make_atlas_entry(opened, work.of(opened.file), options, folder, observer);
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
  fmt::print(common.text(), "written: {}\n", readable(index));
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
  verb->add_flag_callback(
      "--no-playground", [options] { options->playground = false; },
      "leave out the pages in which the models run");
  verb->callback([&action, &common, options] {
    action = [&common, options] { return make_atlas(*options, common); };
  });
}

}  // namespace secateur
