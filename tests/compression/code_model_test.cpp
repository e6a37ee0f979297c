#include "compression/code_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "compression/coefficient_coder.h"
#include "compression/mixed_decision.h"
#include "tensor/error.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

CompactTensor codes_tensor(const Shape& shape, bool kernel, Transform transform) {
  const ParameterSpec spec{.name = kernel ? "layer1.depthwise.weight" : "layer1.pointwise.bias",
                           .shape = shape,
                           .role = kernel ? ParameterRole::kKernel : ParameterRole::kBias};
  CompactTensor tensor{.name = spec.name, .shape = shape, .layout = layout_of(spec)};
  tensor.transform = transform;
  tensor.codes.assign(static_cast<size_t>(shape.numel()), 0);
  return tensor;
}

// Laplacian, of a deviation that changes from filter to filter.
void fill(CompactTensor& tensor, double scale, uint64_t seed) {
  Rng rng(seed, "codes");
  const auto of_filter = static_cast<size_t>(tensor.layout.filter_numel());
  for (size_t i = 0; i < tensor.codes.size(); ++i) {
    const double here = scale * static_cast<double>(1 + i / of_filter % 4);
    const double size = -here * std::log(1.0 - rng.uniform());
    tensor.codes[i] = static_cast<int32_t>(std::min(size, 32767.0));
    if (rng.below(2) == 0) tensor.codes[i] = -tensor.codes[i];
  }
}

std::vector<CompactTensor> varied_tensors() {
  std::vector<CompactTensor> all = {codes_tensor({40, 1, 5, 5}, true, Transform::kDct),
                                    codes_tensor({40, 1, 5, 5}, true, Transform::kNone),
                                    codes_tensor({30, 50}, true, Transform::kNone),
                                    codes_tensor({57}, false, Transform::kNone),
                                    codes_tensor({6, 5, 3, 3}, true, Transform::kDct),
                                    codes_tensor({1}, false, Transform::kNone)};
  double scale = 0.1;
  for (CompactTensor& tensor : all) fill(tensor, scale *= 4.0, 3);
  all[2].codes[17] = kLargestCode;
  all[2].codes[18] = -kLargestCode;
  return all;
}

TEST(CodeModel, CodesComeBack) {
  const std::vector<CompactTensor> all = varied_tensors();
  RangeEncoder encoder;
  CodeModel writing;
  for (const CompactTensor& tensor : all) writing.encode(encoder, tensor);
  const std::vector<uint8_t> bytes = encoder.finish();
  RangeDecoder decoder(bytes);
  CodeModel reading;
  for (CompactTensor tensor : all) {
    const std::vector<int32_t> wanted = tensor.codes;
    reading.decode(decoder, tensor);
    EXPECT_EQ(tensor.codes, wanted) << tensor.name << " " << tensor.shape.numel();
  }
  decoder.finish();
}

// Where sizes go with the filter, near the entropy of a coder that knows the scale of each.
TEST(CodeModel, LearnsTheScaleOfAFilter) {
  CompactTensor tensor = codes_tensor({60, 57}, true, Transform::kNone);
  fill(tensor, 5.0, 9);
  double entropy = 0;
  for (size_t i = 0; i < tensor.codes.size(); ++i) {
    const double here = 5.0 * static_cast<double>(1 + i / 57 % 4);
    const double size = std::abs(tensor.codes[i]);
    entropy += size / here * std::log2(std::exp(1.0)) - std::log2(1.0 - std::exp(-1.0 / here)) +
               (tensor.codes[i] == 0 ? 0.0 : 1.0);
  }
  RangeEncoder encoder;
  CodeModel().encode(encoder, tensor);
  EXPECT_LE(encoder.bits_so_far(), 1.05 * entropy);
}

TEST(Mixer, TrustsWhoIsRight) {
  Mixer mixer;
  std::array<Opinion, kOpinions> opinions;
  Opinions all;
  for (size_t i = 0; i < kOpinions; ++i) all[i] = &opinions[i];
  Rng rng(1, "mixer");
  double bits = 0;
  for (int n = 0; n < 4000; ++n) {
    const bool bit = rng.uniform() < 0.1;
    const double p = mixer.probability(all) / 4096.0;
    EXPECT_GE(p, 4 / 4096.0);
    EXPECT_LE(p, 4092 / 4096.0);
    bits -= std::log2(bit ? p : 1 - p);
    mixer.learn(all, bit);
  }
  EXPECT_LE(bits, 1.08 * 4000 * 0.469);
}

TEST(Mixer, StretchIsTheInverseOfSquash) {
  EXPECT_EQ(squash(0), 2048);
  EXPECT_EQ(squash(5000), 4095);
  EXPECT_EQ(squash(-5000), 1);
  for (int32_t p = 1; p < 4095; ++p) EXPECT_LE(std::abs(squash(stretch(p)) - p), 12) << p;
  for (int32_t p = 1; p < 4096; ++p) EXPECT_GE(stretch(p), stretch(p - 1));
}

}  // namespace
}  // namespace secateur
