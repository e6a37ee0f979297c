#include "analysis/moments.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "analysis/split_half.h"
#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

// Columns that every table has. After them: one indicator per different number of repeats, then,
// where there are repeats, five sums for each random split.
enum Column : int64_t {
  kCount,  // 1
  kM,      // prediction and mean response, each less its mean over the session
  kD,
  kMM,
  kDD,
  kMD,
  kRepeated,       // 1 where there are at least 2 repeats
  kTrialVariance,  // with ddof 1, where there are
  kInverse,        // 1 / repeats
  kTrials,         // repeats, and the sums over them of the shifted response and its square
  kTrialD,
  kTrialDD,
  kTrialError,  // sum over repeats of (response - prediction)^2
  kFixedColumns,
};

constexpr int64_t kSplitSums = 5;  // a, b, a^2, b^2, a b of the two halves

// Centred sums of squares this small against the uncentred ones are rounding, not variation.
constexpr double kRounding = 1e-12;

double at(std::span<const double> sums, int64_t column) {
  return sums[static_cast<size_t>(column)];
}

double centred_square(double sum, double squares, double count) {
  const double centred = squares - sum * sum / count;
  return centred > kRounding * squares ? centred : 0.0;
}

void require_predictions(std::span<const double> prediction, const NeuronResponses& responses) {
  require(static_cast<int64_t>(prediction.size()) == responses.images, "metrics",
          "wanted {} predictions for neuron {}, got {}", responses.images, responses.neuron,
          prediction.size());
  for (size_t i = 0; i < prediction.size(); ++i) {
    require(std::abs(prediction[i]) <= kLargestResponse, "metrics",
            "wanted finite predictions for neuron {}, got {} for image {}", responses.neuron,
            prediction[i], i);
  }
}

void fill_fixed(double m, double d, double error, const ImageResponse& image, double* row) {
  const auto repeats = static_cast<double>(image.repeats);
  row[kCount] = 1.0;
  row[kM] = m;
  row[kD] = d;
  row[kMM] = m * m;
  row[kDD] = d * d;
  row[kMD] = m * d;
  if (image.repeats == 0) return;
  if (image.repeats >= 2) {
    row[kRepeated] = 1.0;
    row[kTrialVariance] = image.squared_spread / (repeats - 1.0);
  }
  row[kInverse] = 1.0 / repeats;
  row[kTrials] = repeats;
  row[kTrialD] = repeats * d;
  row[kTrialDD] = repeats * d * d + image.squared_spread;
  row[kTrialError] = repeats * error * error + image.squared_spread;
}

void fill_splits(const SplitHalves& halves, size_t image, double* row) {
  const auto splits = static_cast<size_t>(halves.splits);
  for (size_t s = 0; s < splits; ++s) {
    const double a = halves.first[image * splits + s];
    const double b = halves.second[image * splits + s];
    row[s] = a;
    row[splits + s] = b;
    row[2 * splits + s] = a * a;
    row[3 * splits + s] = b * b;
    row[4 * splits + s] = a * b;
  }
}

// Numbers shared by the metrics below.
struct Moments {
  double count, mm, dd, md;  // centred over images
  double s2, n;              // trial variance and median repeats
};

std::optional<double> r2_er(const Moments& x) {
  const double explainable = x.dd - (x.s2 / x.n) * (x.count - 1.0);
  if (!(explainable > kRounding * x.dd)) return std::nullopt;
  if (x.mm == 0.0) return 0.0;
  return (x.md * x.md - (x.s2 / x.n) * x.mm) / (x.mm * explainable);
}

std::optional<double> cc_norm(const Moments& x, double mean_inverse_repeats) {
  const double power = x.dd / (x.count - 1.0) - x.s2 * mean_inverse_repeats;
  if (!(power > kRounding * x.dd)) return std::nullopt;
  if (x.mm == 0.0) return 0.0;
  return x.md / (x.count - 1.0) / std::sqrt(x.mm / (x.count - 1.0) * power);
}

std::optional<double> feve(std::span<const double> sums, double s2) {
  const double trials = at(sums, kTrials);
  const double error = at(sums, kTrialError) / trials;
  const double total = centred_square(at(sums, kTrialD), at(sums, kTrialDD), trials) / trials;
  const double explainable = total - s2;
  if (!(explainable > kRounding * total)) return std::nullopt;
  return 1.0 - (error - s2) / explainable;
}

}  // namespace

MomentTable::MomentTable(std::span<const double> prediction, const NeuronResponses& responses,
                         uint64_t seed)
    : images_(responses.images) {
  const RecordedImages recorded = recorded_images(responses);
  require_predictions(prediction, responses);
  std::set<int64_t> counts;
  for (const auto& image : recorded.images) counts.insert(image.repeats);
  repeat_counts_.assign(counts.begin(), counts.end());
  has_repeats_ = !counts.empty() && *counts.rbegin() >= 2;
  columns_ = kFixedColumns + static_cast<int64_t>(counts.size()) +
             (has_repeats_ ? kSplitSums * kReliabilitySplits : 0);
  table_.assign(static_cast<size_t>(images_ * columns_), 0.0);
  if (!recorded.images.empty()) fill(prediction, recorded, seed);
}

void MomentTable::fill(std::span<const double> prediction, const RecordedImages& recorded,
                       uint64_t seed) {
  // Sums of squares lose digits to a large mean; less the session's mean they do not.
  std::vector<double> used, means;
  for (const auto& image : recorded.images) {
    used.push_back(prediction[static_cast<size_t>(image.image)]);
    means.push_back(image.mean);
  }
  const double m0 = mean_of(used);
  const double d0 = mean_of(means);
  SplitHalves halves;
  if (has_repeats_) halves = split_halves(recorded, kReliabilitySplits, seed, d0);
  for (size_t i = 0; i < used.size(); ++i) {
    const ImageResponse& image = recorded.images[i];
    double* row = table_.data() + image.image * columns_;
    fill_fixed(used[i] - m0, means[i] - d0, means[i] - used[i], image, row);
    const auto place =
        std::lower_bound(repeat_counts_.begin(), repeat_counts_.end(), image.repeats);
    row[kFixedColumns + (place - repeat_counts_.begin())] = 1.0;
    const auto indicators = static_cast<int64_t>(repeat_counts_.size());
    if (has_repeats_) fill_splits(halves, i, row + kFixedColumns + indicators);
  }
}

void MomentTable::weighted_sums(std::span<const double> weights, std::span<double> sums) const {
  const int64_t sets = images_ == 0 ? 0 : static_cast<int64_t>(weights.size()) / images_;
  std::fill(sums.begin(), sums.end(), 0.0);
  for (int64_t image = 0; image < images_; ++image) {
    const double* row = table_.data() + image * columns_;
    for (int64_t set = 0; set < sets; ++set) {
      const double weight = weights[static_cast<size_t>(set * images_ + image)];
      if (weight == 0.0) continue;
      double* sum = sums.data() + set * columns_;
      for (int64_t column = 0; column < columns_; ++column) sum[column] += weight * row[column];
    }
  }
}

double MomentTable::median_repeats(std::span<const double> sums) const {
  // Places of the middle two of the sorted list; the same one when their number is odd.
  const double count = at(sums, kCount);
  const double lower = std::floor((count - 1.0) / 2.0);
  const double upper = std::floor(count / 2.0);
  double passed = 0.0;
  double total = 0.0;
  for (size_t k = 0; k < repeat_counts_.size(); ++k) {
    const double until = passed + at(sums, kFixedColumns + static_cast<int64_t>(k));
    const auto repeats = static_cast<double>(repeat_counts_[k]);
    if (lower >= passed && lower < until) total += repeats;
    if (upper >= passed && upper < until) total += repeats;
    passed = until;
  }
  return total / 2.0;
}

std::optional<double> MomentTable::reliability(std::span<const double> sums) const {
  const double count = at(sums, kRepeated);
  const auto first = kFixedColumns + static_cast<int64_t>(repeat_counts_.size());
  double total = 0.0;
  for (int64_t s = first; s < first + kReliabilitySplits; ++s) {
    const double a = at(sums, s);
    const double b = at(sums, s + kReliabilitySplits);
    const double aa = centred_square(a, at(sums, s + 2 * kReliabilitySplits), count);
    const double bb = centred_square(b, at(sums, s + 3 * kReliabilitySplits), count);
    const double ab = at(sums, s + 4 * kReliabilitySplits) - a * b / count;
    if (aa > 0.0 && bb > 0.0) total += ab / std::sqrt(aa) / std::sqrt(bb);
  }
  const double r = total / static_cast<double>(kReliabilitySplits);
  if (!(r > kRounding)) return std::nullopt;
  return 2.0 * r / (1.0 + r);
}

Metrics MomentTable::metrics(std::span<const double> sums) const {
  Metrics result;
  Moments x{at(sums, kCount), 0.0, 0.0, 0.0, 0.0, 0.0};
  result.images = std::llround(x.count);
  result.images_repeated = std::llround(at(sums, kRepeated));
  result.median_repeats = median_repeats(sums);
  if (x.count < 2.0) return result;
  x.mm = centred_square(at(sums, kM), at(sums, kMM), x.count);
  x.dd = centred_square(at(sums, kD), at(sums, kDD), x.count);
  x.md = at(sums, kMD) - at(sums, kM) * at(sums, kD) / x.count;
  const bool constant = x.mm == 0.0 || x.dd == 0.0;
  result.r2_raw = constant ? 0.0 : std::min(1.0, (x.md / x.mm) * (x.md / x.dd));
  if (result.images_repeated == 0) return result;

  x.s2 = at(sums, kTrialVariance) / at(sums, kRepeated);
  x.n = result.median_repeats;
  result.r2_er = r2_er(x);
  result.cc_norm = cc_norm(x, at(sums, kInverse) / x.count);
  result.feve = feve(sums, x.s2);
  result.reliability = reliability(sums);
  if (result.reliability) result.r2_ceiled = *result.r2_raw / *result.reliability;
  const double noise = x.s2 / x.n;
  const double signal = (x.dd - (x.count - 1.0) * noise) / x.count;
  if (!(x.s2 > 0.0)) return result;  // repeats that never differ do not say how large the noise is
  result.snr = signal / x.s2;
  result.noise_ceiling = std::max(signal, 0.0) / (std::max(signal, 0.0) + noise);
  return result;
}

}  // namespace secateur
