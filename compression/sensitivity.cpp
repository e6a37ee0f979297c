#include "compression/sensitivity.h"

#include <algorithm>
#include <cmath>

#include "compression/compact_model.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/rng.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

constexpr int64_t kProbeImages = 8;  // that share one draw of signs, when there are several outputs
constexpr int64_t kWorkers = 8;      // gradients computed side by side

std::vector<double> output_column(const Tensor& responses, int64_t output) {
  std::vector<double> column;
  for (int64_t i = 0; i < responses.dim(0); ++i) {
    column.push_back(responses[i * responses.dim(1) + output]);
  }
  return column;
}

// One over the standard deviation of each output; 0 for one that does not vary.
std::vector<double> inverse_deviation(const Tensor& responses) {
  std::vector<double> inverse;
  for (int64_t o = 0; o < responses.dim(1); ++o) {
    const double variance = variance_of(output_column(responses, o), 0);
    inverse.push_back(variance > 0 ? 1.0 / std::sqrt(variance) : 0.0);
  }
  return inverse;
}

// Sums over the images of a probe, per weight or coefficient.
struct Moments {
  std::vector<double> sum, square, along;

  void reset(size_t count) {
    sum.assign(count, 0.0);
    square.assign(count, 0.0);
    along.assign(count, 0.0);
  }
  void add(std::span<const double> gradient, double response) {
    for (size_t i = 0; i < gradient.size(); ++i) {
      const double g = gradient[i];
      sum[i] += g;
      square[i] += g * g;
      along[i] += g * response;
    }
  }
  // Adds the mean square, centred and without what lies along the response, to `total`.
  void flush_into(std::vector<double>& total, double images) {
    for (size_t i = 0; i < total.size(); ++i) {
      const double centred = square[i] - sum[i] * sum[i] / images - along[i] * along[i] / images;
      total[i] += std::max(0.0, centred);
    }
    reset(total.size());
  }
};

// One tensor's gradient in both domains, for one image.
struct Gradient {
  std::vector<double> plain, transformed;
};

// The images of all batches, one by one, cut into probes.
class Measurement {
 public:
  Measurement(const Model& folded, const std::vector<Tensor>& batches, const Tensor& responses,
              int64_t images, uint64_t seed, Observer& observer)
      : folded_(folded),
        images_(images),
        responses_(responses),
        seed_(seed),
        observer_(observer),
        inverse_(inverse_deviation(responses)) {
    for (const Tensor& batch : batches) {
      for (int64_t i = 0; i < batch.dim(0); ++i) singles_.push_back(batch.rows(i, i + 1));
    }
    if (inverse_.size() == 1) standard_ = standardised();
    for (const ParameterSpec& spec : folded.specs()) layouts_.push_back(layout_of(spec));
    const size_t count = layouts_.size();
    plain_.resize(count);
    transformed_.resize(count);
    total_.resize(count);
    for (size_t t = 0; t < count; ++t) {
      const size_t numel = static_cast<size_t>(folded.specs()[t].shape.numel());
      total_[t].plain.assign(numel, 0.0);
      if (layouts_[t].transformable()) total_[t].transformed.assign(numel, 0.0);
      plain_[t].reset(total_[t].plain.size());
      transformed_[t].reset(total_[t].transformed.size());
    }
  }

  std::vector<TensorImportance> run() {
    const bool single = inverse_.size() == 1;
    const int64_t probe = single ? images_ : std::min(kProbeImages, images_);
    std::vector<Model> workers;
    for (int64_t w = 0; w < std::min(kWorkers, images_); ++w) workers.push_back(folded_.clone());
    measured_ = images_ / probe * probe;
    double degrees = 0.0;
    for (int64_t begin = 0; begin + probe <= images_; begin += probe) {
      run_probe(begin, begin + probe, workers);
      degrees += static_cast<double>(single ? probe : probe - 1);
    }
    for (TensorImportance& importance : total_) {
      for (double& value : importance.plain) value /= degrees;
      for (double& value : importance.transformed) value /= degrees;
    }
    return std::move(total_);
  }

 private:
  void run_probe(int64_t begin, int64_t end, std::vector<Model>& workers) {
    const Tensor cotangent = draw_cotangent(static_cast<uint64_t>(begin));
    const int64_t step = static_cast<int64_t>(workers.size());
    for (int64_t first = begin; first < end; first += step) {
      stop_if_asked(observer_);
      const int64_t count = std::min(step, end - first);
      std::vector<std::vector<Gradient>> gradients(static_cast<size_t>(count));
      parallel_for(count, [&](int64_t w) {
        gradients[static_cast<size_t>(w)] =
            gradient_of(workers[static_cast<size_t>(w)], first + w, cotangent);
      });
      accumulate(gradients, first);
      observer_.progress({.what = "sensitivity",
                          .unit = "images",
                          .done = static_cast<double>(first + count),
                          .total = static_cast<double>(measured_)});
    }
    const double images = static_cast<double>(end - begin);
    for (size_t t = 0; t < total_.size(); ++t) {
      plain_[t].flush_into(total_[t].plain, images);
      transformed_[t].flush_into(total_[t].transformed, images);
    }
  }

  // Random signs make the expected square of the sum over outputs the sum of their squares.
  Tensor draw_cotangent(uint64_t probe) const {
    const int64_t outputs = static_cast<int64_t>(inverse_.size());
    const auto varying =
        std::count_if(inverse_.begin(), inverse_.end(), [](double v) { return v > 0; });
    Rng rng(seed_, "compression/probe", probe);
    Tensor cotangent(Shape{1, outputs});
    for (int64_t o = 0; o < outputs; ++o) {
      const double sign = outputs == 1 || rng.below(2) == 0 ? 1.0 : -1.0;
      cotangent[o] = static_cast<float>(sign * inverse_[static_cast<size_t>(o)] /
                                        std::sqrt(static_cast<double>(varying)));
    }
    return cotangent;
  }

  std::vector<Gradient> gradient_of(const Model& model, int64_t image,
                                    const Tensor& cotangent) const {
    const Variable y =
        model.forward(Variable(singles_[static_cast<size_t>(image)]), Mode::kEvaluation);
    backward(y, cotangent);
    std::vector<Gradient> gradients;
    for (size_t t = 0; t < layouts_.size(); ++t) {
      const Variable& parameter = model.parameter(model.specs()[t].name);
      Gradient gradient;
      const Tensor& values = parameter.grad();
      gradient.plain.assign(values.values().begin(), values.values().end());
      if (layouts_[t].transformable()) {
        gradient.transformed = to_coefficients(values.values(), layouts_[t], Transform::kDct);
      }
      parameter.clear_grad();
      gradients.push_back(std::move(gradient));
    }
    return gradients;
  }

  // In the order of the images, whoever computed them.
  void accumulate(const std::vector<std::vector<Gradient>>& gradients, int64_t first) {
    const bool single = inverse_.size() == 1;
    parallel_for(static_cast<int64_t>(layouts_.size()), [&](int64_t tensor) {
      const size_t t = static_cast<size_t>(tensor);
      for (size_t i = 0; i < gradients.size(); ++i) {
        const double response = single ? standard_[static_cast<size_t>(first) + i] : 0.0;
        plain_[t].add(gradients[i][t].plain, response);
        transformed_[t].add(gradients[i][t].transformed, response);
      }
    });
  }

  // Over the images that are used, so that its mean square is one.
  std::vector<double> standardised() const {
    std::vector<double> values(responses_.values().begin(), responses_.values().begin() + images_);
    const double mean = mean_of(values);
    const double deviation = std::sqrt(variance_of(values, 0));
    for (double& value : values) value = deviation > 0 ? (value - mean) / deviation : 0.0;
    return values;
  }

  const Model& folded_;
  int64_t images_;
  int64_t measured_ = 0;  // of those, without a last probe that is not full
  const Tensor& responses_;
  uint64_t seed_;
  Observer& observer_;
  std::vector<double> inverse_;
  std::vector<double> standard_;
  std::vector<Tensor> singles_;
  std::vector<TensorLayout> layouts_;
  std::vector<Moments> plain_, transformed_;
  std::vector<TensorImportance> total_;
};

}  // namespace

Tensor respond(const Model& model, const std::vector<Tensor>& batches, Observer& observer) {
  const Model constant = model.frozen();
  const int64_t outputs = model.architecture().readout.outputs;
  int64_t images = 0;
  for (const Tensor& batch : batches) images += batch.dim(0);
  Tensor responses(Shape{images, outputs});
  int64_t done = 0;
  for (const Tensor& batch : batches) {
    stop_if_asked(observer);
    const Variable y = constant.forward(Variable(batch), Mode::kEvaluation);
    std::copy(y.value().values().begin(), y.value().values().end(),
              responses.data() + done * outputs);
    done += batch.dim(0);
    observer.progress({.what = "responses",
                       .unit = "images",
                       .done = static_cast<double>(done),
                       .total = static_cast<double>(images)});
  }
  return responses;
}

std::vector<TensorImportance> measure_importance(const Model& folded,
                                                 const std::vector<Tensor>& batches,
                                                 const Tensor& responses, int64_t most_images,
                                                 uint64_t seed, Observer& observer) {
  const int64_t images = std::min(responses.dim(0), most_images);
  require(images >= 2, "compress", "wanted at least 2 images to measure with, got {}", images);
  return Measurement(folded, batches, responses, images, seed, observer).run();
}

double response_loss(const Tensor& wanted, const Tensor& given) {
  require(wanted.rank() == 2 && wanted.shape() == given.shape(), "compress",
          "wanted two sets of responses [n, outputs], got {} and {}", wanted.shape(),
          given.shape());
  double loss = 0.0;
  int64_t varying = 0;
  for (int64_t o = 0; o < wanted.dim(1); ++o) {
    const std::vector<double> reference = output_column(wanted, o);
    if (!(variance_of(reference, 0) > 0)) continue;
    ++varying;
    loss += 1.0 - squared_correlation(reference, output_column(given, o));
  }
  require(varying > 0, "compress", "the responses do not vary over the {} images given",
          wanted.dim(0));
  return loss / static_cast<double>(varying);
}

}  // namespace secateur
