// The tape, with rules made here: the engine knows no operation by name.

#include "autograd/variable.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "ops/add/add.h"
#include "tensor/arena.h"
#include "tests/formats/expect_refused.h"

namespace secateur {
namespace {

Variable parameter(std::initializer_list<float> values) {
  return Variable(Tensor::of({static_cast<int64_t>(values.size())}, values), true);
}

Tensor product(const Tensor& a, const Tensor& b) {
  Tensor y(a.shape());
  for (int64_t i = 0; i < y.numel(); ++i) y[i] = a[i] * b[i];
  return y;
}

Variable times(const Variable& a, const Variable& b) {
  return record(product(a.value(), b.value()), {a, b}, [a, b](const Tensor& dy) {
    a.add_grad(product(dy, b.value()));
    b.add_grad(product(dy, a.value()));
  });
}

// A rule that holds `kept` until it is dropped, and counts how often it runs.
Variable pass_on(const Variable& a, std::shared_ptr<int> kept) {
  return record(a.value().clone(), {a}, [a, kept](const Tensor& dy) {
    ++*kept;
    a.add_grad(dy.clone());
  });
}

// y = a + 1; its rule writes the gradient over the value of `a` where it may, and says so.
Variable plus_one(const Variable& a, std::shared_ptr<bool> took) {
  Tensor y = a.value().clone();
  for (float& v : y.values()) v += 1;
  return record(y, {a}, [a, took](const Tensor& dy) {
    std::optional<Tensor> spent = a.take_value();
    *took = spent.has_value();
    Tensor da = spent ? *spent : Tensor(a.shape());
    spent.reset();
    for (int64_t i = 0; i < dy.numel(); ++i) da[i] = dy[i];
    a.add_grad(std::move(da));
  });
}

TEST(TakeValue, GivesAResultThatNobodyElseReads) {
  const auto took = std::make_shared<bool>(false);
  const Variable x = parameter({3, -2});
  const Variable y = plus_one(times(x, x), took);
  backward(y, Tensor::of({2}, {1, 10}));
  EXPECT_TRUE(*took);
  EXPECT_EQ(x.grad()[0], 6);
  EXPECT_EQ(x.grad()[1], -40);
}

TEST(TakeValue, LeavesWhatAHandleReads) {
  const auto took = std::make_shared<bool>(false);
  const Variable x = parameter({3, -2});
  const Variable square = times(x, x);
  backward(plus_one(square, took), Tensor::of({2}, {1, 10}));
  EXPECT_FALSE(*took);
  EXPECT_EQ(square.value()[0], 9);
}

TEST(TakeValue, LeavesWhatAnotherRuleReads) {
  const auto took = std::make_shared<bool>(false);
  const Variable x = parameter({3});
  Variable y;
  {
    const Variable square = times(x, x);
    const Variable older = times(square, square);
    y = times(older, plus_one(square, took));  // x^4 (x^2 + 1)
  }
  backward(y, Tensor::of({1}, {1}));
  EXPECT_FALSE(*took);
  EXPECT_EQ(x.grad()[0], 6 * 243 + 4 * 27);
}

TEST(TakeValue, LeavesLeaves) {
  const auto took = std::make_shared<bool>(false);
  const Variable x = parameter({3});
  backward(plus_one(x, took), Tensor::of({1}, {1}));
  EXPECT_FALSE(*took);
  EXPECT_EQ(x.value()[0], 3);
}

TEST(TakeValue, LeavesStorageThatSomebodyShares) {
  const auto took = std::make_shared<bool>(false);
  const Variable x = parameter({3});
  Tensor shared;
  Variable y;
  {
    const Variable square = times(x, x);
    shared = square.value();
    y = plus_one(square, took);
  }
  backward(y, Tensor::of({1}, {1}));
  EXPECT_FALSE(*took);
  EXPECT_EQ(shared[0], 9);
}

// An operation may give out memory of its caller; its storage has no other handle.
TEST(TakeValue, LeavesMemoryOfSomebodyElse) {
  const auto took = std::make_shared<bool>(false);
  const Variable x = parameter({3, -2});
  std::vector<float> memory{9, 4};
  const Variable y = plus_one(record(Tensor::view({2}, memory.data(), nullptr), {x},
                                     [x](const Tensor& dy) { x.add_grad(product(dy, x.value())); }),
                              took);
  backward(y, Tensor::of({2}, {1, 10}));
  EXPECT_FALSE(*took);
  EXPECT_EQ(memory, (std::vector<float>{9, 4}));
  EXPECT_EQ(x.grad()[1], -20);
}

TEST(Backward, FollowsBothArmsOfADiamond) {
  const Variable x = parameter({3, -2});
  const Variable u = add(x, x);    // 2 x
  const Variable v = times(x, x);  // x^2
  backward(times(u, v), Tensor::of({2}, {1, 10}));
  EXPECT_EQ(x.grad()[0], 6 * 9);
  EXPECT_EQ(x.grad()[1], 10 * 6 * 4);
}

// The later arm is longer: a walk that is not in topological order would leave u half done.
TEST(Backward, WaitsForEveryUserOfAResult) {
  const Variable x = parameter({2});
  const Variable u = times(x, x);
  Variable v = u;
  for (int i = 0; i < 5; ++i) v = add(v, u);  // 6 u
  backward(times(u, v));                      // 6 x^4
  EXPECT_EQ(x.grad()[0], 24 * 8);
}

TEST(Backward, AddsBothContributionsOfTheSameInput) {
  const Variable x = parameter({5});
  backward(add(x, x));
  EXPECT_EQ(x.grad()[0], 2);
}

TEST(Backward, RunsEveryRuleOnceHoweverOftenItsResultIsUsed) {
  const Variable x = parameter({1});
  const auto runs = std::make_shared<int>(0);
  Variable y = x;
  for (int i = 0; i < 20; ++i) {
    y = pass_on(y, runs);
    y = add(y, y);
  }
  backward(y);
  EXPECT_EQ(x.grad()[0], 1 << 20);
  EXPECT_EQ(*runs, 20);
}

TEST(Backward, AccumulatesOnLeavesUntilCleared) {
  const Variable x = parameter({3});
  backward(times(x, x));
  backward(times(x, x));
  EXPECT_EQ(x.grad()[0], 12);
  x.clear_grad();
  EXPECT_FALSE(x.has_grad());
  backward(times(x, x));
  EXPECT_EQ(x.grad()[0], 6);
}

TEST(Backward, TheRootMayBeALeaf) {
  const Variable x = parameter({3});
  backward(x);
  EXPECT_EQ(x.grad()[0], 1);
}

TEST(Backward, LeavesTheCotangentOfTheCallerAlone) {
  const Variable x = parameter({3});
  const Tensor cotangent = Tensor::of({1}, {2});
  backward(x, cotangent);
  backward(x, cotangent);
  EXPECT_EQ(x.grad()[0], 4);
  EXPECT_EQ(cotangent[0], 2);
}

TEST(Backward, SkipsConstants) {
  const Variable x = parameter({3});
  const Variable constant(Tensor::of({1}, {4}));
  backward(times(constant, x));
  EXPECT_EQ(x.grad()[0], 4);
  EXPECT_FALSE(constant.has_grad());
}

TEST(Backward, ReleasesGradientsAndValuesOnTheWay) {
  constexpr int64_t kFloats = 1 << 18;
  constexpr int64_t kBytes = 4 * kFloats;
  const Variable x(Tensor::full({kFloats}, 1.5f), true);
  const int64_t before = arena_use().bytes_in_use;
  Variable y = x;
  for (int i = 0; i < 8; ++i) y = times(y, x);
  const Variable middle = y;
  for (int i = 0; i < 8; ++i) y = times(y, x);
  EXPECT_GE(arena_use().bytes_in_use, before + 16 * kBytes);
  arena_reset_peak();
  const int64_t forward = arena_use().bytes_in_use;
  backward(y, Tensor::full({kFloats}, 1.0f));
  // Left: the gradient of x, and the values of the two results that have a handle.
  EXPECT_LE(arena_use().bytes_in_use, before + 3 * kBytes + 4096);
  EXPECT_FALSE(middle.has_grad());
  EXPECT_FALSE(y.has_grad());
  EXPECT_TRUE(x.has_grad());
  // Never all gradients at once: each is released when its rule has run.
  EXPECT_LE(arena_use().peak_in_use, forward + 8 * kBytes);
}

TEST(Record, KeepsNoRuleWhenNothingRequiresAGradient) {
  const Variable x(Tensor::of({1}, {3}));
  const auto kept = std::make_shared<int>(0);
  const Variable y = pass_on(x, kept);
  EXPECT_FALSE(y.requires_grad());
  EXPECT_EQ(kept.use_count(), 1);
}

TEST(Record, DropsTheRuleWhenItHasRun) {
  const Variable x = parameter({3});
  const auto kept = std::make_shared<int>(0);
  const Variable y = pass_on(x, kept);
  EXPECT_TRUE(y.requires_grad());
  EXPECT_EQ(kept.use_count(), 2);
  backward(y);
  EXPECT_EQ(*kept, 1);
  EXPECT_EQ(kept.use_count(), 1);
  EXPECT_EQ(y.value()[0], 3);
}

TEST(Record, DropsTheRuleWithTheLastHandleToTheResult) {
  const Variable x = parameter({3});
  const auto kept = std::make_shared<int>(0);
  { const Variable y = pass_on(pass_on(x, kept), kept); }
  EXPECT_EQ(kept.use_count(), 1);
}

TEST(AddGrad, TakesAFirstTensorThatNobodyElseSees) {
  const Variable x = parameter({0, 0});
  Tensor mine = Tensor::of({2}, {1, 2});
  const float* const address = mine.data();
  x.add_grad(std::move(mine));
  EXPECT_EQ(x.grad().data(), address);
}

TEST(AddGrad, CopiesAFirstTensorThatOthersSee) {
  const Variable x = parameter({0, 0});
  Tensor shared = Tensor::of({2}, {1, 2});
  x.add_grad(shared);
  shared.fill(-1);
  EXPECT_EQ(x.grad()[1], 2);
}

TEST(AddGrad, CopiesMemoryOfSomebodyElse) {
  const Variable x = parameter({0, 0});
  std::vector<float> memory{1, 2};
  x.add_grad(Tensor::view({2}, memory.data(), nullptr));
  x.add_grad(Tensor::of({2}, {5, 5}));
  EXPECT_EQ(x.grad()[1], 7);
  EXPECT_EQ(memory[1], 2);
}

TEST(AddGrad, WantsTheShapeOfTheValue) {
  const Variable x = parameter({0, 0});
  expect_refused([&] { x.add_grad(Tensor(Shape{3})); }, "wanted a gradient of shape [2], got [3]");
}

TEST(Variable, RefusesWhatCannotBe) {
  const Variable x = parameter({1, 2});
  expect_refused([&] { x.grad(); }, "no gradient was added");
  expect_refused([] { Variable().value(); }, "never given a value");
  expect_refused([] { Variable().clear_grad(); }, "never given a value");
  Variable y = add(x, x);
  expect_refused([&] { y.mutable_value(); }, "only a leaf may be written");
  expect_refused([&] { backward(y); }, "wants one element, got [2]");
  expect_refused([&] { backward(y, Tensor::full({3}, 1)); }, "wanted a gradient of shape [2]");
  const Variable constant(Tensor::of({1}, {1}));
  expect_refused([&] { backward(constant); }, "requires a gradient");
  EXPECT_FALSE(Variable().requires_grad());
}

TEST(Variable, LeavesMayBeWritten) {
  Variable x = parameter({1, 2});
  x.mutable_value()[1] = 7;
  EXPECT_EQ(x.value()[1], 7);
}

}  // namespace
}  // namespace secateur
