// secateur interpret compare: what models have in common, and how their layers go.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "analysis/population_trials.h"
#include "apps/verbs/interpret/frame.h"
#include "apps/verbs/interpret/verbs.h"
#include "formats/atomic_file.h"
#include "formats/npy.h"
#include "interpretation/image_pixels.h"
#include "interpretation/representation/model_comparison.h"
#include "interpretation/stimuli/stimulus.h"
#include "report/comparison_plot.h"
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
          .identity = fmt::format("simulated, seed {}", options_.seed)};
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

// Gram matrices as files: [networks, layers, images, images], the model and the untrained network.
void write_grams(const ModelGrams& grams, const fs::path& folder) {
  std::vector<double> products, sums;
  for (const auto* layers : {&grams.trained, &grams.untrained}) {
    for (const LayerGram& layer : *layers) {
      products.insert(products.end(), layer.gram.products.begin(), layer.gram.products.end());
      sums.insert(sums.end(), layer.gram.sums.begin(), layer.gram.sums.end());
    }
  }
  const auto layers = static_cast<int64_t>(grams.trained.size());
  const int64_t n = grams.trained.front().gram.images;
  write_npy(folder / "products.npy", Shape{2, layers, n, n}, products);
  write_npy(folder / "sums.npy", Shape{2, layers, n}, sums);
}

ModelGrams read_grams(const std::vector<LayerNumbers>& numbers, const fs::path& folder) {
  const NpyDoubles products = read_npy_doubles(folder / "products.npy");
  const NpyDoubles sums = read_npy_doubles(folder / "sums.npy");
  const auto layers = static_cast<int64_t>(numbers.size());
  const int64_t n = sums.shape.rank() == 3 ? sums.shape[2] : 0;
  require(sums.shape == Shape({2, layers, n}) && products.shape == Shape({2, layers, n, n}),
          "compare", "{} holds {} and {}, not the products of {} layers",
          printable(folder.string()), products.shape, sums.shape, layers);
  ModelGrams grams;
  auto product = products.values.begin();
  auto sum = sums.values.begin();
  for (auto* const networks : {&grams.trained, &grams.untrained}) {
    for (const LayerNumbers& layer : numbers) {
      GramMatrix gram{.images = n,
                      .features = layer.features,
                      .products = {product, product + n * n},
                      .sums = {sum, sum + n}};
      product += n * n;
      sum += n;
      networks->push_back({layer.name, std::move(gram)});
    }
  }
  return grams;
}

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

void write_matrices(const ModelComparison& found, const fs::path& folder) {
  if (found.similarity.empty()) return;
  std::vector<double> cka, untrained;
  for (const LayerSimilarity& layer : found.similarity) {
    cka.insert(cka.end(), layer.debiased.begin(), layer.debiased.end());
    untrained.insert(untrained.end(), layer.one_untrained.begin(), layer.one_untrained.end());
  }
  const auto models = static_cast<int64_t>(found.names.size());
  const auto layers = static_cast<int64_t>(found.similarity.size());
  write_npy(folder / "cka.npy", Shape{layers, models, models}, cka);
  write_npy(folder / "cka_untrained.npy", Shape{layers, models, models}, untrained);
}

void write_comparison(const ModelComparison& found, const fs::path& folder) {
  const std::string title = found.names.size() > 1
                                ? fmt::format("{} models compared", found.names.size())
                                : found.names.front();
  write_matrices(found, folder);
  write_file_atomically(folder / "layers.csv", comparison_layers_csv(found));
  write_file_atomically(folder / "images.csv", comparison_images_csv(found));
  if (found.names.size() > 1) {
    write_file_atomically(folder / "pairs.csv", comparison_pairs_csv(found));
  }
  write_file_atomically(folder / "similarity.svg", comparison_similarity_plot(title, found));
  write_file_atomically(folder / "layers.svg", comparison_layers_plot(title, found));
  if (!found.shared) return;
  const KernelTable& table = found.shared->table;
  const SemiNmf& parts = found.shared->dictionary.parts;
  write_npy(folder / "shared_filters.npy",
            Shape{parts.factors_count, table.channels, table.side, table.side}, parts.factors);
  write_file_atomically(folder / "shared_filters.csv", shared_filters_csv(found));
  write_file_atomically(folder / "shared_filters.svg",
                        shared_filters_plot(title + ": filters that first layers share", found));
}

std::string images_sentence(const CompareOptions& options, int64_t images) {
  if (options.images.empty()) {
    return fmt::format(
        "Compared over {} simulated pictures, not photographs: --images takes others.", images);
  }
  return fmt::format("Compared over {} images, the first of {}.", images, options.images);
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
  answer["image_names"] = images(models.front()).names;
  answer["sentences"].insert(answer["sentences"].begin(), images_sentence(options, found.images));
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
