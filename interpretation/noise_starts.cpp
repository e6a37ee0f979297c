#include "interpretation/noise_starts.h"

#include "tensor/rng.h"

namespace secateur {
namespace {

constexpr double kNoiseLow = 128, kNoiseHigh = 178;

}  // namespace

Tensor noise_starts(const InputSpec& in, int64_t count, uint64_t seed) {
  Tensor starts(Shape{count, in.channels, in.height, in.width});
  const int64_t numel = in.channels * in.height * in.width;
  for (int64_t i = 0; i < count; ++i) {
    Rng rng(seed, "noise start", static_cast<uint64_t>(i));
    for (int64_t k = 0; k < numel; ++k) {
      starts[i * numel + k] = static_cast<float>(rng.uniform(kNoiseLow, kNoiseHigh));
    }
  }
  return starts;
}

}  // namespace secateur
