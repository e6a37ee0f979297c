#include "interpretation/representation/layer_patterns.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "interpretation/representation/cka.h"
#include "interpretation/representation/dimension.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tests/models/lively_model.h"
#include "tests/watching.h"

namespace secateur {
namespace {

Tensor pixels_for(const InputSpec& input, int64_t count) {
  Tensor pixels = random_images(input, count, 3, 40);
  for (float& v : pixels.values()) v = std::clamp(v + 120, 0.0f, 255.0f);
  return pixels;
}

TEST(LayerPatterns, AreWhatTheBlocksGiveOn) {
  const Model model = lively_model(student_architecture({4, 3, 3, 2, 2}, kSmallInput), 1);
  const Tensor pixels = pixels_for(kSmallInput, 3);
  const std::vector<LayerPatterns> layers = layer_patterns(model, pixels);
  ASSERT_EQ(layers.size(), 6u);
  EXPECT_EQ(layers[0].name, "pixels");
  EXPECT_NEAR(layers[0].patterns[0], pixels[0] - kSmallInput.mean[0], 1e-6);
  EXPECT_EQ(layers[5].name, model.architecture().blocks[4].name);
  Tensor images(pixels.shape());
  std::copy_n(layers[0].patterns.data(), images.numel(), images.data());
  for (size_t l = 1; l < layers.size(); ++l) {
    const Tensor wanted =
        model.frozen().forward_blocks(Variable(images), 0, l, Mode::kEvaluation).value();
    EXPECT_LE(relative_difference(layers[l].patterns.reshaped(wanted.shape()), wanted), 1e-5) << l;
  }
}

TEST(LayerGrams, OfStripsAreThoseOfAllPatternsAtOnce) {
  const Model model = lively_model(student_architecture({4, 3, 3, 2, 2}, kSmallInput), 1);
  const Tensor pixels = pixels_for(kSmallInput, 24);
  Watching watched;
  // 1,788 floats an image: five held at once, one of them the tile.
  const std::vector<LayerGram> grams = layer_grams(model, pixels, int64_t{5} * 4 * 1788, watched);
  EXPECT_GE(watched.heard.size(), 20u);
  EXPECT_EQ(watched.heard.back().done, watched.heard.back().total);
  const std::vector<LayerPatterns> all = layer_patterns(model, pixels);
  ASSERT_EQ(grams.size(), all.size());
  for (size_t l = 0; l < grams.size(); ++l) {
    const GramMatrix wanted = gram_matrix(all[l].patterns);
    EXPECT_EQ(grams[l].name, all[l].name);
    EXPECT_EQ(grams[l].gram.features, wanted.features);
    EXPECT_EQ(grams[l].gram.sums, wanted.sums);
    for (size_t k = 0; k < wanted.products.size(); ++k) {
      ASSERT_NEAR(grams[l].gram.products[k], wanted.products[k], 1e-6 * wanted.products[0])
          << l << " " << k;
    }
  }
}

TEST(LayerGrams, HaveTheSameBitsOnAnyNumberOfThreads) {
  const Model model = lively_model(student_architecture({5, 4, 3, 3, 2}, kSmallInput), 2);
  const Tensor pixels = pixels_for(kSmallInput, 9);
  Observer nobody;
  set_thread_budget(1);
  const std::vector<LayerGram> one = layer_grams(model, pixels, kHeldPatternBytes, nobody);
  set_thread_budget(3);
  const std::vector<LayerGram> three = layer_grams(model, pixels, kHeldPatternBytes, nobody);
  set_thread_budget(0);
  for (size_t l = 0; l < one.size(); ++l) EXPECT_EQ(one[l].gram.products, three[l].gram.products);
}

// The order of filters is no part of a representation; other weights are another one.
TEST(LayerGrams, DoNotDependOnTheOrderOfFilters) {
  const Architecture a = student_architecture({4, 3, 3, 2, 2}, kSmallInput);
  const Model model = lively_model(a, 1);
  Model turned = model.clone();
  for (const ParameterSpec& spec : turned.specs()) {
    const std::string first = a.blocks[0].name + ".";
    const std::string second = a.blocks[1].name + ".";
    Tensor& to = turned.tensor(spec.name);
    const Tensor& from = model.tensor(spec.name);
    if (spec.name.starts_with(first) || spec.name == second + "depthwise.weight") {
      for (int64_t f = 0; f < 4; ++f) {
        std::copy_n(from.rows(f, f + 1).data(), from.numel() / 4, to.rows(3 - f, 4 - f).data());
      }
    } else if (spec.name == second + "pointwise.weight") {
      for (int64_t i = 0; i < to.numel(); ++i) to[i] = from[i / 4 * 4 + 3 - i % 4];
    }
  }
  const Tensor pixels = pixels_for(kSmallInput, 12);
  Observer nobody;
  const std::vector<LayerGram> before = layer_grams(model, pixels, kHeldPatternBytes, nobody);
  const std::vector<LayerGram> after = layer_grams(turned, pixels, kHeldPatternBytes, nobody);
  const std::vector<LayerGram> other =
      layer_grams(lively_model(student_architecture({4, 3, 3, 2, 2}, kSmallInput), 9), pixels,
                  kHeldPatternBytes, nobody);
  for (size_t l = 0; l < before.size(); ++l) {
    EXPECT_NEAR(linear_cka(before[l].gram, after[l].gram), 1, 1e-5) << l;
  }
  EXPECT_LE(debiased_cka(before[5].gram, other[5].gram), 0.9);
}

TEST(LayerGrams, CanBeStopped) {
  const Model model = lively_model(student_architecture({4, 3, 3, 2, 2}, kSmallInput), 1);
  Watching watched(1);
  EXPECT_THROW(layer_grams(model, pixels_for(kSmallInput, 5), kHeldPatternBytes, watched), Stopped);
}

TEST(LayerGrams, RefuseOtherPixels) {
  const Model model = lively_model(student_architecture({4, 3, 3, 2, 2}, kSmallInput), 1);
  Observer nobody;
  EXPECT_THROW(layer_grams(model, Tensor::zeros({2, 3, 8, 8}), kHeldPatternBytes, nobody), Error);
  EXPECT_THROW(layer_grams(model, Tensor(Shape{0, 3, 16, 12}), kHeldPatternBytes, nobody), Error);
  EXPECT_THROW(layer_patterns(model, Tensor::full({1, 3, 16, 12}, NAN)), Error);
}

}  // namespace
}  // namespace secateur
