#include "training/ridge_readout.h"

#include <cmath>
#include <map>
#include <numeric>

#include "data/image_batches.h"
#include "ops/matmul/matmul.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/statistics.h"
#include "training/ridge.h"

namespace secateur {
namespace {

constexpr const char* kReadout = "readout";
constexpr int64_t kTrunkBatch = 32;
constexpr size_t kFolds = 5;
constexpr size_t kFewestResponses = 16;

using Places = std::vector<size_t>;  // of images

// What the trunk's readout reads, channel by channel: [images, pixels] of each, of mean 0, and the
// factor that brings each to variance 1.
struct Features {
  std::vector<Tensor> channels;
  std::vector<std::vector<double>> means;  // [channels][pixels]
  std::vector<double> factors;
};

Features features_of(const Model& trunk, const ImageSource& images, Observer& observer) {
  const Architecture& a = trunk.architecture();
  const Shape shape = a.shape_before(a.blocks.size());
  const int64_t pixels = shape[1] * shape[2];
  Features features;
  for (int64_t c = 0; c < shape[0]; ++c) {
    features.channels.emplace_back(Shape{images.count(), pixels});
  }
  const Model frozen = trunk.frozen();
  for_each_image_batch(images, a.input.mean, kTrunkBatch, [&](const Tensor& batch, int64_t first) {
    const Variable maps =
        frozen.forward_blocks(Variable(batch), 0, a.blocks.size(), Mode::kEvaluation);
    for (int64_t i = 0; i < batch.dim(0); ++i) {
      for (int64_t c = 0; c < shape[0]; ++c) {
        std::copy_n(maps.value().data() + (i * shape[0] + c) * pixels, pixels,
                    features.channels[static_cast<size_t>(c)].data() + (first + i) * pixels);
      }
    }
    observer.progress({.what = "looking through the trunk",
                       .unit = "images",
                       .done = static_cast<double>(first + batch.dim(0)),
                       .total = static_cast<double>(images.count()),
                       .detail = ""});
    stop_if_asked(observer);
  });
  return features;
}

void centre(Features& features) {
  const size_t channels = features.channels.size();
  features.means.resize(channels);
  features.factors.resize(channels);
  parallel_for(static_cast<int64_t>(channels), [&](int64_t c) {
    Tensor& maps = features.channels[static_cast<size_t>(c)];
    const int64_t images = maps.dim(0);
    const int64_t pixels = maps.dim(1);
    std::vector<double> means(static_cast<size_t>(pixels));
    double squares = 0;
    for (int64_t p = 0; p < pixels; ++p) {
      double sum = 0;
      for (int64_t i = 0; i < images; ++i) sum += maps[i * pixels + p];
      const double mean = sum / static_cast<double>(images);
      means[static_cast<size_t>(p)] = mean;
      for (int64_t i = 0; i < images; ++i) {
        const double value = maps[i * pixels + p] - mean;
        maps[i * pixels + p] = static_cast<float>(value);
        squares += value * value;
      }
    }
    const double variance = squares / static_cast<double>(images * pixels);
    features.means[static_cast<size_t>(c)] = std::move(means);
    // A channel that never answers stays out.
    features.factors[static_cast<size_t>(c)] = variance > 0 ? 1 / std::sqrt(variance) : 0;
  });
}

// [images, images]
std::vector<double> kernel_of(const Features& features, Observer& observer) {
  const int64_t images = features.channels.front().dim(0);
  std::vector<double> kernel(static_cast<size_t>(images * images));
  for (size_t c = 0; c < features.channels.size(); ++c) {
    const Variable maps(features.channels[c]);
    const Tensor products = matmul(maps, maps, {.transpose_b = true}).value();
    const double scale = features.factors[c] * features.factors[c];
    parallel_for(images, [&](int64_t i) {
      for (int64_t k = i * images; k < (i + 1) * images; ++k) {
        kernel[static_cast<size_t>(k)] += scale * products[k];
      }
    });
    stop_if_asked(observer);
  }
  return kernel;
}

// Of some images, a readout fitted to them.
class KernelReadout {
 public:
  KernelReadout(const std::vector<double>& kernel, size_t images, Places fitted)
      : kernel_(kernel), images_(images), fitted_(std::move(fitted)), ridge_(of_fitted()) {}

  struct Fit {
    double penalty;
    std::vector<double> dual;  // [images], 0 for those that were not fitted
    double offset;             // of the response to an image whose features are the mean of all
  };
  // Of the responses to all images those to the fitted ones are read.
  Fit fit(std::span<const double> responses) const {
    std::vector<double> wanted;
    for (const size_t image : fitted_) wanted.push_back(responses[image]);
    const RidgeFit found = ridge_.fit(wanted);
    Fit fit{.penalty = found.penalty, .dual = std::vector<double>(images_), .offset = 0};
    for (size_t i = 0; i < fitted_.size(); ++i) fit.dual[fitted_[i]] = found.dual[i];
    double sum = 0;
    for (const size_t image : fitted_) sum += responses[image] - response(fit, image);
    fit.offset = sum / static_cast<double>(fitted_.size());
    return fit;
  }

  double response(const Fit& fit, size_t image) const {
    double sum = fit.offset;
    for (const size_t other : fitted_) sum += kernel_[image * images_ + other] * fit.dual[other];
    return sum;
  }

 private:
  std::vector<double> of_fitted() const {
    std::vector<double> part;
    part.reserve(fitted_.size() * fitted_.size());
    for (const size_t a : fitted_) {
      for (const size_t b : fitted_) part.push_back(kernel_[a * images_ + b]);
    }
    return part;
  }

  const std::vector<double>& kernel_;
  size_t images_;
  Places fitted_;
  Ridge ridge_;
};

Places recorded(const std::vector<double>& responses) {
  Places places;
  for (size_t i = 0; i < responses.size(); ++i) {
    if (!std::isnan(responses[i])) places.push_back(i);
  }
  return places;
}

// Neurons that have responses to the same images share what is costly.
std::map<Places, std::vector<int64_t>> by_recorded_images(const Tensor& responses) {
  std::map<Places, std::vector<int64_t>> neurons;
  for (int64_t neuron = 0; neuron < responses.dim(1); ++neuron) {
    const Places places = recorded(column(responses, neuron));
    require(places.size() >= kFewestResponses, kReadout,
            "wanted at least {} responses of neuron {} to fit a readout, got {}", kFewestResponses,
            neuron, places.size());
    neurons[places].push_back(neuron);
  }
  return neurons;
}

struct Duals {
  Tensor dual;  // [images, neurons]
  std::vector<double> offsets;
  std::vector<double> penalties;
  Tensor held_out;
};

// A fifth of the places after another is left out.
void fit_held_out(const std::vector<double>& kernel, const Tensor& responses, const Places& places,
                  const std::vector<int64_t>& neurons, Tensor& held_out) {
  const size_t images = static_cast<size_t>(responses.dim(0));
  for (size_t fold = 0; fold < kFolds; ++fold) {
    Places fitted;
    Places left_out;
    for (size_t i = 0; i < places.size(); ++i) {
      (i * kFolds / places.size() == fold ? left_out : fitted).push_back(places[i]);
    }
    const KernelReadout readout(kernel, images, fitted);
    for (const int64_t neuron : neurons) {
      const KernelReadout::Fit fit = readout.fit(column(responses, neuron));
      for (const size_t image : left_out) {
        held_out[static_cast<int64_t>(image) * responses.dim(1) + neuron] =
            static_cast<float>(readout.response(fit, image));
      }
    }
  }
}

Duals fit_duals(const std::vector<double>& kernel, const Tensor& responses, Observer& observer) {
  const int64_t neurons = responses.dim(1);
  const size_t images = static_cast<size_t>(responses.dim(0));
  Duals duals{.dual = Tensor(responses.shape()),
              .offsets = std::vector<double>(static_cast<size_t>(neurons)),
              .penalties = std::vector<double>(static_cast<size_t>(neurons)),
              .held_out = Tensor::full(responses.shape(), NAN)};
  int64_t done = 0;
  for (const auto& [places, of_places] : by_recorded_images(responses)) {
    const KernelReadout readout(kernel, images, places);
    for (const int64_t neuron : of_places) {
      const KernelReadout::Fit fit = readout.fit(column(responses, neuron));
      duals.penalties[static_cast<size_t>(neuron)] = fit.penalty;
      duals.offsets[static_cast<size_t>(neuron)] = fit.offset;
      for (size_t image = 0; image < images; ++image) {
        duals.dual[static_cast<int64_t>(image) * neurons + neuron] =
            static_cast<float>(fit.dual[image]);
      }
    }
    fit_held_out(kernel, responses, places, of_places, duals.held_out);
    done += static_cast<int64_t>(of_places.size());
    observer.progress({.what = "ridge regression",
                       .unit = "neurons",
                       .done = static_cast<double>(done),
                       .total = static_cast<double>(neurons),
                       .detail = ""});
    stop_if_asked(observer);
  }
  return duals;
}

// The readout in terms of the trunk's maps as they are: neither centred nor scaled.
Model with_readout(const Model& trunk, const Features& features, const Duals& duals) {
  const int64_t neurons = duals.dual.dim(1);
  Architecture architecture = trunk.architecture();
  architecture.readout = {.kind = ReadoutKind::kDense, .outputs = neurons};
  std::map<std::string, Tensor> tensors;
  for (const auto& [name, tensor] : trunk.tensors()) {
    if (!name.starts_with("readout.")) tensors.emplace(name, tensor.clone());
  }
  const Shape maps = architecture.shape_before(architecture.blocks.size());
  const int64_t pixels = maps[1] * maps[2];
  Tensor weight(Shape{neurons, maps[0], maps[1], maps[2]});
  std::vector<double> biases = duals.offsets;
  for (int64_t c = 0; c < maps[0]; ++c) {
    const size_t channel = static_cast<size_t>(c);
    const Tensor of_channel =
        matmul(Variable(duals.dual), Variable(features.channels[channel]), {.transpose_a = true})
            .value();
    const double scale = features.factors[channel] * features.factors[channel];
    for (int64_t neuron = 0; neuron < neurons; ++neuron) {
      for (int64_t p = 0; p < pixels; ++p) {
        const double value = scale * of_channel[neuron * pixels + p];
        weight[(neuron * maps[0] + c) * pixels + p] = static_cast<float>(value);
        biases[static_cast<size_t>(neuron)] -=
            value * features.means[channel][static_cast<size_t>(p)];
      }
    }
  }
  Tensor bias(Shape{neurons});
  for (int64_t neuron = 0; neuron < neurons; ++neuron) {
    bias[neuron] = static_cast<float>(biases[static_cast<size_t>(neuron)]);
  }
  tensors.emplace("readout.weight", weight);
  tensors.emplace("readout.bias", bias);
  return Model(architecture, tensors);
}

}  // namespace

RidgeReadout fit_ridge_readout(const Model& trunk, const ImageSource& images,
                               const Tensor& responses, Observer& observer) {
  const InputSpec& in = trunk.architecture().input;
  if (in.height != images.height() || in.width != images.width()) {
    fail(ErrorKind::kUsage, kReadout, "the trunk reads images of {} x {}, these have {} x {}",
         in.height, in.width, images.height(), images.width());
  }
  require(responses.dim(0) == images.count(), kReadout, "wanted responses to {} images, got {}",
          images.count(), responses.dim(0));
  require(images.count() <= kMostRidgeImages, kReadout,
          "wanted at most {} images to fit a readout on, got {}", kMostRidgeImages, images.count());
  by_recorded_images(responses);  // refused before the trunk has looked at anything
  Features features = features_of(trunk, images, observer);
  centre(features);
  const Duals duals = fit_duals(kernel_of(features, observer), responses, observer);
  return {.model = with_readout(trunk, features, duals),
          .penalties = duals.penalties,
          .held_out = duals.held_out};
}

}  // namespace secateur
