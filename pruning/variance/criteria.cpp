#include "pruning/variance/criteria.h"

#include <cmath>

#include "ops/backend/gemm.h"
#include "ops/conv2d/conv2d.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

// Sums over images of d and d d^T. Values are taken relative to the mean of the first batch, so
// that subtracting the product of means at the end costs few digits.
class CovarianceSums {
 public:
  void add(const Tensor& depthwise) {
    const int64_t n = depthwise.dim(0);
    filters_ = depthwise.dim(1);
    pixels_ = depthwise.dim(2) * depthwise.dim(3);
    if (images_ == 0) start(depthwise);
    Tensor shifted(depthwise.shape());
    Tensor gram(Shape{n, filters_, filters_});
    parallel_for(n, [&](int64_t i) {
      const float* const from = depthwise.data() + i * filters_ * pixels_;
      float* const to = shifted.data() + i * filters_ * pixels_;
      for (int64_t k = 0; k < filters_ * pixels_; ++k) to[k] = from[k] - origin_[k];
      gemm(Transpose::kNo, Transpose::kYes, filters_, filters_, pixels_, 1.0f, to, pixels_, to,
           pixels_, 0.0f, gram.data() + i * filters_ * filters_, filters_);
    });
    for (int64_t i = 0; i < n; ++i) {
      accumulate(products_, gram.data() + i * filters_ * filters_);
      accumulate(sums_, shifted.data() + i * filters_ * pixels_);
    }
    images_ += n;
  }

  std::vector<double> covariance() const {
    require(images_ > 0, "pruning", "wanted at least one image to prune on");
    const double n = static_cast<double>(images_);
    std::vector<double> result(products_.size());
    parallel_for(filters_, [&](int64_t a) {
      for (int64_t b = 0; b < filters_; ++b) {
        double means = 0;
        const double* const sum_a = sums_.data() + a * pixels_;
        const double* const sum_b = sums_.data() + b * pixels_;
        for (int64_t p = 0; p < pixels_; ++p) means += sum_a[p] * sum_b[p];
        const size_t at = static_cast<size_t>(a * filters_ + b);
        result[at] = products_[at] / n - means / (n * n);
      }
    });
    return result;
  }

  int64_t filters() const { return filters_; }

 private:
  void start(const Tensor& depthwise) {
    const int64_t n = depthwise.dim(0);
    origin_ = Tensor::zeros({filters_ * pixels_});
    for (int64_t i = 0; i < n; ++i) {
      const float* const from = depthwise.data() + i * filters_ * pixels_;
      for (int64_t k = 0; k < origin_.numel(); ++k) origin_[k] += from[k] / static_cast<float>(n);
    }
    sums_.assign(static_cast<size_t>(filters_ * pixels_), 0.0);
    products_.assign(static_cast<size_t>(filters_ * filters_), 0.0);
  }

  static void accumulate(std::vector<double>& sums, const float* terms) {
    for (size_t k = 0; k < sums.size(); ++k) sums[k] += terms[k];
  }

  int64_t filters_ = 0;
  int64_t pixels_ = 0;
  int64_t images_ = 0;
  Tensor origin_;
  std::vector<double> sums_;
  std::vector<double> products_;
};

std::vector<double> weight_products(const Tensor& pointwise) {
  const int64_t outputs = pointwise.dim(0);
  const int64_t filters = pointwise.dim(1);
  std::vector<double> products(static_cast<size_t>(filters * filters), 0.0);
  for (int64_t o = 0; o < outputs; ++o) {
    const float* const row = pointwise.data() + o * filters;
    for (int64_t a = 0; a < filters; ++a) {
      for (int64_t b = 0; b < filters; ++b) {
        products[static_cast<size_t>(a * filters + b)] += double{row[a]} * row[b];
      }
    }
  }
  return products;
}

// The readout as one map per output and filter, [outputs, filters, h, w], whatever its kind.
Tensor readout_maps(const Model& model) {
  if (model.architecture().readout.kind == ReadoutKind::kDense)
    return model.tensor("readout.weight");
  const Tensor& mixing = model.tensor("readout.mixing.weight");
  const Tensor& spatial = model.tensor("readout.spatial.weight");
  const int64_t pixels = spatial.dim(1) * spatial.dim(2);
  Tensor maps(Shape{mixing.dim(0), mixing.dim(1), spatial.dim(1), spatial.dim(2)});
  for (int64_t i = 0; i < maps.numel(); ++i) {
    const int64_t output = i / (mixing.dim(1) * pixels);
    maps[i] = mixing[i / pixels] * spatial[output * pixels + i % pixels];
  }
  return maps;
}

std::vector<double> readout_constant(const Model& model) {
  const Tensor& bias = model.tensor("readout.bias");
  std::vector<double> constant(bias.values().begin(), bias.values().end());
  if (model.architecture().readout.kind == ReadoutKind::kDense) return constant;
  const Tensor& mixing_bias = model.tensor("readout.mixing.bias");
  const Tensor& spatial = model.tensor("readout.spatial.weight");
  const int64_t pixels = spatial.dim(1) * spatial.dim(2);
  for (size_t o = 0; o < constant.size(); ++o) {
    for (int64_t p = 0; p < pixels; ++p) {
      const int64_t output = static_cast<int64_t>(o);
      constant[o] += double{mixing_bias[output]} * spatial[output * pixels + p];
    }
  }
  return constant;
}

}  // namespace

FilterCovariance::FilterCovariance(int64_t filters, std::vector<double> covariance,
                                   std::vector<double> products)
    : filters_(filters), covariance_(std::move(covariance)), weight_products_(std::move(products)) {
  const size_t wanted = static_cast<size_t>(filters * filters);
  require(covariance_.size() == wanted && weight_products_.size() == wanted, "pruning",
          "wanted two matrices of {} x {} filters", filters, filters);
}

double FilterCovariance::at(const std::vector<double>& matrix, int64_t a, int64_t b) const {
  return matrix[static_cast<size_t>(a * filters_ + b)];
}

double FilterCovariance::score(int64_t filter) const {
  return at(covariance_, filter, filter) * at(weight_products_, filter, filter);
}

double FilterCovariance::centred_sum_of_squares(const std::vector<int64_t>& set) const {
  double sum = 0;
  for (int64_t a : set) {
    for (int64_t b : set) sum += at(covariance_, a, b) * at(weight_products_, a, b);
  }
  return sum;
}

FilterCovariance measure_covariance(const Model& model, size_t layer, const ImageVisitor& images) {
  const Architecture& architecture = model.architecture();
  require(layer + 1 < architecture.blocks.size(), "pruning",
          "layer {} is read by the readout, not by a separable block", layer);
  const Block& next = architecture.blocks[layer + 1];
  const Model constant = model.frozen();
  const Variable& kernel = constant.parameter(next.name + ".depthwise.weight");
  CovarianceSums sums;
  images([&](const Tensor& batch, int64_t) {
    const Variable x = constant.forward_blocks(Variable(batch), 0, layer + 1, Mode::kEvaluation);
    const Variable d =
        conv2d(x, kernel,
               {.stride = next.stride,
                .padding = same_padding(x.shape()[2], x.shape()[3], next.kernel, next.stride),
                .groups = x.shape()[1]});
    sums.add(d.value());
  });
  return {sums.filters(), sums.covariance(),
          weight_products(model.tensor(next.name + ".pointwise.weight"))};
}

double Contributions::score(int64_t filter) const {
  double variance = 0;
  std::vector<double> column(static_cast<size_t>(images));
  for (int64_t o = 0; o < outputs; ++o) {
    for (int64_t i = 0; i < images; ++i) {
      column[static_cast<size_t>(i)] =
          values[static_cast<size_t>((i * outputs + o) * filters + filter)];
    }
    variance += variance_of(column, 0);
  }
  return std::sqrt(variance);
}

std::vector<double> Contributions::response(const std::vector<int64_t>& set) const {
  std::vector<double> result(static_cast<size_t>(images * outputs));
  for (int64_t row = 0; row < images * outputs; ++row) {
    double sum = constant[static_cast<size_t>(row % outputs)];
    for (int64_t f : set) sum += values[static_cast<size_t>(row * filters + f)];
    result[static_cast<size_t>(row)] = sum;
  }
  return result;
}

Contributions measure_contributions(const Model& model, const ImageVisitor& images) {
  const Model constant = model.frozen();
  const Tensor maps = readout_maps(model);
  const int64_t pixels = maps.dim(2) * maps.dim(3);
  Contributions result{
      .outputs = maps.dim(0), .filters = maps.dim(1), .constant = readout_constant(model)};
  images([&](const Tensor& batch, int64_t) {
    const size_t blocks = constant.architecture().blocks.size();
    const Tensor x = constant.forward_blocks(Variable(batch), 0, blocks, Mode::kEvaluation).value();
    const int64_t n = x.dim(0);
    const size_t base = result.values.size();
    result.values.resize(base + static_cast<size_t>(n * maps.dim(0) * maps.dim(1)));
    parallel_for(n, [&](int64_t i) {
      for (int64_t k = 0; k < maps.dim(0) * maps.dim(1); ++k) {
        const float* const activation = x.data() + (i * maps.dim(1) + k % maps.dim(1)) * pixels;
        const float* const map = maps.data() + k * pixels;
        double sum = 0;
        for (int64_t p = 0; p < pixels; ++p) sum += double{activation[p]} * map[p];
        result.values[base + static_cast<size_t>(i * maps.dim(0) * maps.dim(1) + k)] = sum;
      }
    });
    result.images += n;
  });
  require(result.images > 0, "pruning", "wanted at least one image to prune on");
  return result;
}

double mean_squared_correlation(const std::vector<double>& a, const std::vector<double>& b,
                                int64_t outputs) {
  require(a.size() == b.size() && outputs > 0 && a.size() % static_cast<size_t>(outputs) == 0,
          "pruning", "wanted as many teacher responses as responses, {}, got {}", a.size(),
          b.size());
  const size_t images = a.size() / static_cast<size_t>(outputs);
  double sum = 0;
  std::vector<double> column_a(images);
  std::vector<double> column_b(images);
  for (size_t o = 0; o < static_cast<size_t>(outputs); ++o) {
    for (size_t i = 0; i < images; ++i) {
      column_a[i] = a[i * static_cast<size_t>(outputs) + o];
      column_b[i] = b[i * static_cast<size_t>(outputs) + o];
    }
    sum += squared_correlation(column_a, column_b);
  }
  return sum / static_cast<double>(outputs);
}

}  // namespace secateur
