#include "interpretation/representation/measured_rdms.h"

#include <cmath>
#include <numeric>
#include <span>
#include <utility>

#include "tensor/error.h"
#include "tensor/rng.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using Images = std::vector<PopulationTrials::Image>;

// Over the trials of these images; 1 for a neuron that never changes there.
std::vector<double> trial_deviations(const PopulationTrials& trials, const Images& images) {
  std::vector<double> deviations;
  for (size_t n = 0; n < trials.neurons.size(); ++n) {
    std::vector<double> values;
    for (const PopulationTrials::Image& image : images) {
      for (size_t t = 0; t < image.trials; ++t) values.push_back(trials.trial(image.first + t)[n]);
    }
    const double variance = variance_of(values, 0);
    deviations.push_back(variance > 0 ? std::sqrt(variance) : 1);
  }
  return deviations;
}

// The trials of an image in the order in which they are dealt.
std::vector<size_t> dealt(const PopulationTrials::Image& image, uint64_t seed) {
  std::vector<size_t> order(image.trials);
  std::iota(order.begin(), order.end(), image.first);
  Rng rng(seed, "representation/repeat parts", static_cast<uint64_t>(image.image));
  for (size_t i = order.size() - 1; i > 0; --i) {
    std::swap(order[i], order[static_cast<size_t>(rng.below(static_cast<int64_t>(i) + 1))]);
  }
  return order;
}

// Of the means over trials part, part + parts, ... of each image.
Rdm rdm_of_trials(const PopulationTrials& trials, const std::vector<std::vector<size_t>>& orders,
                  const std::vector<double>& deviations, size_t part, size_t parts) {
  const size_t neurons = trials.neurons.size();
  std::vector<double> means(orders.size() * neurons, 0.0);
  for (size_t i = 0; i < orders.size(); ++i) {
    const size_t count = (orders[i].size() - part + parts - 1) / parts;
    for (size_t t = part; t < orders[i].size(); t += parts) {
      const std::span<const double> trial = trials.trial(orders[i][t]);
      for (size_t n = 0; n < neurons; ++n) {
        means[i * neurons + n] += trial[n] / deviations[n] / static_cast<double>(count);
      }
    }
  }
  Tensor patterns(Shape{static_cast<int64_t>(orders.size()), static_cast<int64_t>(neurons)});
  for (size_t n = 0; n < neurons; ++n) {
    double mean = 0;
    for (size_t i = 0; i < orders.size(); ++i) mean += means[i * neurons + n];
    mean /= static_cast<double>(orders.size());
    for (size_t i = 0; i < orders.size(); ++i) {
      const size_t at = i * neurons + n;
      patterns[static_cast<int64_t>(at)] = static_cast<float>(means[at] - mean);
    }
  }
  return correlation_rdm(gram_matrix(patterns));
}

}  // namespace

MeasuredRdms measured_rdms(const PopulationTrials& trials, int64_t begin, int64_t end,
                           int64_t parts, uint64_t seed) {
  require(trials.why_not.empty(), "rdm", "{}", trials.why_not);
  if (parts < 2)
    fail(ErrorKind::kUsage, "rdm", "wanted at least 2 parts of the repeats, got {}", parts);
  MeasuredRdms measured;
  Images images;
  std::vector<std::vector<size_t>> orders;
  for (const PopulationTrials::Image& image : trials.images) {
    if (image.image < begin || image.image >= end) continue;
    if (static_cast<int64_t>(image.trials) < parts) continue;
    images.push_back(image);
    measured.images.push_back(image.image);
    orders.push_back(dealt(image, seed));
  }
  require(images.size() >= 3, "rdm", "wanted at least 3 of images {} to {} with {} trials, got {}",
          begin, end, parts, images.size());
  const std::vector<double> deviations = trial_deviations(trials, images);
  for (int64_t part = 0; part < parts; ++part) {
    measured.parts.push_back(rdm_of_trials(trials, orders, deviations, static_cast<size_t>(part),
                                           static_cast<size_t>(parts)));
  }
  measured.whole = rdm_of_trials(trials, orders, deviations, 0, 1);
  return measured;
}

}  // namespace secateur
