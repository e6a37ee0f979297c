// Recorded spike counts with unequal, NaN-padded repeats. The wanted numbers come from an
// independent numpy float64 implementation of the formulas; the prediction of a neuron is the
// repeat mean of the next one, which is a bad model and a good test.

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "analysis/bootstrap.h"
#include "analysis/population.h"
#include "formats/npy.h"
#include "tests/shared_folder.h"

namespace secateur {
namespace {

struct Wanted {
  std::string session;
  double r2_raw, r2_er, r2_ceiled, feve, cc_norm, snr;  // of neuron 0, seed 7
  double median_snr, median_r2_er;
};

const Wanted kWanted[] = {
    {"210325", 0.007580509667482565, 0.011315135265578723, 0.012874668054075774, -9.065723126731484,
     -0.11325992713562946, 0.20102969371912874, 0.4413639389896939, 0.020186470920901818},
    {"201016", 0.0007359787454354561, 0.0002722583341461992, 0.0011033089091033572,
     -113.74014789829997, 0.03315857259532488, 0.334941245409297, 0.47925523404816595,
     0.04497981817039301},
};

class RecordedMetrics : public testing::TestWithParam<Wanted> {
 protected:
  void SetUp() override {
    const auto path = shared() / "v4/responses_raw" / ("responses_" + GetParam().session + ".npy");
    if (!std::filesystem::exists(path)) {
      GTEST_SKIP() << "wanted the recorded responses of session " << GetParam().session
                   << ", got no " << path;
    }
    recorded_ = read_npy_doubles(path);
    images_ = recorded_.shape[1];
    repeats_ = recorded_.shape[2];
    const int64_t neurons = recorded_.shape[0];
    std::vector<std::vector<double>> means;
    for (int64_t k = 0; k < neurons; ++k) {
      means.emplace_back();
      for (const auto& image : recorded_images(responses(k)).images) {
        means.back().push_back(image.mean);
      }
    }
    for (int64_t k = 0; k < neurons; ++k) {
      predictions_.push_back(means[static_cast<size_t>((k + 1) % neurons)]);
    }
    for (int64_t k = 0; k < neurons; ++k) {
      neurons_.push_back({predictions_[static_cast<size_t>(k)], responses(k)});
    }
  }

  NeuronResponses responses(int64_t neuron) const {
    const auto size = static_cast<size_t>(images_ * repeats_);
    return {images_,
            repeats_,
            std::span(recorded_.values).subspan(static_cast<size_t>(neuron) * size, size),
            {},
            neuron};
  }

  NpyDoubles recorded_;
  int64_t images_ = 0;
  int64_t repeats_ = 0;
  std::vector<std::vector<double>> predictions_;
  std::vector<NeuronPrediction> neurons_;
};

TEST_P(RecordedMetrics, AgreeWithIndependentNumbers) {
  const Wanted& wanted = GetParam();
  const auto metrics = evaluate_population(neurons_, 7);
  EXPECT_LE(std::abs(metrics[0].r2_raw.value() - wanted.r2_raw), 1e-12);
  EXPECT_LE(std::abs(metrics[0].r2_er.value() - wanted.r2_er), 1e-12);
  EXPECT_LE(std::abs(metrics[0].r2_ceiled.value() - wanted.r2_ceiled), 1e-12);
  EXPECT_LE(std::abs(metrics[0].feve.value() - wanted.feve), 1e-10);
  EXPECT_LE(std::abs(metrics[0].cc_norm.value() - wanted.cc_norm), 1e-12);
  EXPECT_LE(std::abs(metrics[0].snr.value() - wanted.snr), 1e-12);

  const PopulationSummary summary = summarize(metrics);
  EXPECT_EQ(summary.kept, summary.neurons);  // the published sessions hold no neuron below 0.15
  EXPECT_LE(std::abs(summary.metrics.snr.median.value() - wanted.median_snr), 1e-12);
  EXPECT_LE(std::abs(summary.metrics.r2_er.median.value() - wanted.median_r2_er), 1e-12);
}

TEST_P(RecordedMetrics, HaveIntervalsAroundThem) {
  const PopulationSummary summary = summarize(evaluate_population(neurons_, 7));
  const PopulationIntervals intervals = bootstrap_population(neurons_, 7);
  for (size_t i = 0; i < kMetricNames.size(); ++i) {
    ASSERT_TRUE(metric_at(intervals.medians, i).has_value()) << kMetricNames[i].key;
    const Interval interval = *metric_at(intervals.medians, i);
    EXPECT_LE(interval.low, interval.high);
  }
  EXPECT_LE(intervals.medians.snr->low, *summary.metrics.snr.median);
  EXPECT_LE(*summary.metrics.snr.median, intervals.medians.snr->high);
}

INSTANTIATE_TEST_SUITE_P(Sessions, RecordedMetrics, testing::ValuesIn(kWanted),
                         [](const auto& param) { return param.param.session; });

}  // namespace
}  // namespace secateur
