#include "training/ridge_readout.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "ops/matmul/matmul.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/statistics.h"
#include "training/recorded_places.h"
#include "training/ridge.h"

namespace secateur {
namespace {

constexpr const char* kReadout = "readout";

using Places = RecordedPlaces;

// A channel of the maps: [images, pixels], of mean 0, and the factor that brings it to variance 1.
struct CentredChannel {
  Tensor maps;
  std::vector<double> means;  // of the pixels
  double factor = 0;
};

CentredChannel centred_channel(const Tensor& all, int64_t channel) {
  const int64_t images = all.dim(0);
  const int64_t pixels = all.dim(2) * all.dim(3);
  CentredChannel centred{.maps = Tensor(Shape{images, pixels}), .means = {}, .factor = 0};
  Tensor& maps = centred.maps;
  for (int64_t i = 0; i < images; ++i) {
    std::copy_n(all.data() + (i * all.dim(1) + channel) * pixels, pixels, maps.data() + i * pixels);
  }
  double squares = 0;
  for (int64_t p = 0; p < pixels; ++p) {
    double sum = 0;
    for (int64_t i = 0; i < images; ++i) sum += maps[i * pixels + p];
    const double mean = sum / static_cast<double>(images);
    centred.means.push_back(mean);
    for (int64_t i = 0; i < images; ++i) {
      const double value = maps[i * pixels + p] - mean;
      maps[i * pixels + p] = static_cast<float>(value);
      squares += value * value;
    }
  }
  const double variance = squares / static_cast<double>(images * pixels);
  // A channel that never answers stays out.
  centred.factor = variance > 0 ? 1 / std::sqrt(variance) : 0;
  return centred;
}

// Calls body(channel, centred) for one after another; some at a time are made on all threads, so
// that little stands beside the maps.
void for_each_channel(const Tensor& maps,
                      const std::function<void(int64_t, const CentredChannel&)>& body) {
  constexpr int64_t kAtATime = 16;
  for (int64_t first = 0; first < maps.dim(1); first += kAtATime) {
    const int64_t count = std::min(kAtATime, maps.dim(1) - first);
    std::vector<CentredChannel> some(static_cast<size_t>(count));
    parallel_for(
        count, [&](int64_t c) { some[static_cast<size_t>(c)] = centred_channel(maps, first + c); });
    for (int64_t c = 0; c < count; ++c) body(first + c, some[static_cast<size_t>(c)]);
  }
}

// [images, images]
std::vector<double> kernel_of(const Tensor& all, Observer& observer) {
  const int64_t images = all.dim(0);
  std::vector<double> kernel(static_cast<size_t>(images * images));
  for_each_channel(all, [&](int64_t, const CentredChannel& channel) {
    const Variable maps(channel.maps);
    const Tensor products = matmul(maps, maps, {.transpose_b = true}).value();
    const double scale = channel.factor * channel.factor;
    parallel_for(images, [&](int64_t i) {
      for (int64_t k = i * images; k < (i + 1) * images; ++k) {
        kernel[static_cast<size_t>(k)] += scale * products[k];
      }
    });
    stop_if_asked(observer);
  });
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

struct Duals {
  Tensor dual;  // [images, neurons]
  std::vector<double> offsets;
  std::vector<double> penalties;
};

Duals fit_duals(const std::vector<double>& kernel, const Tensor& responses, Observer& observer) {
  const int64_t neurons = responses.dim(1);
  const size_t images = static_cast<size_t>(responses.dim(0));
  Duals duals{.dual = Tensor(responses.shape()),
              .offsets = std::vector<double>(static_cast<size_t>(neurons)),
              .penalties = std::vector<double>(static_cast<size_t>(neurons))};
  int64_t done = 0;
  for (const auto& [places, of_places] : neurons_by_places(responses)) {
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

// In terms of the maps as they are: neither centred nor scaled.
RidgeOnMaps on_maps(const Tensor& maps, Duals duals) {
  const int64_t neurons = duals.dual.dim(1);
  const int64_t pixels = maps.dim(2) * maps.dim(3);
  Tensor weight(Shape{neurons, maps.dim(1), maps.dim(2), maps.dim(3)});
  std::vector<double> biases = duals.offsets;
  for_each_channel(maps, [&](int64_t c, const CentredChannel& channel) {
    const Tensor of_channel =
        matmul(Variable(duals.dual), Variable(channel.maps), {.transpose_a = true}).value();
    const double scale = channel.factor * channel.factor;
    for (int64_t neuron = 0; neuron < neurons; ++neuron) {
      for (int64_t p = 0; p < pixels; ++p) {
        const double value = scale * of_channel[neuron * pixels + p];
        weight[(neuron * maps.dim(1) + c) * pixels + p] = static_cast<float>(value);
        biases[static_cast<size_t>(neuron)] -= value * channel.means[static_cast<size_t>(p)];
      }
    }
  });
  Tensor bias(Shape{neurons});
  for (int64_t neuron = 0; neuron < neurons; ++neuron) {
    bias[neuron] = static_cast<float>(biases[static_cast<size_t>(neuron)]);
  }
  return {.weight = weight, .bias = bias, .penalties = std::move(duals.penalties)};
}

void require_responses(const Tensor& responses, int64_t images) {
  require(responses.dim(0) == images, kReadout, "wanted responses to {} images, got {}", images,
          responses.dim(0));
  require(images <= kMostRidgeImages, kReadout,
          "wanted at most {} images to fit a readout on, got {}", kMostRidgeImages, images);
  neurons_by_places(responses);
}

}  // namespace

RidgeOnMaps fit_ridge(const Tensor& maps, const Tensor& responses, Observer& observer) {
  require_responses(responses, maps.dim(0));
  return on_maps(maps, fit_duals(kernel_of(maps, observer), responses, observer));
}

}  // namespace secateur
