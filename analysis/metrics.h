#pragma once
// How well predictions match the recorded responses of one neuron. Six metrics, each under its full
// name; they answer different questions and are never mixed.
//
// Notation, over the images that have a response:
//   M    number of these images
//   m, d prediction and mean over repeats, per image; in products both are centred over the images
//   s2   mean over images with at least 2 repeats of the variance over repeats (ddof 1)
//   n    median over images of the number of repeats (the mean of the middle two for an even M)
//   nh   harmonic mean over images of the number of repeats, so that s2/nh is the noise of d
//
// raw r2      (sum m d)^2 / (sum m^2 sum d^2).
// r2_ER       Pospisil and Bair, "The unbiased estimation of the fraction of variance explained by
// a
//             model", PLoS Comput Biol 17(8) e1009212, 2021:
//               [(sum m d)^2 - (s2/n) sum m^2] / [sum m^2 sum d^2 - (s2/n)(M-1) sum m^2].
//             Nearly unbiased for the squared correlation with the noiseless response; can be below
//             0 or above 1.
// ceiled r2   raw r2 / reliability, as Brain-Score does (Schrimpf et al., bioRxiv 407007, 2018).
//             reliability = 2 r / (1 + r) (Spearman, Brown, 1910), r the mean over 50 random splits
//             of the correlation over images between the means of two halves of the repeats
//             (floor(k/2) of an image's k repeats against the rest; images with 1 repeat take no
//             part in r). The correction is applied to the mean r, so that no single split can
//             dominate.
// FEVE        fraction of explainable variance explained (Cadena et al., PLoS Comput Biol 15(4)
//             e1006897, 2019): 1 - (E - s2)/(V - s2), E the mean over all trials of
//             (response - prediction)^2, V the variance over all trials (ddof 0). Not blind to gain
//             and offset; below 0 for a prediction worse than the mean.
// CCnorm      normalised correlation coefficient (Schoppe et al., Front Comput Neurosci 10:10,
// 2016):
//             cov(m, d) / sqrt(var(m) SP), all with ddof 1, signal power SP = var(d) - s2/nh. For
//             equal repeats this is their SP except that columns of repeats are not centred one by
//             one, which has no meaning where repeats are unequal. Has a sign; can be above 1.
// SNR         signal-to-noise ratio, [var(d) with ddof 0 - ((M-1)/M) s2/n] / s2. Can be below 0.
//
// Conventions, so that no NaN or infinity comes out:
// - Needs at least 2 images with a response; with fewer everything is empty.
// - Without any image of 2 repeats (or with averages only) all but raw r2 are empty.
// - Where nothing can be explained (SP, V - s2, sum d^2 - (s2/n)(M-1) or reliability not above 0)
// the
//   metric that divides by it is empty. SNR and the
//   noise ceiling are empty where s2 is 0: repeats that never differ are copies, or too few.
// - A constant prediction has raw r2, r2_ER, ceiled r2 and CCnorm 0; FEVE judges it like any other.
//   A constant response has raw r2 0.
//
// The noise ceiling is the raw r2 expected of a perfect model: signal/(signal + s2/n), which is
// SNR/(SNR + 1/n), with a negative signal counted as 0. It limits raw r2 and no other metric.

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "analysis/responses.h"

namespace secateur {

inline constexpr int64_t kReliabilitySplits = 50;

// One T per metric.
template <class T>
struct PerMetric {
  T r2_raw{};
  T r2_er{};
  T r2_ceiled{};
  T feve{};
  T cc_norm{};
  T snr{};
  friend bool operator==(const PerMetric&, const PerMetric&) = default;
};

struct MetricName {
  const char* key;    // in files
  const char* title;  // for people
};
inline constexpr std::array<MetricName, 6> kMetricNames = {{
    {"r2_raw", "raw r2 (squared correlation with the repeat mean)"},
    {"r2_er", "r2_ER (noise-corrected, Pospisil and Bair 2021)"},
    {"r2_ceiled", "ceiled r2 (raw r2 over split-half reliability)"},
    {"feve", "fraction of explainable variance explained (FEVE)"},
    {"cc_norm", "normalised correlation coefficient (CCnorm)"},
    {"snr", "signal-to-noise ratio (SNR)"},
}};

// Metric number i in the order of kMetricNames; works on const and non-const PerMetric.
template <class P>
auto& metric_at(P& metrics, size_t i) {
  const std::array fields = {&metrics.r2_raw, &metrics.r2_er,   &metrics.r2_ceiled,
                             &metrics.feve,   &metrics.cc_norm, &metrics.snr};
  return *fields.at(i);
}

struct Metrics : PerMetric<std::optional<double>> {
  std::optional<double> noise_ceiling;  // of raw r2
  std::optional<double> reliability;    // what divides the ceiled r2
  int64_t images = 0;                   // with a response (M)
  int64_t images_repeated = 0;          // with at least 2 repeats
  double median_repeats = 0.0;          // n; 0 where only averages are known
  friend bool operator==(const Metrics&, const Metrics&) = default;
};

// prediction [images] in the order of the responses, in their unit for FEVE to make sense. The
// random splits are Rng(seed, "metrics/split", split). Throws Error(kBadInput) naming neuron and
// image when a prediction is NaN, infinite or past kLargestResponse (also for an image without a
// response), or when sizes differ.
Metrics evaluate(std::span<const double> prediction, const NeuronResponses& responses,
                 uint64_t seed);
Metrics evaluate(std::span<const float> prediction, const NeuronResponses& responses,
                 uint64_t seed);

}  // namespace secateur
