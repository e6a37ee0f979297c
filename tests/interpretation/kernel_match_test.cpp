#include "interpretation/representation/kernel_match.h"

#include <gtest/gtest.h>

#include "interpretation/representation/kernel_dictionary.h"
#include "tensor/error.h"
#include "tensor/rng.h"
#include "tests/models/lively_model.h"

namespace secateur {
namespace {

std::vector<Tensor> random_kernels(int64_t count, int64_t channels, uint64_t seed) {
  std::vector<Tensor> kernels;
  for (int64_t i = 0; i < count; ++i) {
    Rng rng(seed, "kernel", static_cast<uint64_t>(i));
    Tensor kernel(Shape{channels, 5, 5});
    for (float& v : kernel.values()) v = static_cast<float>(rng.normal());
    kernels.push_back(kernel);
  }
  return kernels;
}

TEST(KernelMatch, FindsKernelsInAnotherOrderWithOtherSignsAndScales) {
  const std::vector<Tensor> a = random_kernels(6, 3, 1);
  std::vector<Tensor> b;
  for (size_t i = 0; i < 6; ++i) {
    Tensor kernel = a[(i * 5 + 2) % 6].clone();
    for (float& v : kernel.values()) v *= i % 2 == 0 ? -2.0f : 0.5f;
    b.push_back(kernel);
  }
  const KernelMatch match = match_kernels(a, b, 1);
  ASSERT_EQ(match.pairs.size(), 6u);
  for (const KernelPair& pair : match.pairs) {
    EXPECT_EQ(pair.a, (pair.b * 5 + 2) % 6);
    EXPECT_NEAR(pair.similarity, 1, 1e-6);
  }
  EXPECT_NEAR(match.similarity, 1, 1e-6);
  EXPECT_LE(match.chance_high, 0.6);
  EXPECT_LE(match.chance, match.chance_high);
}

TEST(KernelMatch, OfUnrelatedKernelsIsChance) {
  const KernelMatch match = match_kernels(random_kernels(20, 1, 1), random_kernels(12, 1, 2), 1);
  EXPECT_EQ(match.pairs.size(), 12u);
  EXPECT_NEAR(match.similarity, match.chance, 0.04);
  EXPECT_GE(match.chance, 0.4);  // the largest of many is high by itself
}

TEST(KernelMatch, FindsAMovedKernel) {
  Tensor dot = Tensor::zeros({1, 5, 5});
  dot[6] = 1;
  dot[7] = -1;
  Tensor moved = Tensor::zeros({1, 5, 5});
  moved[12] = 1;
  moved[13] = -1;
  EXPECT_NEAR(match_kernels({dot}, {moved}, 1).similarity, 1, 1e-6);
}

TEST(LayerKernels, AreThoseOfTheBlocks) {
  const Model model = lively_model(student_architecture({4, 3, 3, 2, 2}, kSmallInput), 1);
  EXPECT_EQ(layer_kernels(model, 0).size(), 4u);
  EXPECT_EQ(layer_kernels(model, 0)[1].shape(), (Shape{3, 5, 5}));
  const std::vector<Tensor> second = layer_kernels(model, 1);
  ASSERT_EQ(second.size(), 4u);  // one per channel that it reads
  const Tensor& weight = model.tensor(model.architecture().blocks[1].name + ".depthwise.weight");
  EXPECT_TRUE(same_bits(second[2], weight.rows(2, 3).reshaped({1, 5, 5})));
  EXPECT_THROW(layer_kernels(model, 5), Error);
  EXPECT_THROW(match_kernels({}, second, 1), Error);
  EXPECT_THROW(match_kernels(layer_kernels(model, 0), second, 1), Error);
}

TEST(KernelDictionary, GathersAPopulation) {
  // Three models, the kernels of two the same.
  const Architecture a = student_architecture({3, 3, 3, 2, 2}, kSmallInput);
  const std::vector<Model> models = {lively_model(a, 1), lively_model(a, 1), lively_model(a, 2)};
  const KernelTable table = kernel_table(models, 1);
  EXPECT_EQ(table.items.items, 9);
  EXPECT_EQ(table.items.size, 25);
  for (size_t i = 0; i < 9; ++i) {
    double squares = 0;
    for (size_t d = 0; d < 25; ++d) {
      squares += table.items.values[i * 25 + d] * table.items.values[i * 25 + d];
    }
    EXPECT_NEAR(squares, 1, 1e-12);
  }
  EXPECT_EQ(table.models, (std::vector<int64_t>{0, 0, 0, 1, 1, 1, 2, 2, 2}));
  Observer nobody;
  const KernelDictionary dictionary = kernel_dictionary(table, 6, 1, nobody);
  // Six different kernels: each is a factor, used by the models that have it.
  EXPECT_GE(dictionary.parts.explained, 0.999);
  int shared_by_two = 0;
  for (const double share : dictionary.share_of_models) shared_by_two += share > 0.5 ? 1 : 0;
  EXPECT_EQ(shared_by_two, 3);
}

TEST(KernelDictionary, LeavesOutKernelsOfZeros) {
  std::vector<Model> models = {lively_model(student_architecture({3, 3, 3, 2, 2}, kSmallInput), 1)};
  models[0]
      .tensor(models[0].architecture().blocks[1].name + ".depthwise.weight")
      .rows(1, 2)
      .fill(0);
  const KernelTable table = kernel_table(models, 1);
  EXPECT_EQ(table.items.items, 2);
  EXPECT_EQ(table.zero_kernels, 1);
  EXPECT_THROW(kernel_table({}, 1), Error);
}

}  // namespace
}  // namespace secateur
