// Prediction in fused steps: against the network computed operation by operation, and its bits.

#include "models/predictor.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tensor/parallel.h"
#include "tests/models/lively_model.h"

namespace secateur {
namespace {

Architecture random_chain() {
  InputSpec input{.height = 4 * *rc::gen::inRange<int64_t>(2, 14),
                  .width = 4 * *rc::gen::inRange<int64_t>(2, 14)};
  Architecture a = student_architecture(
      *rc::gen::container<std::vector<int64_t>>(5, rc::gen::inRange<int64_t>(1, 15)), input,
      *rc::gen::inRange<int64_t>(1, 12));
  a.readout.kind = *rc::gen::element(ReadoutKind::kDense, ReadoutKind::kFactorised);
  for (Block& block : a.blocks) {
    block.norm = *rc::gen::weightedElement<Norm>({{3, Norm::kBatch}, {1, Norm::kNone}});
    block.activation = *rc::gen::element(Activation::kRelu, Activation::kLinear);
    if (block.kind == BlockKind::kSeparable && *rc::gen::inRange(0, 4) == 0) {
      block.kind = BlockKind::kPointwise;
      block.kernel = block.stride = 1;
    } else {
      block.kernel = *rc::gen::inRange<int64_t>(1, 6);
      block.stride = *rc::gen::inRange<int64_t>(1, 4);
    }
  }
  return a;
}

// The answers themselves may be small sums of large terms, so they are compared to their spread
// over random images with a readout that only adds.
double difference(const Model& model, int64_t images, uint64_t seed) {
  Model adding = model.clone();
  for (const ParameterSpec& spec : adding.specs()) {
    if (!spec.name.starts_with("readout.") || spec.role != ParameterRole::kKernel) continue;
    for (float& v : adding.tensor(spec.name).values()) v = std::abs(v);
  }
  const Predictor predict(adding);
  EXPECT_TRUE(predict.fused());
  const Tensor x = random_images(model.architecture().input, images, seed);
  return relative_difference(predict(x), predict.by_operations(x));
}

TEST(FusedPrediction, AgreesWithTheOperations) {
  const bool holds = rc::check([] {
    const Model model = lively_model(random_chain(), *rc::gen::arbitrary<uint64_t>());
    RC_ASSERT(difference(model, *rc::gen::element<int64_t>(1, 3, 17), 8) <= 3e-5);
  });
  EXPECT_TRUE(holds);
}

TEST(FusedPrediction, AgreesOnThePublishedSizes) {
  EXPECT_LE(difference(lively_model(student_architecture({57, 54, 3, 5, 11}, {}), 3), 2, 4), 1e-5);
  EXPECT_LE(difference(lively_model(shared_compact_architecture(20, {}, 7), 5), 2, 6), 1e-5);
}

// One image, a few that share their steps among threads, many that are a task each.
TEST(FusedPrediction, GivesAnImageTheSameBitsAloneAndAmongOthers) {
  for (const ReadoutKind kind : {ReadoutKind::kDense, ReadoutKind::kFactorised}) {
    Architecture a = student_architecture({13, 70, 9, 3, 5}, {.height = 64, .width = 48}, 11);
    a.readout.kind = kind;
    const Predictor predict(lively_model(a, 2));
    const Tensor images = random_images(a.input, 19, 3);
    const Tensor all = predict(images);
    const Tensor some = predict(images.rows(4, 9));
    EXPECT_TRUE(same_bits(some, all.rows(4, 9)));
    for (int64_t i = 0; i < 19; ++i) {
      EXPECT_TRUE(same_bits(predict(images.rows(i, i + 1)), all.rows(i, i + 1))) << i;
    }
  }
}

TEST(FusedPrediction, GivesTheSameBitsOnAnyNumberOfThreads) {
  const Predictor predict(lively_model(student_architecture({57, 54, 3, 5, 11}, {}), 3));
  const Tensor images = random_images({}, 17, 3);
  for (const int64_t count : {1, 3, 17}) {
    const Tensor x = images.rows(0, count);
    set_thread_budget(1);
    const Tensor one = predict(x);
    for (const int threads : {2, 3, 8}) {
      set_thread_budget(threads);
      EXPECT_TRUE(same_bits(predict(x), one)) << count << " images, " << threads << " threads";
    }
  }
  set_thread_budget(0);
}

TEST(FusedPrediction, IsLeftToTheOperationsWhereTheNetworkIsNoChain) {
  const Model member = lively_model(member_architecture({4, 8, 4, 1}, kSmallInput, 2), 1);
  const Predictor predict(member);
  EXPECT_FALSE(predict.fused());
  const Tensor images = random_images(kSmallInput, 3, 2);
  EXPECT_TRUE(same_bits(predict(images), predict.by_operations(images)));
  Architecture separable_first = student_architecture({3, 3, 3, 3, 3}, kSmallInput);
  separable_first.blocks.erase(separable_first.blocks.begin());
  EXPECT_FALSE(Predictor(lively_model(separable_first, 1)).fused());
}

TEST(FusedPrediction, AnswersNoImages) {
  const Predictor predict(lively_model(student_architecture({2, 2, 2, 2, 2}, kSmallInput), 1));
  EXPECT_EQ(predict(Tensor(Shape{0, 3, 16, 12})).shape(), Shape({0, 1}));
}

}  // namespace
}  // namespace secateur
