#pragma once
// Factor analysis: x = L z + e with z ~ N(0, I) of q factors and e ~ N(0, Psi), Psi diagonal, so
// that x ~ N(0, L L^T + Psi): what neurons share is low-dimensional, what is left is each one's own
// (Everitt, An Introduction to Latent Variable Models, 1984; of neurons Yu et al., J Neurophysiol
// 102:614, 2009).
//
// Fitted by expectation-maximisation on the covariance S of the data (Rubin and Thayer,
// Psychometrika 47:69, 1982): with B = L^T (L L^T + Psi)^-1,
//   L <- S B^T (I - B L + B S B^T)^-1,  Psi <- diag(S - L B S)
// from principal axes, until the log likelihood of a sample grows by less than kFactorTolerance or
// kMostFactorSteps are done. All in double and in a fixed order: no draw enters.

#include <cstdint>
#include <span>
#include <vector>

namespace secateur {

inline constexpr double kFactorTolerance = 1e-7;
inline constexpr int kMostFactorSteps = 1000;
// No variance of a neuron's own falls below this share of its whole variance, or the likelihood
// could grow without bound (Heywood's case).
inline constexpr double kLeastOwnShare = 0.01;

struct FactorModel {
  int64_t neurons = 0;
  int64_t factors = 0;
  std::vector<double> loadings;  // L, [neurons, factors]
  std::vector<double> own;       // Psi, [neurons]
  int steps = 0;
};

// Throws Error(kBadInput) unless covariance is [neurons, neurons] with a diagonal above 0 and
// 0 <= factors <= most_factors(neurons).
FactorModel fit_factors(std::span<const double> covariance, int64_t neurons, int64_t factors);

// As many factors as a covariance can tell apart: the largest q with (n - q)^2 >= n + q
// (Ledermann, Psychometrika 2:85, 1937).
int64_t most_factors(int64_t neurons);

// What a model says of samples x [neurons] of mean 0.
class FactorPrediction {
 public:
  explicit FactorPrediction(const FactorModel& model);

  // Natural logarithm of the density.
  double log_likelihood(std::span<const double> x) const;
  // Of every neuron its mean given all the others: x_n - (P x)_n / P_nn, P the inverse of the
  // covariance.
  std::vector<double> from_the_others(std::span<const double> x) const;

 private:
  size_t neurons_;
  std::vector<double> precision_;  // P, [neurons, neurons]
  double log_determinant_ = 0;     // of the covariance
};

// The share of a neuron's variance that the factors carry, mean over neurons.
double shared_share(const FactorModel& model);
// How many directions hold `share` of the shared variance tr(L L^T) (Williamson et al., PLoS Comput
// Biol 12:e1005141, 2016).
int64_t shared_dimensions(const FactorModel& model, double share = 0.95);

}  // namespace secateur
