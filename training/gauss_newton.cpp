#include "training/gauss_newton.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "ops/backend/gemm.h"
#include "ops/elementwise.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/symmetric_matrix.h"

namespace secateur {
namespace {

// A tensor's place in a row of the Jacobian.
struct Place {
  std::string name;
  int64_t begin;
  int64_t count;
};

std::vector<Place> trainable_places(const Model& model) {
  std::vector<Place> places;
  int64_t begin = 0;
  for (const ParameterSpec& spec : model.specs()) {
    if (!spec.trainable) continue;
    const int64_t count = model.tensor(spec.name).numel();
    places.push_back({spec.name, begin, count});
    begin += count;
  }
  return places;
}

int64_t width_of(const std::vector<Place>& places) {
  return places.back().begin + places.back().count;
}

// Images whose target counts.
std::vector<int64_t> with_target(const Tensor& targets) {
  std::vector<int64_t> counted;
  for (int64_t i = 0; i < targets.numel(); ++i) {
    if (!std::isnan(targets[i])) counted.push_back(i);
  }
  return counted;
}

Tensor images_at(const Tensor& images, const std::vector<int64_t>& places) {
  if (static_cast<int64_t>(places.size()) == images.dim(0)) return images;
  Tensor some(
      Shape{static_cast<int64_t>(places.size()), images.dim(1), images.dim(2), images.dim(3)});
  const int64_t each = images.numel() / images.dim(0);
  for (size_t i = 0; i < places.size(); ++i) {
    std::copy_n(images.data() + places[i] * each, each,
                some.data() + static_cast<int64_t>(i) * each);
  }
  return some;
}

constexpr double kLeastScale = 1e-3;

float scale_of(const Tensor& values) {
  double squares = 0;
  for (int64_t i = 0; i < values.numel(); ++i) squares += double{values[i]} * values[i];
  return static_cast<float>(std::sqrt(squares / static_cast<double>(values.numel())) + kLeastScale);
}

// rows x.
std::vector<double> times(const Tensor& rows, const std::vector<float>& x) {
  std::vector<double> product(static_cast<size_t>(rows.dim(0)));
  parallel_for(rows.dim(0), [&](int64_t i) {
    const float* const row = rows.data() + i * rows.dim(1);
    double sum = 0;
    for (int64_t p = 0; p < rows.dim(1); ++p) sum += double{row[p]} * x[static_cast<size_t>(p)];
    product[static_cast<size_t>(i)] = sum;
  });
  return product;
}

// rows rows^T, row by row.
std::vector<double> kernel_of(const Tensor& rows) {
  constexpr int64_t kBlock = 16;  // rows that one thread takes
  const int64_t n = rows.dim(0);
  const int64_t width = rows.dim(1);
  std::vector<float> products(static_cast<size_t>(n * n));
  parallel_for((n + kBlock - 1) / kBlock, [&](int64_t block) {
    const int64_t first = block * kBlock;
    gemm(Transpose::kNo, Transpose::kYes, std::min(kBlock, n - first), n, width, 1.0f,
         rows.data() + first * width, width, rows.data(), width, 0.0f, products.data() + first * n,
         n);
  });
  return {products.begin(), products.end()};
}

bool all_finite(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double v) { return std::isfinite(v); });
}

class GaussNewton : public Optimiser {
 public:
  explicit GaussNewton(const GaussNewtonOptions& options) : options_(options) {}

  double learn(Model& model, const Tensor& images, const Tensor& targets,
               const Objective& objective, double learning_rate) override {
    if (objective.loss != Loss::kMeanSquaredError || !objective.train_blocks) {
      fail(ErrorKind::kUsage, kGaussNewton, "it learns the squared error, all layers at once");
    }
    ++updates_;
    const std::vector<int64_t> counted = with_target(targets);
    if (counted.empty()) return 0;
    ResponseJacobian jacobian = response_jacobian(model, images_at(images, counted));
    std::vector<double> missing;
    double squares = 0;
    for (size_t i = 0; i < counted.size(); ++i) {
      missing.push_back(targets[counted[i]] - jacobian.responses[i]);
      squares += missing.back() * missing.back();
    }
    const double loss = squares / static_cast<double>(counted.size());
    if (!std::isfinite(loss)) return loss;
    const bool updated = update(model, jacobian.rows, std::move(missing), learning_rate);
    return updated ? loss : std::numeric_limits<double>::infinity();
  }

 private:
  // False when the system has numbers that are not finite.
  bool update(Model& model, Tensor& rows, std::vector<double> missing, double learning_rate) {
    const std::vector<Place> places = trainable_places(model);
    std::vector<float> before(static_cast<size_t>(rows.dim(1)));
    std::vector<float> scale(before.size());
    for (const Place& place : places) {
      const Tensor& value = model.tensor(place.name);
      const Tensor& moved = moment(place.name + "/direction", value.shape());
      std::copy_n(moved.data(), place.count, before.begin() + place.begin);
      std::fill_n(scale.begin() + place.begin, place.count, scale_of(value));
    }
    const std::vector<double> of_momentum = times(rows, before);
    for (size_t i = 0; i < missing.size(); ++i) missing[i] -= options_.momentum * of_momentum[i];
    const int64_t width = rows.dim(1);
    parallel_for(rows.dim(0), [&](int64_t i) {
      float* const row = rows.data() + i * width;
      for (int64_t p = 0; p < width; ++p) row[p] *= scale[static_cast<size_t>(p)];
    });
    std::vector<double> kernel = kernel_of(rows);
    if (!all_finite(kernel) || !all_finite(missing)) return false;
    const std::vector<double> weights = solve_damped(std::move(kernel), missing);
    for (const Place& place : places) {
      Tensor& value = model.tensor(place.name);
      Tensor& direction = moment(place.name + "/direction", value.shape());
      for_each_block(place.count, [&](int64_t begin, int64_t end) {
        std::vector<double> sums(static_cast<size_t>(end - begin));
        for (size_t i = 0; i < weights.size(); ++i) {
          const float* const row =
              rows.data() + static_cast<int64_t>(i) * width + place.begin + begin;
          for (size_t p = 0; p < sums.size(); ++p) sums[p] += weights[i] * row[p];
        }
        for (int64_t p = begin; p < end; ++p) {
          const double solved =
              scale[static_cast<size_t>(place.begin + p)] * sums[static_cast<size_t>(p - begin)];
          direction[p] = static_cast<float>(options_.momentum * direction[p] + solved);
          value[p] = static_cast<float>(value[p] + learning_rate * direction[p]);
        }
      });
    }
    return true;
  }

  // (K + damping (tr K / n) I)^-1 y
  std::vector<double> solve_damped(std::vector<double> kernel, std::vector<double> y) const {
    const size_t n = y.size();
    double trace = 0;
    for (size_t i = 0; i < n; ++i) trace += kernel[i * n + i];
    if (trace == 0) return std::vector<double>(n);  // no parameter matters to any image
    const double penalty = options_.damping * trace / static_cast<double>(n);
    for (size_t i = 0; i < n; ++i) kernel[i * n + i] += penalty;
    return solve_positive(kernel, std::move(y));
  }

  GaussNewtonOptions options_;
};

}  // namespace

ResponseJacobian response_jacobian(const Model& model, const Tensor& images) {
  if (const int64_t outputs = model.architecture().readout.outputs; outputs != 1) {
    fail(ErrorKind::kUsage, kGaussNewton, "wanted a model of one output, got {}", outputs);
  }
  const std::vector<Place> places = trainable_places(model);
  const int64_t n = images.dim(0);
  const int64_t width = width_of(places);
  ResponseJacobian jacobian{.responses = std::vector<double>(static_cast<size_t>(n)),
                            .rows = Tensor(Shape{n, width})};
  parallel_for(n, [&](int64_t i) {
    const Model own = model.with_own_gradients();
    const Variable response = own.forward(Variable(images.rows(i, i + 1)), Mode::kEvaluation);
    jacobian.responses[static_cast<size_t>(i)] = response.value()[0];
    backward(response);
    float* const row = jacobian.rows.data() + i * width;
    for (const Place& place : places) {
      const Variable& parameter = own.parameter(place.name);
      if (parameter.has_grad()) {
        std::copy_n(parameter.grad().data(), place.count, row + place.begin);
      } else {
        std::fill_n(row + place.begin, place.count, 0.0f);
      }
    }
  });
  return jacobian;
}

std::unique_ptr<Optimiser> make_gauss_newton(const GaussNewtonOptions& options) {
  if (!(options.damping > 0) || !(options.momentum >= 0 && options.momentum < 1)) {
    fail(ErrorKind::kUsage, kGaussNewton,
         "wanted a damping above 0 and a momentum in [0, 1), got {} and {}", options.damping,
         options.momentum);
  }
  return std::make_unique<GaussNewton>(options);
}

}  // namespace secateur
