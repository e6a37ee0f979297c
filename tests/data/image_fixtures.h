#pragma once
// Small images and folders for the tests of image sources and recordings.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "data/augmentation.h"
#include "data/image_source.h"

namespace secateur::fixture {

// So that variants differ.
inline constexpr Augmentation kStrong = {
    .flip = 0.5, .max_shift = 2, .contrast = 0.5, .brightness = 20};

// Pixels that differ between numbers, places and channels.
std::vector<uint8_t> pattern(int64_t number, int height, int width);
std::vector<uint8_t> patterns(int64_t count, int height, int width);
std::string pattern_png(int64_t number, int height, int width);

void write_text(const std::filesystem::path& path, const std::string& bytes);

struct Entry {
  std::string name;
  std::string bytes;
};
void write_zip(const std::filesystem::path& path, const std::vector<Entry>& entries);

std::vector<uint8_t> read(const ImageSource& source, int64_t index);

// The sentence of the Error that the call throws; "nothing was thrown" when it does not.
std::string refusal(const std::function<void()>& call);

// A source that counts its reads, can fail at one image, and can be slow.
class ProbedImages final : public ImageSource {
 public:
  ProbedImages(int64_t count, int height, int width)
      : count_(count), height_(height), width_(width) {}
  int64_t count() const override { return count_; }
  int height() const override { return height_; }
  int width() const override { return width_; }
  std::string identity() const override { return "probed"; }

  int64_t bad_image = -1;
  int milliseconds = 0;
  mutable std::atomic<int64_t> reads = 0;

 protected:
  void decode(int64_t index, std::span<uint8_t> rgb_hwc) const override;

 private:
  int64_t count_;
  int height_;
  int width_;
};

}  // namespace secateur::fixture
