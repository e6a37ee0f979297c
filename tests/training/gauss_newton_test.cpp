#include "training/gauss_newton.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "ops/backend/reproducibility.h"
#include "tensor/parallel.h"
#include "tests/formats/expect_refused.h"
#include "tests/models/lively_model.h"
#include "tests/training/small_problem.h"

namespace secateur {
namespace {

constexpr int64_t kImages = 5;

Tensor images_of(const SmallProblem& problem, int64_t count) {
  Tensor images(Shape{count, 3, problem.set->height(), problem.set->width()});
  for (int64_t i = 0; i < count; ++i) {
    problem.set->fill(i, images.data() + i * problem.set->values_per_item());
  }
  return images;
}

Tensor targets_of(const SmallProblem& problem, int64_t count) {
  std::vector<int64_t> items;
  for (int64_t i = 0; i < count; ++i) items.push_back(i);
  return problem.targets()(items);
}

std::vector<double> flat_values(const Model& model) {
  std::vector<double> flat;
  for (const ParameterSpec& spec : model.specs()) {
    if (!spec.trainable) continue;
    for (const float v : model.tensor(spec.name).values()) flat.push_back(v);
  }
  return flat;
}

// s^2 of the formula, for every parameter.
std::vector<double> squared_scales(const Model& model) {
  std::vector<double> scales;
  for (const ParameterSpec& spec : model.specs()) {
    if (!spec.trainable) continue;
    double squares = 0;
    for (const float v : model.tensor(spec.name).values()) squares += double{v} * v;
    const auto count = static_cast<double>(model.tensor(spec.name).numel());
    const double scale = std::sqrt(squares / count) + 1e-3;
    for (int64_t i = 0; i < model.tensor(spec.name).numel(); ++i) scales.push_back(scale * scale);
  }
  return scales;
}

// A x = b by elimination with pivots.
std::vector<double> solved(std::vector<std::vector<double>> a, std::vector<double> b) {
  const size_t n = b.size();
  for (size_t c = 0; c < n; ++c) {
    size_t pivot = c;
    for (size_t r = c; r < n; ++r) {
      if (std::abs(a[r][c]) > std::abs(a[pivot][c])) pivot = r;
    }
    std::swap(a[c], a[pivot]);
    std::swap(b[c], b[pivot]);
    for (size_t r = c + 1; r < n; ++r) {
      const double f = a[r][c] / a[c][c];
      for (size_t k = c; k < n; ++k) a[r][k] -= f * a[c][k];
      b[r] -= f * b[c];
    }
  }
  for (size_t c = n; c-- > 0;) {
    for (size_t k = c + 1; k < n; ++k) b[c] -= a[c][k] * b[k];
    b[c] /= a[c][c];
  }
  return b;
}

// argmin |J v - e|^2 + damping (tr K / n) |(v - momentum u) / s|^2 by its normal equations, with as
// many unknowns as parameters.
std::vector<double> direction(const Model& model, const ResponseJacobian& jacobian,
                              const Tensor& targets, const std::vector<double>& u,
                              const GaussNewtonOptions& options) {
  const std::vector<double> squared = squared_scales(model);
  const auto n = static_cast<size_t>(jacobian.rows.dim(0));
  const size_t width = squared.size();
  double trace = 0;
  for (size_t i = 0; i < n; ++i) {
    for (size_t p = 0; p < width; ++p) {
      const double j = jacobian.rows[static_cast<int64_t>(i * width + p)];
      trace += j * j * squared[p];
    }
  }
  const double penalty = options.damping * trace / static_cast<double>(n);
  std::vector<std::vector<double>> a(width, std::vector<double>(width, 0.0));
  std::vector<double> b(width, 0.0);
  for (size_t p = 0; p < width; ++p) {
    for (size_t i = 0; i < n; ++i) {
      const double j = jacobian.rows[static_cast<int64_t>(i * width + p)];
      b[p] += j * (targets[static_cast<int64_t>(i)] - jacobian.responses[i]);
      for (size_t q = 0; q < width; ++q) {
        a[p][q] += j * jacobian.rows[static_cast<int64_t>(i * width + q)];
      }
    }
    a[p][p] += penalty / squared[p];
    b[p] += penalty / squared[p] * options.momentum * u[p];
  }
  return solved(a, b);
}

TEST(ResponseJacobian, IsTheGradientOfEachResponse) {
  const SmallProblem problem;
  const Model model = lively_model(small_student(), 3);
  const Tensor images = images_of(problem, kImages);
  const ResponseJacobian jacobian = response_jacobian(model, images);
  // All images in one graph: with a cotangent of 1 for one response its row comes out.
  for (int64_t i = 0; i < kImages; ++i) {
    const Model own = model.with_own_gradients();
    const Variable responses = own.forward(Variable(images), Mode::kEvaluation);
    EXPECT_NEAR(jacobian.responses[static_cast<size_t>(i)], responses.value()[i], 1e-5);
    Tensor one = Tensor::zeros(responses.shape());
    one[i] = 1;
    backward(responses, one);
    int64_t at = i * jacobian.rows.dim(1);
    double largest = 0;
    for (const ParameterSpec& spec : model.specs()) {
      if (!spec.trainable) continue;
      for (const float g : own.parameter(spec.name).grad().values()) {
        EXPECT_NEAR(jacobian.rows[at], g, 1e-4 + 1e-4 * std::abs(g)) << spec.name;
        largest = std::max(largest, std::abs(double{g}));
        ++at;
      }
    }
    EXPECT_GT(largest, 0.1);
    EXPECT_EQ(at, (i + 1) * jacobian.rows.dim(1));
  }
}

TEST(GaussNewton, SolvesTheDampedLeastSquares) {
  const SmallProblem problem;
  Model model = lively_model(small_student(), 3);
  const Tensor images = images_of(problem, kImages);
  const Tensor targets = targets_of(problem, kImages);
  const GaussNewtonOptions options{.damping = 0.2, .momentum = 0.7};
  const auto optimiser = make_gauss_newton(options);
  constexpr double kRate = 0.3;
  std::vector<double> u(flat_values(model).size(), 0.0);
  for (int step = 0; step < 3; ++step) {
    const std::vector<double> before = flat_values(model);
    const std::vector<double> v =
        direction(model, response_jacobian(model, images), targets, u, options);
    optimiser->learn(model, images, targets, {}, kRate);
    const std::vector<double> after = flat_values(model);
    double moved = 0;
    for (size_t p = 0; p < before.size(); ++p) {
      EXPECT_NEAR(after[p] - before[p], kRate * v[p], 1e-4) << step << ", parameter " << p;
      moved = std::max(moved, std::abs(kRate * v[p]));
    }
    EXPECT_GT(moved, 1e-2) << "a step too small to see";
    u = v;
  }
  EXPECT_EQ(optimiser->updates(), 3);
}

TEST(GaussNewton, LeavesMovingStatisticsAlone) {
  const SmallProblem problem;
  Model model = lively_model(small_student(), 3);
  const Model before = model.clone();
  make_gauss_newton()->learn(model, images_of(problem, 4), targets_of(problem, 4), {}, 0.2);
  for (const ParameterSpec& spec : model.specs()) {
    EXPECT_EQ(same_bits(model.tensor(spec.name), before.tensor(spec.name)), !spec.trainable)
        << spec.name;
  }
}

TEST(GaussNewton, SaysTheLossBeforeItsUpdate) {
  const SmallProblem problem;
  Model model = lively_model(small_student(), 3);
  const Tensor images = images_of(problem, kImages);
  const Tensor targets = targets_of(problem, kImages);
  const std::vector<double> responses = response_jacobian(model, images).responses;
  double squares = 0;
  for (int64_t i = 0; i < kImages; ++i) {
    squares += std::pow(targets[i] - responses[static_cast<size_t>(i)], 2);
  }
  const auto optimiser = make_gauss_newton();
  const double loss = optimiser->learn(model, images, targets, {}, 0.2);
  EXPECT_NEAR(loss, squares / kImages, 1e-6);
  EXPECT_LT(optimiser->learn(model, images, targets, {}, 0.2), loss);
}

TEST(GaussNewton, LeavesOutImagesWithoutATarget) {
  const SmallProblem problem;
  Model some = lively_model(small_student(), 3);
  Model all = some.clone();
  Tensor images = images_of(problem, kImages);
  Tensor targets = targets_of(problem, kImages);
  make_gauss_newton()->learn(some, images.rows(0, kImages - 1), targets.rows(0, kImages - 1), {},
                             0.2);
  targets[kImages - 1] = std::numeric_limits<float>::quiet_NaN();
  make_gauss_newton()->learn(all, images, targets, {}, 0.2);
  EXPECT_TRUE(same_tensors(some, all));
  const Model before = all.clone();
  targets.fill(std::numeric_limits<float>::quiet_NaN());
  EXPECT_EQ(make_gauss_newton()->learn(all, images, targets, {}, 0.2), 0);
  EXPECT_TRUE(same_tensors(before, all));
}

TEST(GaussNewton, HasTheSameBitsOnAnyNumberOfThreads) {
  const SmallProblem problem;
  for (const Reproducibility mode : {Reproducibility::kThreads, Reproducibility::kPortable}) {
    const Reproducibility was = reproducibility();
    set_reproducibility(mode);
    std::vector<Model> models;
    for (const int threads : {1, 2, 3}) {
      set_thread_budget(threads);
      Model& model = models.emplace_back(lively_model(small_student(), 3));
      const auto optimiser = make_gauss_newton();
      for (int step = 0; step < 3; ++step) {
        optimiser->learn(model, images_of(problem, 24), targets_of(problem, 24), {}, 0.2);
      }
    }
    set_thread_budget(0);
    set_reproducibility(was);
    EXPECT_TRUE(same_tensors(models[0], models[1]));
    EXPECT_TRUE(same_tensors(models[0], models[2]));
  }
}

// Finite responses may have derivatives whose products are not; a loop then says that it diverged.
TEST(GaussNewton, SaysThatItLeftTheFiniteNumbers) {
  const SmallProblem problem;
  Model model = lively_model(small_student(), 3);
  for (float& v : model.tensor("readout.weight").values()) v *= 1e25f;
  const Model before = model.clone();
  const Tensor images = images_of(problem, 4);
  for (const double response : response_jacobian(model, images).responses) {
    ASSERT_TRUE(std::isfinite(response));
  }
  EXPECT_EQ(make_gauss_newton()->learn(model, images, targets_of(problem, 4), {}, 0.2),
            std::numeric_limits<double>::infinity());
  EXPECT_TRUE(same_tensors(model, before));
}

TEST(GaussNewton, RefusesWhatItCannotLearn) {
  const SmallProblem problem;
  Model model = lively_model(small_student(), 3);
  const Tensor images = images_of(problem, 2);
  const Tensor targets = targets_of(problem, 2);
  const auto optimiser = make_gauss_newton();
  expect_refused([&] { optimiser->learn(model, images, targets, {.loss = Loss::kPoisson}, 0.2); },
                 "it learns the squared error, all layers at once", ErrorKind::kUsage);
  expect_refused([&] { optimiser->learn(model, images, targets, {.train_blocks = false}, 0.2); },
                 "it learns the squared error, all layers at once", ErrorKind::kUsage);
  Model two = lively_model(small_student(2), 3);
  expect_refused([&] { optimiser->learn(two, images, targets, {}, 0.2); },
                 "wanted a model of one output, got 2", ErrorKind::kUsage);
  expect_refused([] { make_gauss_newton({.damping = 0}); }, "got 0 and 0.95", ErrorKind::kUsage);
  expect_refused([] { make_gauss_newton({.momentum = 1}); }, "got 0.1 and 1", ErrorKind::kUsage);
}

}  // namespace
}  // namespace secateur
