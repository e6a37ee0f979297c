#include "compression/compact_model.h"

#include <gtest/gtest.h>

#include "compression/compact_file.h"
#include "compression/dct.h"
#include "compression/exact_numbers.h"
#include "compression/sensitivity.h"
#include "models/predictor.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tests/compression/compact_fixture.h"

namespace secateur {
namespace {

TEST(CompactModel, EveryArchitectureComesBackBitForBit) {
  for (const auto& [name, architecture] : every_architecture()) {
    for (bool transform : {false, true}) {
      Model folded = fold_batch_norm(lively_model(architecture, 3));
      folded.metadata["session"] = "190923";
      const CompactModel compact = quick_compact(folded, transform);
      const std::vector<uint8_t> bytes = encode(compact);
      const CompactModel again = parse(bytes, "memory");
      EXPECT_TRUE(again == compact) << name;
      EXPECT_EQ(encode(again), bytes) << name;
      const Model evaluated = decode(compact);
      const Model read = decode(again);
      EXPECT_EQ(read.architecture(), folded.architecture()) << name;
      EXPECT_EQ(read.metadata, folded.metadata) << name;
      for (const auto& [parameter, tensor] : evaluated.tensors()) {
        EXPECT_TRUE(same_bits(tensor, read.tensor(parameter))) << name << " " << parameter;
      }
    }
  }
}

TEST(CompactModel, PredictsWithTheSameBits) {
  for (const auto& [name, architecture] : every_architecture()) {
    const CompactModel compact =
        quick_compact(fold_batch_norm(lively_model(architecture, 4)), true);
    const Tensor images = blob_images(architecture.input, 3, 8);
    const Tensor evaluated = Predictor(decode(compact))(images);
    const Tensor read = Predictor(decode(parse(encode(compact), "memory")))(images);
    EXPECT_TRUE(same_bits(evaluated, read)) << name;
  }
}

TEST(CompactModel, FinerStepsComeNearerToTheWeights) {
  const Model folded = fold_batch_norm(lively_model(every_architecture()[0].architecture, 5));
  double before = 1e9;
  for (int step : {0, -32, -64, -96}) {
    const Model decoded = decode(quick_compact(folded, true, step));
    double error = 0;
    for (const auto& [name, tensor] : folded.tensors()) {
      const Tensor& other = decoded.tensor(name);
      for (int64_t i = 0; i < tensor.numel(); ++i) {
        error += (tensor[i] - other[i]) * (tensor[i] - other[i]);
      }
    }
    EXPECT_LE(error, 0.5 * before) << step;
    before = error;
  }
}

TEST(CompactModel, BitsStayWithinTwoAndEight) {
  for (int step : {-200, -64, 0, 100}) {
    const Model folded = fold_batch_norm(lively_model(every_architecture()[3].architecture, 6));
    for (const CompactTensor& tensor : quick_compact(folded, true, step).tensors) {
      for (int64_t f = 0; f < tensor.layout.filters; ++f) {
        const int bits = filter_bits(tensor, f);
        EXPECT_GE(bits, kFewestBits) << tensor.name;
        EXPECT_LE(bits, tensor.layout.kernel ? kMostBits : kMostBiasBits) << tensor.name;
      }
    }
  }
}

TEST(CompactModel, BitsHoldTheLargestCode) {
  CompactTensor tensor{.name = "t",
                       .shape = {2, 1, 1, 3},
                       .layout = {.filters = 2, .block = {1, 1, 3}},
                       .filter_step = {0, 0},
                       .band_step = {0},
                       .channel_step = {0},
                       .codes = {0, 1, -1, 0, -4, 3}};
  EXPECT_EQ(filter_bits(tensor, 0), 2);
  EXPECT_EQ(filter_bits(tensor, 1), 4);
  tensor.codes[0] = 127;
  EXPECT_EQ(filter_bits(tensor, 0), 8);
  EXPECT_THROW(filter_bits(tensor, 2), Error);
}

// An independent reading of the formula in the header.
TEST(CompactModel, ATraceExplainsEveryWeight) {
  const Model folded = fold_batch_norm(lively_model(every_architecture()[0].architecture, 7));
  const CompactModel compact = quick_compact(folded, true);
  const Model decoded = decode(compact);
  const CompactTensor& depthwise = compact.tensors[2];
  ASSERT_EQ(depthwise.name, "layer1.depthwise.weight");
  ASSERT_EQ(depthwise.transform, Transform::kDct);
  std::vector<double> block(25);
  for (int64_t i = 0; i < 25; ++i) {
    const CodeTrace trace = trace_code(compact, folded, depthwise.name, 50 + i);
    EXPECT_EQ(trace.filter, 2);
    EXPECT_EQ(trace.channel, 0);
    EXPECT_EQ(trace.band, i / 5 + i % 5);
    EXPECT_EQ(trace.coefficient, trace.code * trace.step);
    EXPECT_EQ(trace.step, step_size(compact.global_step +
                                    8 * (depthwise.filter_step[2] +
                                         depthwise.band_step[static_cast<size_t>(trace.band)])));
    EXPECT_EQ(trace.original, folded.tensor(depthwise.name)[50 + i]);
    EXPECT_EQ(trace.decoded, decoded.tensor(depthwise.name)[50 + i]);
    EXPECT_EQ(trace.bits, filter_bits(depthwise, 2));
    block[static_cast<size_t>(i)] = trace.coefficient;
  }
  Dct({1, 5, 5}).inverse(block);
  for (int64_t i = 0; i < 25; ++i) {
    EXPECT_EQ(static_cast<float>(block[static_cast<size_t>(i)]),
              decoded.tensor(depthwise.name)[50 + i]);
  }
  EXPECT_THROW(trace_code(compact, folded, "nothing", 0), Error);
  EXPECT_THROW(trace_code(compact, folded, depthwise.name, 1000), Error);
}

TEST(CompactModel, DecodingDoesNotDependOnThreads) {
  const CompactModel compact =
      quick_compact(fold_batch_norm(lively_model(every_architecture()[3].architecture, 8)), true);
  set_thread_budget(1);
  const std::map<std::string, Tensor> one = decode(compact).tensors();
  for (int threads : {2, 3, 8}) {
    set_thread_budget(threads);
    for (const auto& [name, tensor] : decode(compact).tensors()) {
      EXPECT_TRUE(same_bits(tensor, one.at(name))) << name << " on " << threads;
    }
  }
  set_thread_budget(0);
}

TEST(CompactModel, RefusesABatchNorm) {
  const Model model = lively_model(every_architecture()[0].architecture, 9);
  EXPECT_THROW(quick_compact(model, true), Error);
}

TEST(CompactModel, RefusesPartsThatDoNotFit) {
  const CompactModel good =
      quick_compact(fold_batch_norm(lively_model(every_architecture()[0].architecture, 10)), true);
  EXPECT_NO_THROW(validate(good));
  const auto refused = [&](auto&& spoil) {
    CompactModel bad = good;
    spoil(bad);
    EXPECT_THROW(validate(bad), Error);
    EXPECT_THROW(encode(bad), Error);
    EXPECT_THROW(decode(bad), Error);
  };
  refused([](CompactModel& m) { m.tensors.pop_back(); });
  refused([](CompactModel& m) { m.tensors[0].codes[1] = 128; });
  refused([](CompactModel& m) { m.tensors[0].codes.pop_back(); });
  refused([](CompactModel& m) { m.tensors[0].filter_step[0] = kLargestGroupStep + 1; });
  refused([](CompactModel& m) { m.tensors[0].band_step.pop_back(); });
  refused([](CompactModel& m) { m.tensors[1].transform = Transform::kDct; });
  refused([](CompactModel& m) { m.global_step = kLargestGlobalStep + 1; });
  refused([](CompactModel& m) { std::swap(m.tensors[0], m.tensors[2]); });
}

}  // namespace
}  // namespace secateur
