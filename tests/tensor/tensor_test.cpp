#include "tensor/tensor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/formats/expect_refused.h"

namespace secateur {
namespace {

Tensor counting(const Shape& shape) {
  Tensor tensor(shape);
  for (int64_t i = 0; i < tensor.numel(); ++i) tensor[i] = static_cast<float>(i);
  return tensor;
}

TEST(Tensor, CopiesShareTheStorageAndClonesDoNot) {
  Tensor a = counting({2, 3});
  EXPECT_FALSE(a.is_shared());
  Tensor handle = a;
  EXPECT_TRUE(a.is_shared());
  const Tensor copy = a.clone();
  handle[4] = 99;
  EXPECT_EQ(a[4], 99);
  EXPECT_EQ(copy[4], 4);
  EXPECT_EQ(copy.shape(), a.shape());
}

TEST(Tensor, DefaultHasNoElements) {
  EXPECT_TRUE(Tensor().empty());
  EXPECT_EQ(Tensor().shape(), Shape({0}));
}

TEST(Tensor, ReshapedSeesTheSameElements) {
  Tensor a = counting({2, 6});
  Tensor b = a.reshaped({3, 4});
  EXPECT_EQ(b.data(), a.data());
  EXPECT_EQ(b.dim(0), 3);
  b[11] = -1;
  EXPECT_EQ(a[11], -1);
  expect_refused([&] { a.reshaped({5}); }, "cannot see [2, 6] as [5]");
}

TEST(Tensor, RowsAreAViewOfTheOutermostAxis) {
  Tensor a = counting({4, 2, 3});
  Tensor middle = a.rows(1, 3);
  EXPECT_EQ(middle.shape(), Shape({2, 2, 3}));
  EXPECT_EQ(middle.numel(), 12);
  EXPECT_EQ(middle[0], 6);
  EXPECT_EQ(middle.values().back(), 17);
  middle.fill(0);
  EXPECT_EQ(a[5], 5);
  EXPECT_EQ(a[6], 0);
  EXPECT_EQ(a[17], 0);
  EXPECT_EQ(a[18], 18);
  EXPECT_TRUE(a.rows(2, 2).empty());
  EXPECT_EQ(middle.rows(1, 2).data(), a.data() + 12);
  for (const auto& [begin, end] : {std::pair{-1, 2}, {3, 2}, {0, 5}}) {
    expect_refused([&a, b = begin, e = end] { a.rows(b, e); }, "wanted rows within [4, 2, 3]");
  }
  expect_refused([] { Tensor(Shape()).rows(0, 1); }, "wanted rows within []");
}

TEST(Tensor, RowsKeepTheStorageAlive) {
  Tensor last;
  {
    const Tensor a = counting({3, 1000});
    last = a.rows(2, 3);
  }
  const Tensor other = Tensor::full({3, 1000}, -7);
  EXPECT_EQ(last[0], 2000);
  EXPECT_EQ(last[999], 2999);
}

TEST(Tensor, OfWantsAValueForEveryElement) {
  EXPECT_EQ(Tensor::of({2, 2}, {1, 2, 3, 4})[3], 4);
  expect_refused([] { Tensor::of({2, 2}, {1, 2, 3}); }, "wanted 4 values for [2, 2], got 3");
}

TEST(Tensor, RefusesMoreBytesThan64BitsCount) {
  expect_refused([] { Tensor(Shape{int64_t{1} << 61}); }, "is too large");
}

TEST(TensorView, SeesMemoryOfSomebodyElseAndWritesIntoIt) {
  std::vector<float> memory{1, 2, 3, 4, 5, 6};
  Tensor view = Tensor::view({2, 3}, memory.data(), nullptr);
  EXPECT_EQ(view.data(), memory.data());
  EXPECT_EQ(view.shape(), Shape({2, 3}));
  EXPECT_EQ(view.rows(1, 2).data(), memory.data() + 3);
  view[4] = 50;
  EXPECT_EQ(memory[4], 50);
  Tensor copy = view.clone();
  copy.fill(0);
  EXPECT_EQ(memory[0], 1);
  EXPECT_FALSE(copy.is_shared());
}

TEST(TensorView, IsNeverTakenForStorageThatNobodyElseSees) {
  std::vector<float> memory(6);
  EXPECT_TRUE(Tensor::view({6}, memory.data(), nullptr).is_shared());
  EXPECT_TRUE(Tensor::view({6}, memory.data(), std::make_shared<int>(0)).is_shared());
  EXPECT_TRUE(Tensor::view({6}, memory.data(), nullptr).reshaped({2, 3}).rows(0, 1).is_shared());
}

TEST(TensorView, KeepsTheOwnerUntilTheLastHandleIsGone) {
  auto owner = std::make_shared<std::vector<float>>(6, 2.0f);
  const std::weak_ptr<std::vector<float>> watched = owner;
  Tensor last;
  {
    float* const data = owner->data();
    const Tensor view = Tensor::view({3, 2}, data, std::move(owner));
    last = view.rows(2, 3);
  }
  ASSERT_FALSE(watched.expired());
  EXPECT_EQ(last[1], 2);
  last = Tensor();
  EXPECT_TRUE(watched.expired());
}

TEST(TensorView, OfMemoryThatMustNotChangeIsOnlyRead) {
  const std::vector<float> memory{1, 2, 3, 4};
  const Tensor view = Tensor::view({4}, memory.data(), nullptr);
  EXPECT_EQ(view.data(), memory.data());
  EXPECT_EQ(view[3], 4);
  EXPECT_TRUE(view.all_finite());
  Tensor handle = view.rows(1, 3);
  const std::string sentence = "[2] is a view of memory that must not be written";
  expect_refused([&] { handle.data(); }, sentence, ErrorKind::kUsage);
  expect_refused([&] { handle.values(); }, sentence, ErrorKind::kUsage);
  expect_refused([&] { handle[0] = 1; }, sentence, ErrorKind::kUsage);
  expect_refused([&] { handle.fill(0); }, sentence, ErrorKind::kUsage);
  handle = handle.clone();
  handle[0] = 9;
  EXPECT_EQ(memory[1], 2);
}

TEST(TensorView, RefusesWhereNoFloatCanLie) {
  std::vector<float> memory(4);
  const auto* const odd =
      reinterpret_cast<const float*>(reinterpret_cast<char*>(memory.data()) + 2);
  expect_refused([&] { Tensor::view({3}, odd, nullptr); },
                 "wanted memory for [3] at a multiple of 4 bytes, got an address 2 beyond one");
  expect_refused([] { Tensor::view({3}, static_cast<float*>(nullptr), nullptr); },
                 "wanted memory that holds [3], got a null pointer");
  expect_refused([&] { Tensor::view({int64_t{1} << 61}, memory.data(), nullptr); }, "is too large");
  EXPECT_TRUE(Tensor::view({0, 3}, static_cast<float*>(nullptr), nullptr).empty());
}

TEST(Tensor, FindsValuesThatAreNotFinite) {
  Tensor a = counting({100});
  EXPECT_TRUE(a.all_finite());
  for (const float bad : {std::numeric_limits<float>::infinity(), std::nanf("")}) {
    for (const int64_t at : {0, 57, 99}) {
      Tensor b = a.clone();
      b[at] = bad;
      EXPECT_FALSE(b.all_finite());
    }
  }
}

TEST(Tensor, SameBitsTellsZerosApartAndNansAlike) {
  const Tensor a = Tensor::of({2}, {0.0f, std::nanf("")});
  EXPECT_TRUE(same_bits(a, a.clone()));
  EXPECT_FALSE(same_bits(a, Tensor::of({2}, {-0.0f, std::nanf("")})));
  EXPECT_FALSE(same_bits(a, a.reshaped({2, 1})));
}

}  // namespace
}  // namespace secateur
