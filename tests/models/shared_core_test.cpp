#include "models/shared_core.h"

#include <gtest/gtest.h>

#include "models/predictor.h"
#include "tests/formats/expect_refused.h"
#include "tests/models/lively_model.h"

namespace secateur {
namespace {

constexpr int64_t kOutputs = 3;

Model shared_model() {
  Architecture architecture = student_architecture({4, 3, 4, 5, 3}, kSmallInput, kOutputs);
  architecture.readout.kind = ReadoutKind::kFactorised;
  Model model = lively_model(architecture, 4);
  model.metadata = {{"stage", "shared"}};
  return model;
}

Tensor column(const Tensor& table, int64_t which) {
  Tensor values(Shape{table.dim(0), 1});
  for (int64_t i = 0; i < table.dim(0); ++i) values[i] = table[i * table.dim(1) + which];
  return values;
}

TEST(StudentFromShared, PredictsWhatTheSharedModelPredictsForItsNeuron) {
  Model shared = shared_model();
  const Tensor images = random_images(kSmallInput, 6, 2, 30);
  for (const bool scaled : {false, true}) {
    if (scaled) shared.set_output_scale({1, -20, 3}, {2, 0.5, -4});
    const Tensor wanted = Predictor(shared)(images);
    for (int64_t output = 0; output < kOutputs; ++output) {
      const Model student = student_from_shared(shared, output);
      EXPECT_EQ(student.architecture().readout.kind, ReadoutKind::kDense);
      EXPECT_EQ(student.architecture().readout.outputs, 1);
      EXPECT_LE(relative_difference(Predictor(student)(images), column(wanted, output)), 1e-5)
          << "output " << output;
    }
  }
}

TEST(StudentFromShared, KeepsTheBlocksTheirStatisticsAndTheOrigin) {
  const Model shared = shared_model();
  const Model student = student_from_shared(shared, 1);
  EXPECT_EQ(student.architecture().blocks, shared.architecture().blocks);
  EXPECT_EQ(student.metadata, shared.metadata);
  for (const auto& [name, tensor] : shared.tensors()) {
    if (name.starts_with("readout.")) continue;
    EXPECT_TRUE(same_bits(student.tensor(name), tensor)) << name;
  }
}

TEST(StudentFromShared, TakesAStudentAsItIs) {
  const Model student = lively_model(student_architecture({4, 3, 4, 5, 3}, kSmallInput), 5);
  const Model same = student_from_shared(student, 0);
  EXPECT_EQ(same.architecture(), student.architecture());
  for (const auto& [name, tensor] : student.tensors()) {
    EXPECT_TRUE(same_bits(same.tensor(name), tensor)) << name;
  }
}

TEST(StudentFromShared, RefusesAnOutputThatIsNotThere) {
  const Model shared = shared_model();
  expect_refused([&] { student_from_shared(shared, kOutputs); }, "wanted an output of 0 to 2");
  expect_refused([&] { student_from_shared(shared, -1); }, "wanted an output of 0 to 2");
}

TEST(WithOutputScale, KeepsThePredictionsAndChangesWhatTrainingSees) {
  Model shared = shared_model();
  const Tensor images = random_images(kSmallInput, 6, 3, 30);
  shared.set_output_scale({1, -2, 3}, {2, 0.5, -4});
  for (const ReadoutKind kind : {ReadoutKind::kFactorised, ReadoutKind::kDense}) {
    const bool dense = kind == ReadoutKind::kDense;
    const Model model = dense ? student_from_shared(shared, 2) : shared;
    const std::vector<double> offset =
        dense ? std::vector<double>{5} : std::vector<double>{5, 6, 7};
    const std::vector<double> gain =
        dense ? std::vector<double>{0.25} : std::vector<double>{0.25, 8, 1};
    const Model scaled = with_output_scale(model, offset, gain);
    EXPECT_EQ(scaled.architecture().readout.offset, offset);
    EXPECT_EQ(scaled.architecture().readout.gain, gain);
    EXPECT_LE(relative_difference(Predictor(scaled)(images), Predictor(model)(images)), 1e-5);
    EXPECT_GE(relative_difference(answers_of(scaled, images), answers_of(model, images)), 1e-2);
  }
}

TEST(WithOutputScale, TheSameScaleChangesNoBit) {
  Model model = shared_model();
  model.set_output_scale({1, 2, 3}, {4, 5, 6});
  const Model same = with_output_scale(model, {1, 2, 3}, {4, 5, 6});
  for (const auto& [name, tensor] : model.tensors()) {
    EXPECT_TRUE(same_bits(same.tensor(name), tensor)) << name;
  }
}

TEST(WithOutputScale, RefusesWhatIsNoScale) {
  const Model model = shared_model();
  expect_refused([&] { with_output_scale(model, {1}, {1}); }, "for each of 3 outputs, got 1 and 1");
  expect_refused(
      [&] {
        with_output_scale(model, {1, 1, 1}, {1, 0, 1});
      },
      "a gain other than 0 for output 1");
}

}  // namespace
}  // namespace secateur
