#include "data/recording.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "formats/npy.h"
#include "tests/data/image_fixtures.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

using fixture::refusal;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Two neurons, three images, up to two repeats.
const std::vector<double> kMeans = {1.5, 4, 0, 2, 3, 7};
const std::vector<double> kTrials = {1, 2, 4, kNaN, 0, 0, kNaN, 2, 3, 3, 6, 8};

void write_doubles(const std::filesystem::path& path, const Shape& shape,
                   const std::vector<double>& values) {
  std::filesystem::create_directories(path.parent_path());
  write_npy(path, shape, values);
}

void write_images(const std::filesystem::path& path, std::vector<int64_t> numbers) {
  std::vector<fixture::Entry> entries;
  for (int64_t i : numbers) {
    entries.push_back({fmt::format("image{:04}.png", i), fixture::pattern_png(i, 4, 4)});
  }
  fixture::write_zip(path, entries);
}

class RecordingTest : public ::testing::Test {
 protected:
  std::filesystem::path mean() const { return folder / "responses/responses_a.npy"; }
  std::filesystem::path raw() const { return folder / "responses_raw/responses_a.npy"; }
  std::filesystem::path zip() const { return folder / "images/images_a.zip"; }
  std::string load() const {
    return refusal([&] { load_recording(folder.path(), "a"); });
  }
  TemporaryFolder folder;
};

TEST_F(RecordingTest, LoadsMeansTrialsAndImages) {
  write_doubles(mean(), {2, 3}, kMeans);
  write_doubles(raw(), {2, 3, 2}, kTrials);
  write_images(zip(), {3, 1, 2});
  const Recording recording = load_recording(folder.path(), "a");
  EXPECT_EQ(recording.session, "a");
  EXPECT_EQ(recording.neurons, 2);
  EXPECT_EQ(recording.images, 3);
  EXPECT_EQ(recording.repeats, 2);
  EXPECT_EQ(recording.mean, kMeans);
  EXPECT_EQ(recording.mean_at(1, 2), 7);
  EXPECT_EQ(recording.trials.size(), 12u);
  ASSERT_NE(recording.image_source, nullptr);
  for (int64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(fixture::read(*recording.image_source, i), fixture::pattern(i + 1, 4, 4));
  }
}

TEST_F(RecordingTest, MakesMeansFromTrialsAlone) {
  write_doubles(raw(), {2, 3, 2}, kTrials);
  const Recording recording = load_recording(folder.path(), "a");
  EXPECT_EQ(recording.mean, kMeans);
  EXPECT_EQ(recording.image_source, nullptr);
}

TEST_F(RecordingTest, MeansAloneHaveNoRepeats) {
  write_doubles(mean(), {2, 3}, kMeans);
  const Recording recording = load_recording(folder.path(), "a");
  EXPECT_EQ(recording.repeats, 0);
  EXPECT_TRUE(recording.trials.empty());
}

TEST_F(RecordingTest, FindsTheLayoutOfAClone) {
  const auto published = folder / "clone/data_V4_responses";
  write_doubles(published / "responses_repeat_averaged/responses_a.npy", {2, 3}, kMeans);
  write_doubles(published / "responses_raw/responses_b.npy", {2, 3, 2}, kTrials);
  write_images(published / "images/images_a.zip", {1, 2, 3});
  for (const auto& root : {folder.path(), folder / "clone", published}) {
    EXPECT_EQ(list_sessions(root), (std::vector<std::string>{"a", "b"})) << root;
    EXPECT_NE(load_recording(root, "a").image_source, nullptr) << root;
    EXPECT_EQ(load_recording(root, "b").mean, kMeans) << root;
  }
}

TEST_F(RecordingTest, ReadsImagesFromAFolderOrAnArray) {
  write_doubles(mean(), {2, 3}, kMeans);
  for (int64_t i = 0; i < 3; ++i) {
    fixture::write_text(folder / fmt::format("images/images_a/{}.png", i),
                        fixture::pattern_png(i, 4, 4));
  }
  EXPECT_EQ(fixture::read(*load_recording(folder.path(), "a").image_source, 2),
            fixture::pattern(2, 4, 4));
  std::filesystem::remove_all(folder / "images/images_a");
  write_npy(folder / "images/images_a.npy", Shape{3, 4, 4, 3}, fixture::patterns(3, 4, 4));
  EXPECT_EQ(fixture::read(*load_recording(folder.path(), "a").image_source, 2),
            fixture::pattern(2, 4, 4));
}

TEST_F(RecordingTest, RefusesSessionsThatAreNotThere) {
  const std::string root = folder.path().string();
  EXPECT_EQ(load(), "[recording] wanted responses of session a in " + root +
                        ", got no sessions at all: there is no responses.npy or responses.csv in "
                        "it or a folder of it, and no responses_repeat_averaged/, responses/ or "
                        "responses_raw/ in it, in " +
                        root + "/data_V4_responses, or in " + root + "/*/data_V4_responses");
  write_doubles(folder / "responses/responses_b.npy", {2, 3}, kMeans);
  EXPECT_EQ(load(), "[recording] wanted responses of session a in " + root + ", got b");
  EXPECT_EQ(
      refusal([&] { list_sessions(folder / "none"); }),
      "[recording] wanted a folder of recordings, got " + root + "/none, which does not exist");
}

TEST_F(RecordingTest, RefusesNamesThatLeadElsewhere) {
  for (const std::string name : {"../a", "a/b", "", "..", "a.b", "a b", "a\n"}) {
    const std::string sentence = refusal([&] { load_recording(folder.path(), name); });
    EXPECT_TRUE(sentence.starts_with(
        "[recording] wanted a session name of letters, digits, '_' and '-', got "))
        << sentence;
  }
}

TEST_F(RecordingTest, RefusesTwoClones) {
  for (const std::string clone : {"x", "y"}) {
    write_doubles(folder / (clone + "/data_V4_responses/responses_raw/responses_a.npy"), {2, 3, 2},
                  kTrials);
  }
  EXPECT_EQ(load(), "[recording] wanted one clone with a folder data_V4_responses in " +
                        folder.path().string() + ", got x and y");
}

TEST_F(RecordingTest, RefusesResponsesOfAnotherShapeOrType) {
  write_doubles(mean(), {6}, kMeans);
  EXPECT_EQ(load(),
            "[recording] wanted responses [neurons, images] in " + mean().string() + ", got [6]");
  write_doubles(mean(), {0, 3}, {});
  EXPECT_EQ(load(), "[recording] wanted responses [neurons, images] in " + mean().string() +
                        ", got none: [0, 3]");
  write_npy(mean(), Shape{2, 3}, std::vector<uint8_t>(6, 1));
  EXPECT_EQ(load(),
            "[recording] wanted responses of type f8 or f4 in " + mean().string() + ", got u1");
  write_doubles(mean(), {2, 3}, kMeans);
  write_doubles(raw(), {3, 2, 2}, kTrials);
  EXPECT_EQ(load(), "[recording] wanted trials [2, 3, repeats] in " + raw().string() + " as in " +
                        mean().string() + ", got [3, 2, 2]");
}

TEST_F(RecordingTest, RefusesResponsesThatAreNotNumbers) {
  write_doubles(mean(), {2, 3}, {1, 2, 3, 4, kNaN, 6});
  EXPECT_EQ(load(), "[recording] wanted finite mean responses in " + mean().string() +
                        ", got nan for neuron 1 and image 1 (counted from 0)");
  std::filesystem::remove(mean());
  std::vector<double> trials = kTrials;
  trials[2] = kNaN;
  write_doubles(raw(), {2, 3, 2}, trials);
  EXPECT_EQ(load(), "[recording] wanted at least one trial per neuron and image in " +
                        raw().string() + ", got none for neuron 0 and image 1 (counted from 0)");
  trials[2] = std::numeric_limits<double>::infinity();
  write_doubles(raw(), {2, 3, 2}, trials);
  EXPECT_EQ(load(), "[recording] wanted finite trials or NaN in " + raw().string() +
                        ", got inf for neuron 0 and image 1 (counted from 0)");
}

TEST_F(RecordingTest, RefusesMeansThatAreNotThoseOfTheTrials) {
  std::vector<double> means = kMeans;
  means[4] = 3.001;
  write_doubles(mean(), {2, 3}, means);
  write_doubles(raw(), {2, 3, 2}, kTrials);
  EXPECT_EQ(load(), "[recording] wanted means in " + mean().string() +
                        " that agree with the trials in " + raw().string() +
                        ", got 3.001 and 3 for neuron 1 and image 1 (counted from 0)");
  means[4] = 3 + 1e-9;
  write_doubles(mean(), {2, 3}, means);
  EXPECT_EQ(load(), "nothing was thrown");
}

TEST_F(RecordingTest, RefusesImagesThatAreNotThoseOfTheResponses) {
  write_doubles(mean(), {2, 3}, kMeans);
  write_images(zip(), {1, 2, 3, 4});
  EXPECT_EQ(load(),
            "[recording] wanted 3 images in " + zip().string() + ", as the responses have, got 4");
  write_images(zip(), {1, 2, 4});
  EXPECT_EQ(load(), "[recording] wanted images without gaps in " + zip().string() +
                        ", but images are numbered from 1; 1 number has no image, the first of "
                        "them 3");
  write_images(zip(), {2, 3, 4});
  EXPECT_EQ(load(), "[recording] wanted images numbered from 0 or 1 in " + zip().string() +
                        ", got 2 as the first");
}

TEST(Scales, MakeMeanZeroAndDeviationOne) {
  Recording recording;
  recording.neurons = 2;
  recording.images = 5;
  recording.mean = {1, 3, kNaN, 5, 100, 0.1, 0.1, 0.1, 0.1, 100};
  const std::vector<Scale> scales = fit_scales(recording, 0, 4);
  ASSERT_EQ(scales.size(), 2u);
  EXPECT_DOUBLE_EQ(scales[0].offset, 3);
  EXPECT_DOUBLE_EQ(scales[0].gain, std::sqrt(8.0 / 3.0));
  EXPECT_DOUBLE_EQ(scales[1].offset, 0.1);
  EXPECT_EQ(scales[1].gain, 1) << "a neuron that never changes is not blown up";
  EXPECT_EQ(refusal([&] { fit_scales(recording, 0, 6); }),
            "[recording] wanted a range within 5 images, got [0, 6)");
  EXPECT_EQ(refusal([&] { fit_scales(recording, 2, 2); }),
            "[recording] wanted a range within 5 images, got [2, 2)");
  EXPECT_EQ(refusal([&] { fit_scales(recording, 2, 3); }),
            "[recording] session : neuron 0 has no response to any of the 1 images that may fit");
}

}  // namespace
}  // namespace secateur
