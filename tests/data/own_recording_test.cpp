#include "data/own_recording.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "formats/npy.h"
#include "tests/data/image_fixtures.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

class OwnRecording : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"oak", "ash", "elm"}) add_picture(std::string(name) + ".png");
  }

  void add_picture(const std::string& name, int height = 40, int width = 40) {
    fixture::write_text(root_ / "images" / name,
                        fixture::pattern_png(static_cast<int64_t>(name[0]), height, width));
  }
  void write_table(const std::string& text) { fixture::write_text(root_ / "responses.csv", text); }
  void write_array(const Shape& shape, const std::vector<double>& values) {
    write_npy(root_ / "responses.npy", shape, std::span<const double>(values));
  }
  Recording loaded() const { return load_recording(root_, "mine", 32); }
  void refused(const std::string& part) const {
    expect_refused([&] { loaded(); }, part);
  }

  const TemporaryFolder folder_;
  const fs::path root_ = folder_ / "mine";
};

// Rows come in any order, pictures are sorted by name: ash, elm, oak.
TEST_F(OwnRecording, ReadsATableOfPresentations) {
  write_table("image,left,right\noak,1,\nash.png,2,0\nelm,3,5\noak.png,4,NaN\noak,1,8\n");
  const Recording recording = loaded();
  EXPECT_EQ(recording.session, "mine");
  EXPECT_EQ(recording.neurons, 2);
  EXPECT_EQ(recording.images, 3);
  EXPECT_EQ(recording.repeats, 3);
  EXPECT_EQ(recording.neuron_names, (std::vector<std::string>{"left", "right"}));
  EXPECT_EQ(recording.name_of(1), "right");
  EXPECT_EQ(recording.mean, (std::vector<double>{2, 3, 2, 0, 5, 8}));
  EXPECT_EQ(recording.trials[6], 1);
  EXPECT_TRUE(std::isnan(recording.trials[1]));
  EXPECT_EQ(recording.image_source->name(2), "oak.png");
  EXPECT_EQ(recording.image_source->height(), 32);
}

TEST_F(OwnRecording, ReadsArraysWithWhatIsMissing) {
  write_array(Shape{2, 3}, {1, NAN, 3, 4, 5, 6});
  const Recording means = loaded();
  EXPECT_EQ(means.repeats, 0);
  EXPECT_TRUE(std::isnan(means.mean_at(0, 1)));
  EXPECT_EQ(means.mean_at(1, 2), 6);
  EXPECT_EQ(means.name_of(1), "1");
  write_array(Shape{1, 3, 2}, {1, 3, NAN, 4, NAN, NAN});
  const Recording trials = loaded();
  EXPECT_EQ(trials.repeats, 2);
  EXPECT_EQ(trials.mean_at(0, 0), 2);
  EXPECT_EQ(trials.mean_at(0, 1), 4);
  EXPECT_TRUE(std::isnan(trials.mean_at(0, 2)));
}

// Pictures of any size and proportions are one size, and another one is another identity.
TEST_F(OwnRecording, BringsPicturesToOneSize) {
  add_picture("fir.png", 64, 90);
  write_array(Shape{1, 4}, {1, 2, 3, 4});
  const Recording recording = loaded();
  for (int64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(fixture::read(*recording.image_source, i).size(), 3u * 32 * 32);
  }
  EXPECT_NE(recording.image_source->identity(),
            load_recording(root_, "mine", 48).image_source->identity());
}

TEST_F(OwnRecording, RefusesWhatDoesNotFit) {
  refused("no sessions at all: there is no responses.npy or responses.csv in it");
  write_array(Shape{2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  refused("has responses to 4 images [2, 4], images/ holds 3 pictures");
  write_array(Shape{6}, {1, 2, 3, 4, 5, 6});
  refused("wanted responses [neurons, images] or [neurons, images, repeats]");
  write_array(Shape{2, 3}, {1, 2, 3, NAN, NAN, NAN});
  refused("neuron 1 has no response to any image");
  write_array(Shape{1, 3}, {1, INFINITY, 3});
  refused("an infinite response of neuron 0 to image 1");
  write_array(Shape{1, 3, 2}, {1, 2, INFINITY, -INFINITY, 3, 4});
  refused("an infinite response of neuron 0 to image 1");
  write_table("image,a\noak,1\n");
  refused("wanted responses.npy or responses.csv in ");
  fs::remove(root_ / "responses.npy");
  refused("has no row for the picture 'ash.png'");
  write_table("image,a\noak,1\nash,2\nelm,3\nyew,4\n");
  refused("line 5: there is no picture 'yew' in images/");
  write_table("image,a\noak,many\n");
  refused("line 2: wanted a number in column 'a', got 'many'");
  write_table("picture,a\noak,1\n");
  refused("wanted a column 'image', the columns are 'picture, a'");
  write_table("image\noak\n");
  refused("has no column but 'image'");
  add_picture("oak.jpg.png");
  add_picture("ash.jpeg.png");
  fs::rename(root_ / "images/ash.jpeg.png", root_ / "images/ash.PNG");
  write_table("image,a\nash,1\n");
  refused("line 2: 'ash' is the name of two pictures");
  fs::remove_all(root_ / "images");
  refused("wanted a folder images/ beside ");
  fs::create_directory(root_ / "images");
  refused("there is no .jpg, .jpeg or .png file in ");
}

TEST_F(OwnRecording, TwoFoldersOfOneName) {
  for (const char* name : {"day 1", "day_1"}) {
    fixture::write_text(folder_ / "all" / name / "responses.csv", "image,a\n");
  }
  expect_refused([&] { list_sessions(folder_ / "all"); }, "are both the session day_1");
}

}  // namespace
}  // namespace secateur
