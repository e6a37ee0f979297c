#include "training/fine_tune.h"

#include <algorithm>
#include <cmath>

#include "data/image_batches.h"
#include "models/model_trunk.h"
#include "models/predictor.h"
#include "models/shared_core.h"
#include "tensor/error.h"
#include "tensor/statistics.h"
#include "training/readouts/readout_model.h"
#include "training/recorded_places.h"

namespace secateur {
namespace {

// Of so many parts of the images that may fit one stops, or decides.
constexpr int64_t kPartsToStop = 10;
constexpr int64_t kPartsToDecide = 5;
constexpr double kSameProduct = 1e-4;  // of the largest weight

// Channel weights and a weight a pixel whose products are the weights of a neuron.
struct Product {
  std::vector<float> channels;
  std::vector<float> pixels;
};

std::optional<Product> product_of(const float* weights, int64_t channels, int64_t pixels) {
  const auto size = [](float a, float b) { return std::abs(a) < std::abs(b); };
  const int64_t at = std::max_element(weights, weights + channels * pixels, size) - weights;
  const double largest = weights[at];
  Product product{.channels = std::vector<float>(static_cast<size_t>(channels)),
                  .pixels = std::vector<float>(static_cast<size_t>(pixels))};
  if (largest == 0) return product;
  // Of the same size, so that a step of Adam changes both by the same share.
  const double root = std::sqrt(std::abs(largest));
  for (int64_t c = 0; c < channels; ++c) {
    product.channels[static_cast<size_t>(c)] =
        static_cast<float>(weights[c * pixels + at % pixels] / root);
  }
  for (int64_t p = 0; p < pixels; ++p) {
    product.pixels[static_cast<size_t>(p)] =
        static_cast<float>(weights[at / pixels * pixels + p] * root / largest);
  }
  for (int64_t i = 0; i < channels * pixels; ++i) {
    const double made = static_cast<double>(product.channels[static_cast<size_t>(i / pixels)]) *
                        product.pixels[static_cast<size_t>(i % pixels)];
    if (std::abs(made - weights[i]) > kSameProduct * std::abs(largest)) return std::nullopt;
  }
  return product;
}

// Nothing where the weights of a neuron are no product.
std::optional<Model> with_factorised_readout(const Model& dense) {
  const Tensor& weight = dense.tensor("readout.weight");
  const int64_t neurons = weight.dim(0);
  const int64_t channels = weight.dim(1);
  const int64_t pixels = weight.dim(2) * weight.dim(3);
  Architecture architecture = dense.architecture();
  architecture.readout = {.kind = ReadoutKind::kFactorised, .outputs = neurons};
  Model model(architecture, uint64_t{1});
  for (const auto& [name, tensor] : dense.tensors()) {
    if (!name.starts_with("readout.")) model.tensor(name) = tensor.clone();
  }
  Tensor& mixing = model.tensor("readout.mixing.weight");
  Tensor& spatial = model.tensor("readout.spatial.weight");
  for (int64_t n = 0; n < neurons; ++n) {
    const auto product = product_of(weight.data() + n * channels * pixels, channels, pixels);
    if (!product) return std::nullopt;
    std::ranges::copy(product->channels, mixing.data() + n * channels);
    std::ranges::copy(product->pixels, spatial.data() + n * pixels);
  }
  std::ranges::fill(model.tensor("readout.mixing.bias").values(), 0.0f);
  model.tensor("readout.bias") = dense.tensor("readout.bias").clone();
  return model;
}

std::vector<int64_t> places(int64_t begin, int64_t end) {
  std::vector<int64_t> all;
  for (int64_t i = begin; i < end; ++i) all.push_back(i);
  return all;
}

ImageSourcePtr images_of(const SessionData& data) { return {data.set, &data.set->images()}; }

Tensor rows_of(const Tensor& responses, const std::vector<int64_t>& images) {
  const int64_t neurons = responses.dim(1);
  Tensor rows(Shape{static_cast<int64_t>(images.size()), neurons});
  for (size_t i = 0; i < images.size(); ++i) {
    std::copy_n(responses.data() + images[i] * neurons, neurons,
                rows.data() + static_cast<int64_t>(i) * neurons);
  }
  return rows;
}

// Some of the session's images to fit, others held out.
SessionData part_of(const SessionData& all, const std::vector<int64_t>& fitted,
                    const std::vector<int64_t>& held_out) {
  const ImageSourcePtr images = images_of(all);
  return {.session = all.session,
          .set = std::make_shared<TrainingSet>(
              all.set->of_images(cache_images(select_images(images, fitted)))),
          .responses = rows_of(all.responses, fitted),
          .held_out = cache_images(select_images(images, held_out)),
          .held_out_responses = rows_of(all.responses, held_out)};
}

// What fits and, held out, stops; and what decides.
struct Cut {
  SessionData tuned;
  std::vector<int64_t> decided_by;  // empty: by what is held out by name
  ImageSourcePtr deciding;
  Tensor deciding_responses;
};

Cut cut_of(const SessionData& target) {
  const int64_t count = target.set->images().count();
  const bool named = target.held_out != nullptr;
  const int64_t decide = named ? count : count - count / kPartsToDecide;
  const int64_t stop = decide - count / kPartsToStop;
  Cut cut{.tuned = part_of(target, places(0, stop), places(stop, decide)),
          .decided_by = places(decide, count),
          .deciding = target.held_out,
          .deciding_responses = target.held_out_responses};
  if (!named) {
    cut.deciding = cache_images(select_images(images_of(target), cut.decided_by));
    cut.deciding_responses = rows_of(target.responses, cut.decided_by);
  }
  return cut;
}

// Nothing where the loss leaves what training could come back from.
std::optional<TrainedFurther> tried(const Model& start, const SessionData& data,
                                    const MemberOptions& options, Observer& observer) {
  try {
    return train_further(start, data, options, observer);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kDiverged) throw;
    return std::nullopt;
  }
}

// Fewer leave no sensible fifths.
constexpr int64_t kFewestToTune = 60;

}  // namespace

std::string lack_for_fine_tuning(const SessionData& target) {
  const int64_t count = target.set->images().count();
  if (count < kFewestToTune) {
    return fmt::format("fine-tuning wants at least {} images to fit, got {}", kFewestToTune, count);
  }
  const Cut cut = cut_of(target);
  const Tensor& fitted = cut.tuned.responses;
  for (int64_t neuron = 0; neuron < fitted.dim(1); ++neuron) {
    std::vector<double> responses = column(fitted, neuron);
    std::erase_if(responses, [](double v) { return std::isnan(v); });
    if (responses.size() >= kFewestResponses) continue;
    return fmt::format(
        "fine-tuning wants at least {} responses of every neuron to {} images, "
        "neuron {} has {}",
        kFewestResponses, fitted.dim(0), neuron, responses.size());
  }
  return "";
}

Model trainable_with_readout(const Model& core, const FittedReadout& readout) {
  const size_t blocks = core.architecture().blocks.size();
  const Model fitted = model_with_readout(core, blocks, readout);
  const size_t neurons = static_cast<size_t>(fitted.architecture().readout.outputs);
  Model dense = with_output_scale(fitted, std::vector<double>(neurons, 0.0),
                                  std::vector<double>(neurons, 1.0));
  dense.set_output_scale({}, {});
  std::optional<Model> factorised = with_factorised_readout(dense);
  return factorised ? *std::move(factorised) : std::move(dense);
}

FineTuned fine_tune(const Model& core, const ReadoutKindEntry& kind, const FittedReadout& readout,
                    const SessionData& target, const MemberOptions& given, Observer& observer) {
  const std::string lack = lack_for_fine_tuning(target);
  if (!lack.empty()) throw Error(ErrorKind::kUsage, lack);
  const int64_t count = target.set->images().count();
  const std::unique_ptr<Trunk> trunk = trunk_of_model(core, core.architecture().blocks.size());
  const Cut cut = cut_of(target);
  const TrunkReadout alone =
      fit_on_trunk(kind, *trunk, cut.tuned.set->images(), cut.tuned.responses, cut.deciding.get(),
                   "", given.seed, observer);
  FineTuned result{.decided_by = cut.decided_by};
  result.images = cut.deciding->count();
  result.r2_readout = mean_r2(alone.held_out, cut.deciding_responses);

  MemberOptions options = given;
  options.name = given.name + "_tuned";
  const std::optional<TrainedFurther> tuned =
      tried(trainable_with_readout(core, alone.readout), cut.tuned, options, observer);
  if (!tuned) return result;
  const auto respond_to = [&](const Model& model) {
    return respond_to_all(Predictor(model), *cut.deciding, model.architecture().input.mean);
  };
  result.steps = tuned->steps;
  result.held_out = respond_to(tuned->model);
  result.r2 = mean_r2(result.held_out, cut.deciding_responses);
  if (!(result.r2 > result.r2_readout)) return result;

  // As many passes over more images.
  const auto passes = [&](int64_t steps) {
    return std::max<int64_t>(1, steps * count / cut.tuned.set->images().count());
  };
  options.name = given.name + "_final";
  options.target_steps = passes(tuned->steps);
  options.cosine_steps = passes(given.target_steps);
  options.curve = {};
  SessionData all = target;
  all.held_out = nullptr;
  result.model = train_further(trainable_with_readout(core, readout), all, options, observer).model;
  if (cut.decided_by.empty()) result.held_out = respond_to(*result.model);
  return result;
}

}  // namespace secateur
