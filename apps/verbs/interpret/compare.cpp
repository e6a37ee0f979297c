// secateur interpret compare: what models have in common, and how their layers go.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "analysis/population_trials.h"
#include "apps/verbs/interpret/compare_files.h"
#include "apps/verbs/interpret/frame.h"
#include "apps/verbs/interpret/verbs.h"
#include "formats/npy.h"
#include "interpretation/image_pixels.h"
#include "interpretation/representation/model_comparison.h"
#include "interpretation/stimuli/stimulus.h"
#include "tensor/error.h"
#include "tensor/part_observer.h"
#include "tensor/printable.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

struct CompareOptions : InterpretOptions {
  std::string recorded;
  int64_t most = 100;
  int64_t jacobians = 10;
  int64_t factors = 12;
  int64_t parts = 3;

  uint64_t drawn_from() const { return static_cast<uint64_t>(seed); }
};

// The images that models are compared over: the first of a bank, or simulated ones.
class ComparedImages {
 public:
  explicit ComparedImages(const CompareOptions& options)
      : options_(options),
        first_(options.images, options.fit, options.most),
        all_(options.images, options.fit) {}

  const PixelImages& operator()(const InterpretedModel& model) {
    if (!options_.images.empty()) return first_(model);
    if (!simulated_) {
      const stimuli::Ground ground = stimuli::ground_of(model.model.architecture().input);
      simulated_ = PixelImages{
          .pixels = stimuli::simulated_pictures(ground, options_.drawn_from(), options_.most),
          .names = {},
          .identity = fmt::format("simulated, seed {}", options_.seed),
          .available = options_.most};
      for (int64_t i = 0; i < options_.most; ++i) simulated_->names.push_back(std::to_string(i));
    }
    return *simulated_;
  }
  const PixelImages& bank(const InterpretedModel& model) { return all_(model); }

 private:
  const CompareOptions& options_;
  ImagesForModels first_, all_;
  std::optional<PixelImages> simulated_;
};

json make_layers(const InterpretedModel& opened, const CompareOptions& options,
                 const PixelImages& images, const fs::path& folder, Observer& observer) {
  const ModelLayers found =
      model_layers(opened.model, opened.output, images.pixels,
                   {.jacobian_images = options.jacobians, .seed = options.drawn_from()}, observer);
  write_grams(found.grams, folder);
  return {{"images", images.names}, {"layers", found.numbers}};
}

// [neurons, images, repeats] of a file, as population_trials() reads a recording.
PopulationTrials recorded_trials(const CompareOptions& options, int64_t images) {
  const NpyDoubles recorded = read_npy_doubles(options.recorded);
  const std::string file = printable(options.recorded);
  require(recorded.shape.rank() == 3, "interpret",
          "wanted single trials [neurons, images, repeats], {} has {}; averages have no noise "
          "ceiling",
          file, recorded.shape);
  require(recorded.shape[1] == images, "interpret",
          "wanted recorded responses to each of {} images, {} has them to {}", images, file,
          recorded.shape[1]);
  require(std::ranges::none_of(recorded.values, [](double v) { return std::isinf(v); }),
          "interpret", "{} holds a response that is infinite", file);
  Recording recording;
  recording.neurons = recorded.shape[0];
  recording.images = images;
  recording.repeats = recorded.shape[2];
  recording.trials = recorded.values;
  return population_trials(recording);
}

// Over images of the second half: the first may have fitted the models.
MeasuredComparison compare_with_recorded(const std::vector<InterpretedModel>& models,
                                         const CompareOptions& options, const PixelImages& bank,
                                         Observer& observer) {
  const int64_t images = bank.pixels.dim(0), half = images / 2;
  const PopulationTrials trials = recorded_trials(options, images);
  const MeasuredRdms measured = measured_rdms(trials, half, std::min(images, half + options.most),
                                              options.parts, options.drawn_from());
  MeasuredComparison found{.images = measured.images,
                           .available = images,
                           .neurons = static_cast<int64_t>(trials.neurons.size()),
                           .parts = options.parts,
                           .ceilings = measured_ceilings(measured),
                           .models = {}};
  const Tensor pixels = images_at(bank.pixels, measured.images);
  Progress progress{.what = "compare", .unit = "models", .total = double(models.size())};
  for (const InterpretedModel& model : models) {
    ShareObserver part(observer, progress, 1);
    found.models.push_back(similarity_to_measured(
        model_grams(model.model, pixels, options.drawn_from(), part), measured));
    progress.done += 1;
  }
  return found;
}

std::string images_sentence(const CompareOptions& options, const PixelImages& images) {
  if (options.images.empty()) {
    return fmt::format(
        "Compared over {} simulated pictures, not photographs: --images takes others.",
        images.pixels.dim(0));
  }
  return fmt::format("Compared over {} of {}.", images_text(images), options.images);
}

json make_comparison(const std::vector<InterpretedModel>& models, const std::vector<json>& each,
                     const std::vector<fs::path>& folders, const CompareOptions& options,
                     ComparedImages& images, const fs::path& folder, Observer& observer) {
  std::vector<ComparedModel> compared;
  for (size_t m = 0; m < models.size(); ++m) {
    const auto numbers = each[m]["layers"].get<std::vector<LayerNumbers>>();
    compared.push_back({models[m].name,
                        models[m].model,
                        {.grams = read_grams(numbers, folders[m]), .numbers = numbers}});
  }
  Progress progress{.what = "compare", .unit = "%", .total = 100};
  const double share = options.recorded.empty() ? 100 : 50;
  ShareObserver pairs(observer, progress, share);
  ModelComparison found = compare_models(compared,
                                         {.factors = options.factors,
                                          .jacobian_images = options.jacobians,
                                          .seed = options.drawn_from()},
                                         pairs);
  compared.clear();
  if (!options.recorded.empty()) {
    progress.done = share;
    ShareObserver recorded(observer, progress, 100 - share);
    found.measured = compare_with_recorded(models, options, images.bank(models.front()), recorded);
  }
  write_comparison(found, folder);
  json answer = comparison_json(found);
  const PixelImages& shown = images(models.front());
  answer["image_names"] = shown.names;
  answer["sentences"].insert(answer["sentences"].begin(), images_sentence(options, shown));
  return answer;
}

void check_compare(const CompareOptions& options) {
  if (!options.recorded.empty() && options.images.empty()) {
    fail(ErrorKind::kUsage, "interpret",
         "--recorded are responses to --images, wanted the images too");
  }
}

int interpret_compare(const CompareOptions& options, const CommonOptions& common) {
  check_compare(options);
  ComparedImages images(options);
  const auto of_each = [&](const InterpretedModel& model) -> json {
    return {{"images", images(model).identity},
            {"most", options.most},
            {"jacobians", options.jacobians},
            {"seed", options.seed}};
  };
  const auto of_all = [&](const std::vector<InterpretedModel>& models) -> json {
    json all = of_each(models.front());
    all["factors"] = options.factors;
    all["available"] = images(models.front()).available;  // a sentence says it
    if (!options.recorded.empty()) {
      all["recorded"] = sha256_of_file(options.recorded);
      all["parts"] = options.parts;
      all["bank"] = images.bank(models.front()).identity;
    }
    return all;
  };
  return interpret_set(
      options, common,
      {.verb = "compare",
       .each = "layers",
       .settings_of_each = of_each,
       .make_each =
           [&](const InterpretedModel& model, const fs::path& folder, Observer& observer) {
             return make_layers(model, options, images(model), folder, observer);
           },
       .share_of_each = 0.8,
       .settings = of_all,
       .make =
           [&](const std::vector<InterpretedModel>& models, const std::vector<json>& each,
               const std::vector<fs::path>& folders, const fs::path& folder, Observer& observer) {
             return make_comparison(models, each, folders, options, images, folder, observer);
           },
       .text = sentences_text});
}

}  // namespace

void add_interpret_compare(CLI::App& interpret, CommonOptions& common, Action& action) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App* const verb =
      add_verb(interpret, common, "compare", "what models have in common, and how their layers go",
               "secateur interpret compare 'models/neuron{neuron}.keras' --images pictures --out "
               "comparison");
  add_interpret_options(*verb, *options,
                        "folder, .zip or .npy of images to compare over (default: simulated ones)");
  verb->add_option("--most", options->most, "images that are used, the first (default: 100)")
      ->check(CLI::Range(4, 2000));
  verb->add_option("--recorded", options->recorded,
                   ".npy [neurons, images, repeats], NaN for none: recorded responses to all of "
                   "--images, whose second half is compared with")
      ->check(CLI::ExistingFile);
  verb->add_option("--parts", options->parts,
                   "of the repeats, for the noise ceiling of what was recorded (default: 3)")
      ->check(CLI::Range(2, 100));
  verb->add_option("--jacobians", options->jacobians,
                   "of the images, that nonlinearity is measured over (default: 10)")
      ->check(CLI::Range(2, 2000));
  verb->add_option("--factors", options->factors,
                   "shared filters of the first layers, at most (default: 12)")
      ->check(CLI::Range(1, 200));
  verb->callback([&action, &common, options] {
    action = [&common, options] { return interpret_compare(*options, common); };
  });
}

}  // namespace secateur
