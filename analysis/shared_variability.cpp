#include "analysis/shared_variability.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/factor_analysis.h"
#include "analysis/resampling.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

constexpr size_t kFolds = 5;
constexpr size_t kFewestImagesOfHalf = 10;

// Residuals of some images, trial by trial.
struct Residuals {
  size_t neurons = 0;
  std::vector<double> values;     // [trials, neurons]
  std::vector<size_t> image_end;  // of each image, the trial behind its last

  size_t images() const { return image_end.size(); }
  size_t trials() const { return image_end.empty() ? 0 : image_end.back(); }
  size_t begin_of(size_t image) const { return image == 0 ? 0 : image_end[image - 1]; }
  std::span<const double> trial(size_t which) const {
    return std::span(values).subspan(which * neurons, neurons);
  }
};

void add_image(const PopulationTrials& trials, const PopulationTrials::Image& image,
               const std::vector<size_t>& columns, Residuals& out) {
  const double count = static_cast<double>(image.trials);
  const double scale = std::sqrt(count / (count - 1));
  std::vector<double> means(columns.size(), 0.0);
  for (size_t t = image.first; t < image.first + image.trials; ++t) {
    for (size_t c = 0; c < columns.size(); ++c) means[c] += trials.trial(t)[columns[c]] / count;
  }
  for (size_t t = image.first; t < image.first + image.trials; ++t) {
    for (size_t c = 0; c < columns.size(); ++c) {
      out.values.push_back(scale * (trials.trial(t)[columns[c]] - means[c]));
    }
  }
  out.image_end.push_back(out.trials() + image.trials);
}

Residuals residuals_of(const PopulationTrials& trials, ImageRange range,
                       const std::vector<size_t>& columns) {
  Residuals out;
  out.neurons = columns.size();
  for (const PopulationTrials::Image& image : trials.images) {
    if (image.image >= range.begin && image.image < range.end) {
      add_image(trials, image, columns, out);
    }
  }
  return out;
}

std::vector<double> variances_of(const Residuals& residuals) {
  std::vector<double> variances(residuals.neurons, 0.0);
  for (size_t t = 0; t < residuals.trials(); ++t) {
    for (size_t n = 0; n < residuals.neurons; ++n) {
      variances[n] += residuals.trial(t)[n] * residuals.trial(t)[n];
    }
  }
  for (double& v : variances) v /= static_cast<double>(std::max<size_t>(residuals.trials(), 1));
  return variances;
}

void divide(Residuals& residuals, const std::vector<double>& variances) {
  for (size_t i = 0; i < residuals.values.size(); ++i) {
    residuals.values[i] /= std::sqrt(variances[i % residuals.neurons]);
  }
}

// Of the trials of images outside [left_out_begin, left_out_end); residuals have mean 0.
std::vector<double> covariance_without(const Residuals& residuals, size_t left_out_begin,
                                       size_t left_out_end) {
  const size_t n = residuals.neurons;
  std::vector<double> covariance(n * n, 0.0);
  double trials = 0;
  for (size_t image = 0; image < residuals.images(); ++image) {
    if (image >= left_out_begin && image < left_out_end) continue;
    for (size_t t = residuals.begin_of(image); t < residuals.image_end[image]; ++t) {
      const std::span<const double> x = residuals.trial(t);
      trials += 1;
      for (size_t p = 0; p < n; ++p) {
        for (size_t q = 0; q < n; ++q) covariance[p * n + q] += x[p] * x[q];
      }
    }
  }
  for (double& value : covariance) value /= trials;
  return covariance;
}

// A neuron without any residual in the images of a fold would have no likelihood.
void keep_diagonal_positive(std::vector<double>& covariance, size_t n) {
  for (size_t j = 0; j < n; ++j) {
    double& variance = covariance[j * n + j];
    variance = std::max(variance, 1e-6);  // the unit is the variance in all of the half
  }
}

double likelihood(const FactorPrediction& model, const Residuals& residuals, size_t begin_image,
                  size_t end_image) {
  double sum = 0;
  for (size_t t = residuals.begin_of(begin_image); t < residuals.image_end[end_image - 1]; ++t) {
    sum += model.log_likelihood(residuals.trial(t));
  }
  return sum;
}

// [factors]: mean over trials, each from a model that was fitted without its fold.
std::vector<double> cross_validated_gains(const Residuals& fitting, int64_t most) {
  const auto neurons = static_cast<int64_t>(fitting.neurons);
  const size_t count = static_cast<size_t>(most) + 1;
  std::vector<double> sums(count * kFolds, 0.0);
  std::vector<std::vector<double>> covariances(kFolds);
  const auto fold_begin = [&](size_t fold) { return fold * fitting.images() / kFolds; };
  parallel_for(kFolds, [&](int64_t f) {
    const auto fold = static_cast<size_t>(f);
    covariances[fold] = covariance_without(fitting, fold_begin(fold), fold_begin(fold + 1));
    keep_diagonal_positive(covariances[fold], fitting.neurons);
  });
  parallel_for(static_cast<int64_t>(sums.size()), [&](int64_t job) {
    const auto at = static_cast<size_t>(job);
    const size_t fold = at % kFolds;
    const FactorModel model =
        fit_factors(covariances[fold], neurons, static_cast<int64_t>(at / kFolds));
    sums[at] = likelihood(FactorPrediction(model), fitting, fold_begin(fold), fold_begin(fold + 1));
  });
  std::vector<double> gains(count, 0.0);
  for (size_t at = 0; at < sums.size(); ++at) {
    gains[at / kFolds] += (sums[at] - sums[at % kFolds]) / static_cast<double>(fitting.trials());
  }
  return gains;
}

void score(const Residuals& scoring, const FactorModel& model, const FactorModel& none,
           uint64_t seed, const BootstrapOptions& options, SharedVariability& found) {
  const FactorPrediction with(model);
  const FactorPrediction without(none);
  const size_t n = scoring.neurons;
  // Of each image: its trials, what it gains, errors and squares over all neurons.
  std::vector<double> trials, gains, errors, squares;
  std::vector<double> errors_of(n, 0.0), squares_of(n, 0.0);
  for (size_t image = 0; image < scoring.images(); ++image) {
    trials.push_back(0), gains.push_back(0), errors.push_back(0), squares.push_back(0);
    for (size_t t = scoring.begin_of(image); t < scoring.image_end[image]; ++t) {
      const std::span<const double> x = scoring.trial(t);
      const std::vector<double> predicted = with.from_the_others(x);
      trials.back() += 1;
      gains.back() += with.log_likelihood(x) - without.log_likelihood(x);
      for (size_t j = 0; j < n; ++j) {
        const double error = (x[j] - predicted[j]) * (x[j] - predicted[j]);
        errors.back() += error, errors_of[j] += error;
        squares.back() += x[j] * x[j], squares_of[j] += x[j] * x[j];
      }
    }
  }
  const auto ratio = [](const std::vector<double>& above, const std::vector<double>& below,
                        std::span<const double> weights) {
    return std::inner_product(above.begin(), above.end(), weights.begin(), 0.0) /
           std::inner_product(below.begin(), below.end(), weights.begin(), 0.0);
  };
  const auto gain = [&](std::span<const double> w) { return ratio(gains, trials, w); };
  const auto explained = [&](std::span<const double> w) { return 1 - ratio(errors, squares, w); };
  const std::vector<double> once(scoring.images(), 1.0);
  const auto images = static_cast<int64_t>(scoring.images());
  found.gain = gain(once);
  found.gain_interval = resampled_interval(images, seed, gain, options);
  found.explained = explained(once);
  found.explained_interval = resampled_interval(images, seed, explained, options);
  for (size_t j = 0; j < n; ++j) found.explained_of.push_back(1 - errors_of[j] / squares_of[j]);
}

// Neurons with residuals in both halves.
std::vector<size_t> lively_columns(const PopulationTrials& trials, ImageRange first,
                                   ImageRange second) {
  std::vector<size_t> all(trials.neurons.size());
  std::iota(all.begin(), all.end(), size_t{0});
  const std::vector<double> a = variances_of(residuals_of(trials, first, all));
  const std::vector<double> b = variances_of(residuals_of(trials, second, all));
  std::vector<size_t> lively;
  for (const size_t n : all) {
    if (a[n] > 0 && b[n] > 0) lively.push_back(n);
  }
  return lively;
}

}  // namespace

SharedVariability shared_variability(const PopulationTrials& trials, int64_t images, uint64_t seed,
                                     const BootstrapOptions& options) {
  require(trials.why_not.empty(), "shared variability", "{}", trials.why_not);
  const ImageRange first = half_range(Half::kFirst, images);
  const ImageRange second = half_range(Half::kSecond, images);
  const std::vector<size_t> columns = lively_columns(trials, first, second);
  SharedVariability found;
  found.neurons = static_cast<int64_t>(columns.size());
  found.silent_neurons = static_cast<int64_t>(trials.neurons.size() - columns.size());
  Residuals fitting = residuals_of(trials, first, columns);
  Residuals scoring = residuals_of(trials, second, columns);
  found.fitting_trials = static_cast<int64_t>(fitting.trials());
  found.scoring_trials = static_cast<int64_t>(scoring.trials());
  if (most_factors(found.neurons) < 1) {
    found.why_not = fmt::format(
        "factors want at least 3 neurons that vary from trial to trial, got {}", found.neurons);
    return found;
  }
  if (std::min(fitting.images(), scoring.images()) < kFewestImagesOfHalf) {
    found.why_not = fmt::format("wanted at least {} repeated images in either half, got {} and {}",
                                kFewestImagesOfHalf, fitting.images(), scoring.images());
    return found;
  }
  const std::vector<double> variances = variances_of(fitting);
  divide(fitting, variances);
  divide(scoring, variances);
  found.gain_by_factors =
      cross_validated_gains(fitting, std::min(kMostFactorsTried, most_factors(found.neurons)));
  found.factors = std::max_element(found.gain_by_factors.begin(), found.gain_by_factors.end()) -
                  found.gain_by_factors.begin();
  const std::vector<double> covariance = covariance_without(fitting, 0, 0);
  const FactorModel model = fit_factors(covariance, found.neurons, found.factors);
  found.dimensions = shared_dimensions(model);
  found.shared_share = shared_share(model);
  score(scoring, model, fit_factors(covariance, found.neurons, 0), seed, options, found);
  return found;
}

}  // namespace secateur
