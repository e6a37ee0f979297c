#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "data/simulated/neurons.h"
#include "data/simulated/rates.h"
#include "data/simulated/stimuli.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/rng.h"

namespace secateur::simulated {
namespace {

// The formula of circuit.h, read again: plain loops in double over the whole image.
class Reference {
 public:
  Reference(const NeuronCircuit& circuit, const uint8_t* rgb, int size)
      : circuit_(circuit), rgb_(rgb), size_(size) {}

  double rate() const {
    const double surround_sigma = circuit_.surround_sigma;
    double pooled = 0, weight = 0, surround = 0, ring = 0;
    for (int y = 0; y < size_; ++y) {
      for (int x = 0; x < size_; ++x) {
        const double dy = y - circuit_.centre_y, dx = x - circuit_.centre_x;
        const double d = dy * dy + dx * dx;
        const auto near = [&](double s) {
          return std::fabs(dy) <= 2.5 * s && std::fabs(dx) <= 2.5 * s;
        };
        const double s = circuit_.pooling_sigma;
        const double g = near(s) ? std::exp(-d / (2 * s * s)) : 0;
        weight += g;
        if (g > 0) pooled += g * std::max(0.0, sum(Role::kSummed, y, x) - circuit_.threshold);
        if (surround_sigma <= 0 || !near(surround_sigma)) continue;
        const double r =
            std::exp(-d / (2 * surround_sigma * surround_sigma)) * (1 - std::exp(-d / (2 * s * s)));
        ring += r;
        surround += r * sum(Role::kDivisive, y, x);
      }
    }
    const double suppression = ring > 0 ? surround / ring : 0;
    return circuit_.baseline + circuit_.gain * pooled / weight / (1 + suppression);
  }

 private:
  double sum(Role role, int y, int x) const {
    double total = 0;
    for (const Part& part : circuit_.parts) {
      if (part.role != role) continue;
      const double r = response(part, y + part.dy, x + part.dx);
      const double rectified = part.rectifier == Rectifier::kHalf   ? std::max(0.0, r)
                               : part.rectifier == Rectifier::kFull ? std::fabs(r)
                                                                    : r * r;
      total += part.weight * rectified;
    }
    return total;
  }

  double response(const Part& part, int y, int x) const {
    constexpr double kMean[] = {116.222, 109.270, 100.381};
    const Tensor patch = filter_patch(part.filter);
    const int side = part.filter.side;
    double total = 0;
    for (int c = 0; c < 3; ++c) {
      for (int i = 0; i < side; ++i) {
        for (int j = 0; j < side; ++j) {
          const int yy = y + i - side / 2, xx = x + j - side / 2;
          if (yy < 0 || xx < 0 || yy >= size_ || xx >= size_) continue;
          const double value = (rgb_[(yy * size_ + xx) * 3 + c] - kMean[c]) / 60.0;
          total += patch[(c * side + i) * side + j] * value;
        }
      }
    }
    return total;
  }

  const NeuronCircuit& circuit_;
  const uint8_t* rgb_;
  int size_;
};

TEST(SimulatedRates, AgreeWithTheFormula) {
  const std::vector<uint8_t> image = draw_stimuli(8, 0, 1, 64);
  for (const NeuronCircuit& circuit : uncalibrated_population(64)) {
    const double wanted = Reference(circuit, image.data(), 64).rate();
    EXPECT_LE(std::fabs(rate(circuit, image.data(), 64) - wanted), 1e-4 * (1e-3 + wanted))
        << circuit.name;
  }
}

TEST(SimulatedRates, AgreeWithTheFormulaAtTheBorder) {
  const std::vector<uint8_t> image = draw_stimuli(9, 0, 1, 32);
  NeuronCircuit circuit;
  circuit.name = "corner of the image";
  circuit.centre_y = 1;
  circuit.centre_x = 30.5;
  circuit.pooling_sigma = 2;
  circuit.surround_sigma = 5;
  circuit.baseline = 0.25;
  circuit.gain = 3;
  circuit.parts.resize(3);
  circuit.parts[0].dy = -3;
  circuit.parts[0].dx = 4;
  circuit.parts[1].weight = -0.05;
  circuit.parts[1].filter.kind = FilterKind::kRing;
  circuit.parts[1].filter.side = 11;
  circuit.parts[1].rectifier = Rectifier::kFull;
  circuit.parts[2].role = Role::kDivisive;
  circuit.parts[2].rectifier = Rectifier::kSquare;
  const double wanted = Reference(circuit, image.data(), 32).rate();
  EXPECT_GE(wanted, 0.27);  // so that the comparison sees the drive
  EXPECT_LE(std::fabs(rate(circuit, image.data(), 32) - wanted), 1e-5 * wanted);
}

TEST(SimulatedRates, BatchHasTheBitsOfOneAtATimeOnAnyThreads) {
  const std::vector<NeuronCircuit> circuits = uncalibrated_population(64);
  const int64_t count = 12;
  const std::vector<uint8_t> images = draw_stimuli(10, 5, count, 64);
  std::vector<double> wanted;
  for (const NeuronCircuit& circuit : circuits) {
    for (int64_t i = 0; i < count; ++i) {
      wanted.push_back(rate(circuit, images.data() + i * 3 * 64 * 64, 64));
    }
  }
  for (int threads : {1, 2, 3, 8}) {
    set_thread_budget(threads);
    EXPECT_EQ(rates(circuits, images.data(), count, 64), wanted) << threads;
    EXPECT_EQ(stimulus_rates(circuits, 10, 5, count, 64), wanted) << threads;
  }
  set_thread_budget(0);
}

TEST(SimulatedRates, GreyGivesTheBaselineAndNoPartsToo) {
  NeuronCircuit circuit = uncalibrated_population(64)[0];
  circuit.baseline = 1.5;
  std::vector<uint8_t> grey(3 * 64 * 64);
  for (size_t i = 0; i < grey.size(); ++i)
    grey[i] = static_cast<uint8_t>(i % 3 == 0 ? 116 : i % 3 == 1 ? 109 : 100);
  EXPECT_EQ(rate(circuit, grey.data(), 64), 1.5);
  const std::vector<uint8_t> image = draw_stimuli(8, 0, 1, 64);
  EXPECT_EQ(rate(without_part(circuit, 0), image.data(), 64), 1.5);
}

TEST(SimulatedRates, RefusesWhatCannotBe) {
  const std::vector<uint8_t> image = draw_stimuli(8, 0, 1, 64);
  NeuronCircuit circuit = uncalibrated_population(64)[0];
  circuit.parts[0].dx = 60;
  EXPECT_THROW(rate(circuit, image.data(), 64), Error);
  circuit.parts[0].dx = 0;
  circuit.centre_x = 64;
  EXPECT_THROW(rate(circuit, image.data(), 64), Error);
  circuit.centre_x = 30;
  circuit.pooling_sigma = 0;
  EXPECT_THROW(rate(circuit, image.data(), 64), Error);
  EXPECT_THROW(without_part(circuit, 1), Error);
  circuit.pooling_sigma = 3;
  circuit.surround_sigma = 9;
  circuit.parts[0].role = Role::kDivisive;
  circuit.parts[0].weight = -1;
  EXPECT_THROW(rate(circuit, image.data(), 64), Error);
}

TEST(SimulatedCalibration, MeanAboutThreeAndSignalLikeData) {
  const std::vector<NeuronCircuit> circuits = default_population(64);
  ASSERT_EQ(circuits.size(), 8u);
  const int64_t count = 600;  // of a seed that calibration does not use
  const std::vector<double> table = stimulus_rates(circuits, 1234, 0, count, 64);
  for (size_t n = 0; n < circuits.size(); ++n) {
    const double* row = table.data() + static_cast<int64_t>(n) * count;
    const double mean = std::accumulate(row, row + count, 0.0) / static_cast<double>(count);
    double squares = 0;
    for (int64_t i = 0; i < count; ++i) squares += (row[i] - mean) * (row[i] - mean);
    const double variance = squares / static_cast<double>(count);
    EXPECT_LE(std::fabs(mean - kMeanRate), 0.5) << circuits[n].name;
    EXPECT_GE(variance / mean, 0.3) << circuits[n].name;
    EXPECT_LE(variance / mean, 1.5) << circuits[n].name;
    EXPECT_GE(circuits[n].baseline, 0) << circuits[n].name;
    int64_t above = 0;  // a response that only a few images drive could not be learnt
    for (int64_t i = 0; i < count; ++i) above += row[i] > circuits[n].baseline + 0.3;
    EXPECT_GE(above, count / 3) << circuits[n].name;
  }
}

TEST(SimulatedCalibration, IsTheSameOnEveryCall) {
  const std::vector<NeuronCircuit> known = default_population(64);
  std::vector<NeuronCircuit> again = uncalibrated_population(64);
  set_thread_budget(3);
  calibrate(again, 64, 1.6);
  set_thread_budget(0);
  for (size_t n = 0; n < known.size(); ++n) {
    EXPECT_EQ(again[n].gain, known[n].gain);
    EXPECT_EQ(again[n].baseline, known[n].baseline);
  }
}

TEST(SimulatedCalibration, RefusesANeuronThatNeverResponds) {
  std::vector<NeuronCircuit> circuits = {uncalibrated_population(32)[0]};
  circuits[0].threshold = 1e9;
  EXPECT_THROW(calibrate(circuits, 32, 1.6), Error);
}

}  // namespace
}  // namespace secateur::simulated
