#include "compression/mixed_decision.h"

#include <algorithm>

namespace secateur {
namespace {

constexpr int32_t kSlowestOpinion = 250;
constexpr int32_t kLearningRate = 12;
constexpr int32_t kFurthest = 2047;  // of the logistic domain, in 1/256

std::array<int32_t, 4096> inverse_of_squash() {
  std::array<int32_t, 4096> table{};
  int32_t filled = 0;
  for (int32_t x = -kFurthest; x <= kFurthest; ++x) {
    for (const int32_t up_to = squash(x); filled <= up_to; ++filled) {
      table[static_cast<size_t>(filled)] = x;
    }
  }
  for (; filled < 4096; ++filled) table[static_cast<size_t>(filled)] = kFurthest;
  return table;
}

}  // namespace

int32_t squash(int64_t x) {
  // Every half unit of the logistic domain from -8 to 8.
  static constexpr std::array<int32_t, 33> kCurve = {
      1,    2,    3,    6,    10,   16,   27,   45,   73,   120,  194,
      310,  488,  747,  1101, 1546, 2047, 2549, 2994, 3348, 3607, 3785,
      3901, 3975, 4022, 4050, 4068, 4079, 4085, 4089, 4092, 4093, 4094};
  if (x > kFurthest) return 4095;
  if (x < -kFurthest) return 0;
  const auto shifted = static_cast<int32_t>(x + 2048);
  const auto at = static_cast<size_t>(shifted / 128);
  const int32_t past = shifted % 128;
  return (kCurve[at] * (128 - past) + kCurve[at + 1] * past + 64) / 128;
}

int32_t stretch(int32_t probability) {
  static const std::array<int32_t, 4096> kTable = inverse_of_squash();
  return kTable[static_cast<size_t>(probability)];
}

void Opinion::learn(bool bit) {
  one_ += ((bit ? 65535 : 0) - one_) / (seen_ + 2);
  if (seen_ < kSlowestOpinion) ++seen_;
}

void Opinion::start_from(const Opinion& other, int32_t trust) {
  one_ = other.one_;
  seen_ = std::min(other.seen_, trust);
}

uint32_t Mixer::probability(const Opinions& opinions) {
  int64_t sum = 0;
  for (size_t i = 0; i < kOpinions; ++i) {
    inputs_[i] = stretch(opinions[i]->probability() / 16);
    sum += weights_[i] * inputs_[i];
  }
  mixed_ = std::clamp(squash(sum / 65536), 4, 4092);
  return static_cast<uint32_t>(mixed_);
}

void Mixer::learn(const Opinions& opinions, bool bit) {
  const int32_t error = ((bit ? 4096 : 0) - mixed_) * kLearningRate;
  for (size_t i = 0; i < kOpinions; ++i) {
    weights_[i] += (int64_t{inputs_[i]} * error) / 65536;
    opinions[i]->learn(bit);
  }
}

}  // namespace secateur
