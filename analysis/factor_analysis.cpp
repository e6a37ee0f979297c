#include "analysis/factor_analysis.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "tensor/symmetric_matrix.h"
#include "tensor/error.h"

namespace secateur {
namespace {

constexpr const char* kFactors = "factor analysis";

// What a step needs of L and Psi: B = (I + L^T Psi^-1 L)^-1 L^T Psi^-1 (Woodbury), and the log
// determinant of L L^T + Psi.
struct Posterior {
  std::vector<double> b;           // [factors, neurons]
  std::vector<double> covariance;  // (I + L^T Psi^-1 L)^-1 = I - B L, [factors, factors]
  double log_determinant = 0;
};

Posterior posterior_of(const FactorModel& model) {
  const auto n = static_cast<size_t>(model.neurons);
  const auto q = static_cast<size_t>(model.factors);
  Posterior found;
  for (const double own : model.own) found.log_determinant += std::log(own);
  if (q == 0) return found;
  std::vector<double> information(q * q, 0.0);
  for (size_t i = 0; i < q; ++i) {
    information[i * q + i] = 1;
    for (size_t k = 0; k < q; ++k) {
      for (size_t j = 0; j < n; ++j) {
        information[i * q + k] +=
            model.loadings[j * q + i] * model.loadings[j * q + k] / model.own[j];
      }
    }
  }
  PositiveInverse inverse = inverse_of(information, model.factors);
  found.log_determinant += inverse.log_determinant;
  found.covariance = std::move(inverse.inverse);
  found.b.assign(q * n, 0.0);
  for (size_t i = 0; i < q; ++i) {
    for (size_t j = 0; j < n; ++j) {
      double sum = 0;
      for (size_t k = 0; k < q; ++k) {
        sum += found.covariance[i * q + k] * model.loadings[j * q + k];
      }
      found.b[i * n + j] = sum / model.own[j];
    }
  }
  return found;
}

// B S, [factors, neurons].
std::vector<double> projected(const Posterior& posterior, std::span<const double> s, size_t n,
                              size_t q) {
  std::vector<double> bs(q * n, 0.0);
  for (size_t i = 0; i < q; ++i) {
    for (size_t k = 0; k < n; ++k) {
      const double weight = posterior.b[i * n + k];
      for (size_t j = 0; j < n; ++j) bs[i * n + j] += weight * s[k * n + j];
    }
  }
  return bs;
}

// Mean log likelihood of a sample, but for its constant: tr(P S) needs P S = Psi^-1 (S - L B S).
double likelihood_of(const FactorModel& model, const Posterior& posterior,
                     std::span<const double> s, const std::vector<double>& bs) {
  const auto n = static_cast<size_t>(model.neurons);
  const auto q = static_cast<size_t>(model.factors);
  double trace = 0;
  for (size_t j = 0; j < n; ++j) {
    double rest = s[j * n + j];
    for (size_t i = 0; i < q; ++i) rest -= model.loadings[j * q + i] * bs[i * n + j];
    trace += rest / model.own[j];
  }
  return -(posterior.log_determinant + trace) / 2;
}

void maximise(FactorModel& model, const Posterior& posterior, std::span<const double> s,
              const std::vector<double>& bs) {
  const auto n = static_cast<size_t>(model.neurons);
  const auto q = static_cast<size_t>(model.factors);
  std::vector<double> moments = posterior.covariance;  // of z: I - B L + B S B^T
  for (size_t i = 0; i < q; ++i) {
    for (size_t k = 0; k < q; ++k) {
      for (size_t j = 0; j < n; ++j) moments[i * q + k] += bs[i * n + j] * posterior.b[k * n + j];
    }
  }
  for (size_t i = 0; i < q; ++i) {  // symmetric up to rounding
    for (size_t k = 0; k < i; ++k) moments[i * q + k] = moments[k * q + i];
  }
  const std::vector<double> inverse = inverse_of(moments, model.factors).inverse;
  for (size_t j = 0; j < n; ++j) {
    double shared = 0;
    for (size_t i = 0; i < q; ++i) {
      double loading = 0;
      for (size_t k = 0; k < q; ++k) loading += bs[k * n + j] * inverse[k * q + i];
      model.loadings[j * q + i] = loading;
      shared += loading * bs[i * n + j];
    }
    const double whole = s[j * n + j];
    model.own[j] = std::max(whole - shared, kLeastOwnShare * whole);
  }
}

FactorModel start(std::span<const double> s, int64_t neurons, int64_t factors) {
  const auto n = static_cast<size_t>(neurons);
  const auto q = static_cast<size_t>(factors);
  FactorModel model{.neurons = neurons, .factors = factors, .loadings = {}, .own = {}, .steps = 0};
  model.loadings.assign(n * q, 0.0);
  if (q > 0) {
    const EigenSystem axes = eigen_system(s, neurons);
    const double rest = std::accumulate(axes.values.begin() + factors, axes.values.end(), 0.0) /
                        static_cast<double>(neurons - factors);
    for (size_t i = 0; i < q; ++i) {
      // No loading of 0, from which no step leads away.
      const double length = std::sqrt(std::max(axes.values[i] - rest, 1e-3 * axes.values[0]));
      for (size_t j = 0; j < n; ++j) {
        model.loadings[j * q + i] = length * axes.vectors[i * n + j];
      }
    }
  }
  for (size_t j = 0; j < n; ++j) {
    double own = s[j * n + j];
    for (size_t i = 0; i < q; ++i) own -= model.loadings[j * q + i] * model.loadings[j * q + i];
    model.own.push_back(std::max(own, kLeastOwnShare * s[j * n + j]));
  }
  return model;
}

}  // namespace

int64_t most_factors(int64_t neurons) {
  int64_t q = 0;
  while (q + 1 < neurons && (neurons - q - 1) * (neurons - q - 1) >= neurons + q + 1) ++q;
  return q;
}

FactorModel fit_factors(std::span<const double> covariance, int64_t neurons, int64_t factors) {
  require(neurons >= 1 && covariance.size() == static_cast<size_t>(neurons * neurons), kFactors,
          "wanted a covariance of {} x {}, got {} numbers", neurons, neurons, covariance.size());
  require(factors >= 0 && factors <= most_factors(neurons), kFactors,
          "wanted 0 to {} factors for {} neurons, got {}", most_factors(neurons), neurons, factors);
  for (int64_t j = 0; j < neurons; ++j) {
    require(covariance[static_cast<size_t>(j * neurons + j)] > 0, kFactors,
            "wanted neurons that vary, number {} does not", j);
  }
  FactorModel model = start(covariance, neurons, factors);
  if (factors == 0) return model;
  double before = -INFINITY;
  for (; model.steps < kMostFactorSteps; ++model.steps) {
    const Posterior posterior = posterior_of(model);
    const std::vector<double> bs = projected(posterior, covariance, static_cast<size_t>(neurons),
                                             static_cast<size_t>(factors));
    const double likelihood = likelihood_of(model, posterior, covariance, bs);
    if (likelihood - before < kFactorTolerance) break;
    before = likelihood;
    maximise(model, posterior, covariance, bs);
  }
  return model;
}

FactorPrediction::FactorPrediction(const FactorModel& model)
    : neurons_(static_cast<size_t>(model.neurons)), precision_(neurons_ * neurons_, 0.0) {
  const Posterior posterior = posterior_of(model);
  const auto q = static_cast<size_t>(model.factors);
  log_determinant_ = posterior.log_determinant;
  for (size_t j = 0; j < neurons_; ++j) {  // Psi^-1 (I - L B)
    precision_[j * neurons_ + j] = 1 / model.own[j];
    for (size_t k = 0; k < neurons_; ++k) {
      double shared = 0;
      for (size_t i = 0; i < q; ++i) {
        shared += model.loadings[j * q + i] * posterior.b[i * neurons_ + k];
      }
      precision_[j * neurons_ + k] -= shared / model.own[j];
    }
  }
}

double FactorPrediction::log_likelihood(std::span<const double> x) const {
  double distance = 0;
  for (size_t j = 0; j < neurons_; ++j) {
    double sum = 0;
    for (size_t k = 0; k < neurons_; ++k) sum += precision_[j * neurons_ + k] * x[k];
    distance += x[j] * sum;
  }
  return -(static_cast<double>(neurons_) * std::log(2 * std::numbers::pi) + log_determinant_ +
           distance) /
         2;
}

std::vector<double> FactorPrediction::from_the_others(std::span<const double> x) const {
  std::vector<double> predicted(neurons_);
  for (size_t j = 0; j < neurons_; ++j) {
    double others = 0;
    for (size_t k = 0; k < neurons_; ++k) {
      if (k != j) others += precision_[j * neurons_ + k] * x[k];
    }
    predicted[j] = -others / precision_[j * neurons_ + j];
  }
  return predicted;
}

double shared_share(const FactorModel& model) {
  const auto q = static_cast<size_t>(model.factors);
  double sum = 0;
  for (size_t j = 0; j < model.own.size(); ++j) {
    double shared = 0;
    for (size_t i = 0; i < q; ++i) {
      shared += model.loadings[j * q + i] * model.loadings[j * q + i];
    }
    sum += shared / (shared + model.own[j]);
  }
  return sum / static_cast<double>(model.neurons);
}

int64_t shared_dimensions(const FactorModel& model, double share) {
  const auto q = static_cast<size_t>(model.factors);
  if (q == 0) return 0;
  std::vector<double> products(q * q, 0.0);  // L^T L has the eigenvalues of L L^T
  for (size_t i = 0; i < q; ++i) {
    for (size_t k = 0; k < q; ++k) {
      for (size_t j = 0; j < model.own.size(); ++j) {
        products[i * q + k] += model.loadings[j * q + i] * model.loadings[j * q + k];
      }
    }
  }
  const std::vector<double> values = eigen_system(products, model.factors).values;
  const double all = std::accumulate(values.begin(), values.end(), 0.0);
  double held = 0;
  int64_t count = 0;
  for (; count < model.factors && held < share * all; ++count) {
    held += values[static_cast<size_t>(count)];
  }
  return count;
}

}  // namespace secateur
