#include "training/labels.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "formats/atomic_file.h"
#include "formats/safetensors.h"
#include "models/predictor.h"
#include "tests/formats/expect_refused.h"
#include "tests/models/lively_model.h"
#include "tests/temporary_folder.h"
#include "tests/training/small_problem.h"
#include "tests/watching.h"

namespace secateur {
namespace {

constexpr int64_t kItems = 80;  // more than two batches of the teacher

class Labels : public testing::Test {
 protected:
  // The file of finished labels with its values replaced: whoever reads it shows it.
  void poison(int64_t rows) {
    SafetensorsFile file = read_safetensors(cache());
    file.tensors["labels"] = Tensor::full({rows, 2}, 42.0f);
    write_safetensors(cache(), file);
  }
  Tensor compute(int64_t items = kItems) {
    Observer nobody;
    return compute(items, nobody);
  }
  Tensor compute(int64_t items, Observer& observer) {
    return compute_labels(teacher_, *problem_.set, items, cache(), observer);
  }
  std::filesystem::path cache() const { return folder_ / "labels.safetensors"; }

  TemporaryFolder folder_;
  SmallProblem problem_{40, 2};
  Teacher teacher_{{lively_model(small_student(2), 1), lively_model(small_student(2), 2)}};
};

TEST_F(Labels, AreTheTeachersAnswersInTheOrderOfTheItems) {
  const Tensor labels = compute();
  ASSERT_EQ(labels.shape(), Shape({kItems, 2}));
  for (const int64_t item : {0, 31, 32, 79}) {
    Tensor image(Shape{1, 3, 16, 16});
    problem_.set->fill(item, image.data());
    EXPECT_TRUE(same_bits(teacher_(image), labels.rows(item, item + 1).clone())) << item;
  }
}

TEST_F(Labels, AreTakenFromTheFileOfTheSameKey) {
  const Tensor first = compute();
  EXPECT_TRUE(same_bits(compute(), first));
  poison(kItems);
  EXPECT_TRUE(same_bits(compute(), Tensor::full({kItems, 2}, 42.0f)));
}

TEST_F(Labels, OfAnotherKeyAreComputedAnew) {
  const Tensor wanted = compute();
  poison(kItems);
  const Teacher other({lively_model(small_student(2), 3)});
  Observer nobody;
  const Tensor of_other = compute_labels(other, *problem_.set, kItems, cache(), nobody);
  EXPECT_NE(of_other[0], 42.0f);
  EXPECT_FALSE(same_bits(of_other, wanted));
  // The file now belongs to the other teacher.
  EXPECT_TRUE(same_bits(compute(), wanted));
}

TEST_F(Labels, KeysNameTeacherImagesAndNumber) {
  const SmallProblem other_images(40, 2, 5);
  const SmallProblem more_variants(40, 3);
  const Teacher half({lively_model(small_student(2), 1)});
  const std::string key = label_key(teacher_, *problem_.set, kItems);
  EXPECT_EQ(
      label_key(Teacher({lively_model(small_student(2), 1), lively_model(small_student(2), 2)}),
                *SmallProblem(40, 2).set, kItems),
      key);
  const Teacher other_order({lively_model(small_student(2), 2), lively_model(small_student(2), 1)});
  EXPECT_EQ(key.size(), 64u);
  EXPECT_NE(label_key(half, *problem_.set, kItems), key);
  // The sum over members is taken in their order.
  EXPECT_NE(label_key(other_order, *problem_.set, kItems), key);
  EXPECT_NE(label_key(teacher_, *other_images.set, kItems), key);
  EXPECT_NE(label_key(teacher_, *more_variants.set, kItems), key);
  EXPECT_NE(label_key(teacher_, *problem_.set, kItems - 1), key);
}

// So that labels of all neurons serve a run of some, bit for bit.
TEST_F(Labels, OfSomeOutputsAreColumnsOfThoseOfAll) {
  const Teacher all({lively_model(small_student(5), 1), lively_model(small_student(5), 2)});
  const Teacher some = all.with_outputs({3, 0});
  EXPECT_EQ(some.outputs(), 2);
  Observer nobody;
  const Tensor of_all = compute_labels(all, *problem_.set, kItems, {}, nobody);
  const Tensor of_some = compute_labels(some, *problem_.set, kItems, {}, nobody);
  for (int64_t i = 0; i < kItems; ++i) {
    EXPECT_EQ(of_some[2 * i], of_all[5 * i + 3]);
    EXPECT_EQ(of_some[2 * i + 1], of_all[5 * i]);
  }
  keep_labels(some, *problem_.set, of_all, cache());
  const std::string kept = read_file(cache(), 1 << 20);
  compute_labels(some, *problem_.set, kItems, {}, nobody);
  fs::remove(cache());
  compute_labels(some, *problem_.set, kItems, cache(), nobody);
  EXPECT_EQ(read_file(cache(), 1 << 20), kept);
  // Taken as they are: no image is labelled again.
  Watching watching;
  keep_labels(some, *problem_.set, Tensor::full(of_all.shape(), 7.0f), cache());
  EXPECT_EQ(compute_labels(some, *problem_.set, kItems, cache(), watching)[0], 7.0f);
  EXPECT_TRUE(watching.heard.empty());

  const std::string key = label_key(all, *problem_.set, kItems);
  EXPECT_NE(label_key(some, *problem_.set, kItems), key);
  EXPECT_NE(label_key(all.with_outputs({0, 3}), *problem_.set, kItems),
            label_key(some, *problem_.set, kItems));
  EXPECT_EQ(label_key(some.with_all_outputs(), *problem_.set, kItems), key);
  EXPECT_EQ(label_key(all.with_outputs({0, 1, 2, 3, 4}), *problem_.set, kItems), key);
  expect_refused([&] { all.with_outputs({5}); }, "wanted an output below 5, got 5");
  expect_refused([&] { keep_labels(some, *problem_.set, of_some, cache()); },
                 "wanted labels of 5 outputs");
}

TEST_F(Labels, ResumeWhereTheyWereInterrupted) {
  Watching unstopped;
  const Tensor wanted = compute_labels(teacher_, *problem_.set, kItems, {}, unstopped);
  expect_runs_to_the_end(unstopped.heard, "teacher labels");
  Watching stop_at_once(1);
  EXPECT_THROW(compute(kItems, stop_at_once), Stopped);
  const SafetensorsFile kept = read_safetensors(cache());
  EXPECT_TRUE(same_bits(kept.tensors.at("labels"), wanted.rows(0, 32).clone()));
  poison(32);
  Watching watching;
  const Tensor resumed = compute(kItems, watching);
  ASSERT_EQ(watching.heard.size(), 2u);
  EXPECT_EQ(watching.heard[0].done, 64);
  expect_runs_to_the_end(watching.heard, "teacher labels");
  EXPECT_TRUE(same_bits(resumed.rows(0, 32).clone(), Tensor::full({32, 2}, 42.0f)));
  EXPECT_TRUE(same_bits(resumed.rows(32, kItems).clone(), wanted.rows(32, kItems).clone()));
}

// A file that is there is whole, and holds no more than was answered.
TEST_F(Labels, StopBehindAnyBatch) {
  expect_stops_anywhere(
      [&](Observer& observer) {
        std::filesystem::remove(cache());
        try {
          compute(kItems, observer);
        } catch (const Stopped&) {
          EXPECT_EQ(read_safetensors(cache()).tensors.at("labels").dim(0) % 32, 0);
          EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
          throw;
        }
      },
      2);
}

TEST_F(Labels, ADamagedFileIsRefused) {
  compute();
  const std::string bytes = read_file(cache(), 1 << 30);
  write_file_atomically(cache(), bytes.substr(0, bytes.size() / 2));
  expect_refused([&] { compute(); }, "labels.safetensors");
}

TEST_F(Labels, WantItemsThatExist) {
  expect_refused([&] { compute(81); }, "at most 80 items, got 81");
}

TEST(Teacher, AveragesItsMembers) {
  std::vector<Model> members;
  for (uint64_t seed : {1, 2, 3}) members.push_back(lively_model(small_student(2), seed));
  members[1].set_output_scale({5, -5}, {2, 0.5});
  const Teacher teacher({members.begin(), members.end()});
  const Tensor images = random_images(kSquareInput, 4, 3);
  const Tensor answers = teacher(images);
  ASSERT_EQ(answers.shape(), Shape({4, 2}));
  for (int64_t i = 0; i < 8; ++i) {
    double sum = 0;
    for (const Model& member : members) sum += Predictor(member)(images)[i];
    EXPECT_LE(std::abs(answers[i] - sum / 3), 1e-5 * (1 + std::abs(sum)));
  }
  EXPECT_EQ(teacher.outputs(), 2);
}

TEST(Teacher, WantsMembersThatFitTogether) {
  expect_refused([] { Teacher({}); }, "at least one model");
  expect_refused(
      [] {
        Teacher({Model(small_student(2), 1), Model(small_student(1), 1)});
      },
      "2 outputs, got 1 outputs");
  InputSpec other = kSquareInput;
  other.mean[0] = 0;
  expect_refused(
      [&] {
        Teacher(
            {Model(small_student(), 1), Model(student_architecture({4, 3, 3, 3, 2}, other), 1)});
      },
      "members of one input");
}

}  // namespace
}  // namespace secateur
