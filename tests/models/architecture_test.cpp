#include "models/architecture.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include "tests/formats/expect_refused.h"

namespace secateur {
namespace {

// method.md, "Student and distillation".
int64_t student_parameters(const std::vector<int64_t>& f) {
  int64_t count = 80 * f[0] + 784 * f[4] + 1;
  for (size_t i = 1; i < 5; ++i) count += 25 * f[i - 1] + f[i - 1] * f[i] + 5 * f[i];
  return count;
}

TEST(Architecture, AStudentHasTheParametersOfTheFormula) {
  const bool holds = rc::check([] {
    const auto filters =
        *rc::gen::container<std::vector<int64_t>>(5, rc::gen::inRange<int64_t>(1, 300));
    const Architecture student = student_architecture(filters, InputSpec{});
    const ParameterCount count = count_parameters(student);
    RC_ASSERT(count.total == student_parameters(filters));
    RC_ASSERT(filter_counts(student) == filters);
    // Not trained: per filter a mean, a variance and the bias that the norm takes away.
    int64_t all = 0;
    for (const int64_t f : filters) all += f;
    RC_ASSERT(count.trainable == count.total - 3 * all);
  });
  EXPECT_TRUE(holds);
}

TEST(Architecture, TheMedianPublishedStudentIsBeforePruning) {
  EXPECT_EQ(count_parameters(student_architecture({100, 100, 100, 100, 100}, InputSpec{})).total,
            138401);
}

// conv 5x5, separable, pointwise and residual layers written out by hand.
TEST(Architecture, AMemberHasTheParametersOfItsLayers) {
  const Architecture member = member_architecture(
      {.stem = 6, .width = 10, .middle = 4, .residual_blocks = 2}, {.height = 64, .width = 64}, 7);
  const auto norm = [](int64_t f) { return 4 * f; };
  const auto point = [](int64_t from, int64_t to) { return from * to + to; };
  const int64_t stem0 = 6 * 3 * 25 + 6 + norm(6);
  const int64_t stem1 = 6 * 9 + point(6, 12) + norm(12);
  const int64_t core0 = point(12, 10) + norm(10);
  const int64_t core1 = 10 * 9 + point(10, 10) + norm(10);
  const int64_t residual =
      10 * 9 + point(10, 4) + norm(4) + 4 * 9 + point(4, 4) + norm(4) + point(4, 10);
  const int64_t readout = point(10, 7) + 7 * 8 * 8 + 7;
  EXPECT_EQ(count_parameters(member).total, stem0 + stem1 + core0 + core1 + 2 * residual + readout);
  EXPECT_EQ(member.shape_before(member.blocks.size()), Shape({10, 8, 8}));
}

TEST(Architecture, TheSharedModelHasAFactorisedReadout) {
  const Architecture shared = shared_compact_architecture(50, InputSpec{}, 219);
  EXPECT_EQ(filter_counts(shared), (std::vector<int64_t>{50, 50, 50, 100, 100}));
  const Architecture student = student_architecture({50, 50, 50, 100, 100}, InputSpec{});
  EXPECT_EQ(count_parameters(shared).total,
            count_parameters(student).total - 784 * 100 - 1 + 219 * (100 + 1 + 784 + 1));
}

TEST(Architecture, SizesFollowTheStrides) {
  const Architecture student = student_architecture({5, 6, 7, 8, 9}, {.height = 112, .width = 48});
  EXPECT_EQ(student.shape_before(0), Shape({3, 112, 48}));
  EXPECT_EQ(student.shape_before(1), Shape({5, 112, 48}));
  EXPECT_EQ(student.shape_before(2), Shape({6, 56, 24}));
  EXPECT_EQ(student.shape_before(3), Shape({7, 28, 12}));
  EXPECT_EQ(student.shape_before(5), Shape({9, 28, 12}));
}

TEST(Architecture, TensorsHaveDistinctNames) {
  const Architecture member = member_architecture({}, InputSpec{}, 3);
  std::set<std::string> names;
  for (const ParameterSpec& spec : parameter_specs(member)) names.insert(spec.name);
  EXPECT_EQ(names.size(), parameter_specs(member).size());
}

TEST(Architecture, RefusesTheImpossible) {
  const InputSpec input;
  expect_refused([&] { student_architecture({1, 2, 3}, input); }, "5 layers of filters, got 3");
  expect_refused(
      [&] {
        student_architecture({1, 2, 0, 4, 5}, input);
      },
      "layer2: wanted 1 to 16384 filters, got 0");
  expect_refused(
      [] {
        student_architecture({1, 1, 1, 1, 1}, {.height = 30, .width = 32});
      },
      "divisible by 4, got 30 x 32");
  expect_refused([&] { student_architecture({1, 1, 1, 1, 1}, input, 0); }, "outputs, got 0");
}

TEST(Architecture, ValidateNamesTheFirstThingThatIsWrong) {
  const Architecture good = member_architecture({.residual_blocks = 1}, InputSpec{}, 2);
  const auto refuse = [&](const std::string& part, auto&& spoil) {
    Architecture bad = good;
    spoil(bad);
    expect_refused([&] { bad.validate(); }, part);
  };
  refuse("3 input channels, got 1", [](auto& a) { a.input.channels = 1; });
  refuse("got 3 x 112", [](auto& a) { a.input.height = 3; });
  refuse("wanted 1 to 256 blocks, got 0", [](auto& a) { a.blocks.clear(); });
  refuse("got 257", [](auto& a) { a.blocks.resize(257, a.blocks[0]); });
  refuse("two blocks are called 'stem0'", [](auto& a) { a.blocks[1].name = "stem0"; });
  refuse("a block name", [](auto& a) { a.blocks[1].name = ""; });
  refuse("stem1: wanted a kernel of 1 to 31, got 32", [](auto& a) { a.blocks[1].kernel = 32; });
  refuse("stem1: wanted a stride of 1 to 8, got 0", [](auto& a) { a.blocks[1].stride = 0; });
  refuse("residual0: wanted 1 to 16384 middle filters, got 0",
         [](auto& a) { a.blocks[4].middle = 0; });
  refuse("a residual block keeps its 128 channels", [](auto& a) { a.blocks[4].filters = 64; });
  refuse("keeps its 128 channels and its size", [](auto& a) { a.blocks[4].stride = 2; });
  refuse("for each of 2 outputs, got 1 and 1",
         [](auto& a) { a.readout.offset = a.readout.gain = {1}; });
  refuse("got 2 and 0", [](auto& a) { a.readout.offset = {1, 2}; });
}

}  // namespace
}  // namespace secateur
