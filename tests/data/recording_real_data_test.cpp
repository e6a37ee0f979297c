#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "data/recording.h"
#include "formats/npy.h"
#include "tests/data/image_fixtures.h"
#include "tests/shared_folder.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

class RealRecordings : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::is_directory(shared() / "v4"))
      GTEST_SKIP() << "the recordings are not on this machine";
  }
};

struct Session {
  const char* name;
  int64_t neurons;
  int64_t images;
  int64_t repeats;
  bool has_images;
};

constexpr Session kSessions[] = {{"190923", 33, 1200, 0, true},
                                 {"201025", 89, 1200, 0, true},
                                 {"210325", 50, 640, 10, true},
                                 {"201016", 82, 600, 10, false}};

void expect_session(const fs::path& root, const Session& session) {
  const Recording recording = load_recording(root, session.name);
  EXPECT_EQ(recording.neurons, session.neurons);
  EXPECT_EQ(recording.images, session.images);
  EXPECT_EQ(recording.repeats, session.repeats);
  ASSERT_EQ(recording.image_source != nullptr, session.has_images);
  if (!session.has_images) return;
  EXPECT_EQ(recording.image_source->count(), session.images);
  EXPECT_EQ(recording.image_source->height(), 112);
  EXPECT_EQ(recording.image_source->width(), 112);
}

// The layout of the authors' repository, made of links to the flattened folder.
void link_clone(const fs::path& clone) {
  const fs::path v4 = fs::absolute(shared() / "v4");
  const fs::path published = clone / "data_V4_responses";
  fs::create_directories(published);
  fs::create_directory_symlink(v4 / "images", published / "images");
  fs::create_directory_symlink(v4 / "responses", published / "responses_repeat_averaged");
  fs::create_directory_symlink(v4 / "responses_raw", published / "responses_raw");
}

TEST_F(RealRecordings, LoadFromTheFlattenedFolder) {
  for (const Session& session : kSessions) expect_session(shared() / "v4", session);
}

TEST_F(RealRecordings, LoadFromAClone) {
  const TemporaryFolder folder;
  link_clone(folder / "V4_compact_models");
  for (const Session& session : kSessions) {
    expect_session(folder / "V4_compact_models", session);
    expect_session(folder.path(), session);
  }
  EXPECT_EQ(list_sessions(folder.path()), list_sessions(shared() / "v4"));
}

TEST_F(RealRecordings, AllSessionsOfTheFolderLoad) {
  const std::vector<std::string> sessions = list_sessions(shared() / "v4");
  EXPECT_GE(sessions.size(), 11u);
  for (const std::string& session : sessions) {
    EXPECT_EQ(fixture::refusal([&] { load_recording(shared() / "v4", session); }),
              "nothing was thrown");
  }
}

// The reference was decoded with libjpeg; another decoder rounds its transform and the upsampling
// of colours differently, so single pixels differ and their average hardly.
void compare_pixels(const std::string& session) {
  const NpyReader reference(shared() / "reference" / ("pixels_" + session + "_first50.npy"));
  const Recording recording = load_recording(shared() / "v4", session);
  double sum = 0;
  int largest = 0;
  int64_t compared = 0;
  std::vector<uint8_t> wanted(static_cast<size_t>(reference.row_numel()));
  for (int64_t i = 0; i < reference.rows(); ++i) {
    reference.read_rows(i, i + 1, std::span(wanted));
    const std::vector<uint8_t> got = fixture::read(*recording.image_source, i);
    ASSERT_EQ(got.size(), wanted.size());
    for (size_t p = 0; p < got.size(); ++p) {
      const int difference = std::abs(int{got[p]} - int{wanted[p]});
      sum += difference;
      largest = std::max(largest, difference);
      ++compared;
    }
  }
  const double mean = sum / static_cast<double>(compared);
  fmt::print("session {}: pixels differ by {:.4f} on average, at most {}\n", session, mean,
             largest);
  EXPECT_LE(mean, 0.15);
  EXPECT_LE(largest, 4);
}

TEST_F(RealRecordings, PixelsAgreeWithTheReference) {
  if (!fs::is_directory(shared() / "reference")) GTEST_SKIP() << "no reference pixels here";
  compare_pixels("190923");
  compare_pixels("201025");
}

}  // namespace
}  // namespace secateur
