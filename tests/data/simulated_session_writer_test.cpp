#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>

#include "data/simulated/neurons.h"
#include "data/simulated/session_writer.h"
#include "data/simulated/stimuli.h"
#include "tensor/error.h"
#include "tests/temporary_folder.h"

namespace secateur::simulated {
namespace {

namespace fs = std::filesystem;

class SimulatedSessionWriter : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<NeuronCircuit> circuits = uncalibrated_population(32);
    circuits.resize(3);
    session_ = simulate_session(circuits, {.seed = 4, .size = 32, .first = 7, .images = 12});
  }

  std::string bytes(const fs::path& file) const {
    std::ifstream in(root_ / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  void expect_responses(const Recording& recording) const {
    ASSERT_EQ(recording.neurons, 3);
    ASSERT_EQ(recording.images, 12);
    ASSERT_EQ(recording.trials.size(), session_.counts.size());
    for (size_t i = 0; i < session_.counts.size(); ++i) {
      if (std::isnan(session_.counts[i])) {
        EXPECT_TRUE(std::isnan(recording.trials[i]));
      } else {
        EXPECT_EQ(recording.trials[i], session_.counts[i]);
      }
    }
    EXPECT_EQ(recording.mean, repeat_means(session_));
  }

  const TemporaryFolder folder_;
  const fs::path root_ = folder_ / "session";
  SimulatedSession session_;
};

TEST_F(SimulatedSessionWriter, JpegSessionLoadsBack) {
  write_session(session_, root_, "sim-1");
  const Recording recording = load_recording(root_, "sim-1");
  expect_responses(recording);
  const std::vector<uint8_t> wanted = draw_stimuli(4, 7, 12, 32);
  std::vector<uint8_t> image(3 * 32 * 32);
  double error = 0;
  for (int64_t i = 0; i < 12; ++i) {
    recording.image_source->read(i, image);
    for (size_t b = 0; b < image.size(); ++b) {
      error += std::abs(image[b] - wanted[static_cast<size_t>(i) * image.size() + b]);
    }
  }
  EXPECT_LE(error / static_cast<double>(wanted.size()), 6);  // levels; another image is 60 away
}

TEST_F(SimulatedSessionWriter, LosslessSessionLoadsBackExactly) {
  write_session(session_, root_, "sim", {.lossless = true});
  const Recording recording = load_recording(root_, "sim");
  expect_responses(recording);
  std::vector<uint8_t> image(3 * 32 * 32);
  recording.image_source->read(11, image);
  EXPECT_EQ(image, draw_stimuli(4, 18, 1, 32));
}

TEST_F(SimulatedSessionWriter, OwnLayoutLoadsBackExactly) {
  write_own_session(session_, root_ / "day 1");
  EXPECT_EQ(list_sessions(root_), std::vector<std::string>{"day_1"});
  EXPECT_EQ(only_session(root_ / "day 1"), "day_1");
  const Recording recording = load_recording(root_, "day_1", 32);
  expect_responses(recording);
  std::vector<uint8_t> image(3 * 32 * 32);
  recording.image_source->read(11, image);
  EXPECT_EQ(image, draw_stimuli(4, 18, 1, 32));
  EXPECT_EQ(recording.image_source->name(11), "image0012.png");

  write_own_session(session_, root_ / "day2", true);
  EXPECT_EQ(list_sessions(root_), (std::vector<std::string>{"day2", "day_1"}));
  EXPECT_EQ(only_session(root_), "");
  const Recording table = load_recording(root_ / "day2", "day2");
  EXPECT_EQ(table.neuron_names, session_.names);
  EXPECT_EQ(table.mean, recording.mean);
  EXPECT_EQ(table.image_source->height(), kOwnPixels);
  int64_t recorded = 0;
  for (const double value : table.trials) recorded += std::isnan(value) ? 0 : 1;
  EXPECT_EQ(recorded, 3 * std::accumulate(session_.repeats.begin(), session_.repeats.end(), 0));
}

TEST_F(SimulatedSessionWriter, SameSessionGivesSameBytes) {
  write_session(session_, root_, "a");
  write_session(session_, root_, "b");
  const fs::path images = "images", averaged = "responses", raw = "responses_raw";
  EXPECT_GE(bytes(images / "images_a.zip").size(), 1000u);
  EXPECT_EQ(bytes(images / "images_a.zip"), bytes(images / "images_b.zip"));
  EXPECT_EQ(bytes(averaged / "responses_a.npy"), bytes(averaged / "responses_b.npy"));
  EXPECT_EQ(bytes(raw / "responses_a.npy"), bytes(raw / "responses_b.npy"));
}

TEST_F(SimulatedSessionWriter, RefusesNamesThatLeaveTheFolder) {
  EXPECT_THROW(write_session(session_, root_, "../x"), Error);
  EXPECT_THROW(write_session(session_, root_, ""), Error);
  EXPECT_FALSE(fs::exists(root_));
}

}  // namespace
}  // namespace secateur::simulated
