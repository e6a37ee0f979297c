#include "compression/mixed_decision.h"

#include <algorithm>

namespace secateur {
namespace {

constexpr int32_t kSlowestOpinion = 250;
constexpr int32_t kLearningRate = 12;
constexpr int32_t kFurthest = 2048;  // of the logistic domain, in 1/256
constexpr int32_t kBetween = 64;     // from one value of the curve to the next

// round(4096 / (1 + exp(-x))) for x = -8, -7.75 .. 8.
constexpr std::array<int32_t, 65> kCurve = {
    1,    2,    2,    3,    4,    5,    6,    8,    10,   13,   17,   21,   27,
    35,   45,   58,   74,   94,   120,  153,  194,  246,  311,  391,  488,  606,
    747,  912,  1102, 1314, 1546, 1793, 2048, 2303, 2550, 2782, 2994, 3184, 3349,
    3490, 3608, 3705, 3785, 3850, 3902, 3943, 3976, 4002, 4022, 4038, 4051, 4061,
    4069, 4075, 4079, 4083, 4086, 4088, 4090, 4091, 4092, 4093, 4094, 4094, 4095};

int32_t on_curve(int32_t x) {  // x from -kFurthest to kFurthest
  const int32_t from = x + kFurthest;
  const auto at = static_cast<size_t>(from / kBetween);
  const int32_t past = from % kBetween;
  if (past == 0) return kCurve[at];
  return (kCurve[at] * (kBetween - past) + kCurve[at + 1] * past + kBetween / 2) / kBetween;
}

// The smallest x whose value on the curve is at least the probability.
std::array<int32_t, 4096> inverse_of_curve() {
  std::array<int32_t, 4096> inverse{};
  int32_t x = -kFurthest;
  for (int32_t probability = 0; probability < 4096; ++probability) {
    while (x < kFurthest && on_curve(x) < probability) ++x;
    inverse[static_cast<size_t>(probability)] = x;
  }
  return inverse;
}

}  // namespace

int32_t squash(int64_t x) {
  return on_curve(static_cast<int32_t>(std::clamp<int64_t>(x, -kFurthest, kFurthest)));
}

int32_t stretch(int32_t probability) {
  static const std::array<int32_t, 4096> kInverse = inverse_of_curve();
  return kInverse[static_cast<size_t>(probability)];
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
