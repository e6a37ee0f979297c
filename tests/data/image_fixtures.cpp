#include "tests/data/image_fixtures.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "formats/image_writer.h"
#include "formats/zip.h"
#include "tensor/error.h"

namespace secateur::fixture {

std::vector<uint8_t> pattern(int64_t number, int height, int width) {
  std::vector<uint8_t> pixels;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        pixels.push_back(static_cast<uint8_t>(number * 37 + y * 11 + x * 5 + c * 71));
      }
    }
  }
  return pixels;
}

std::vector<uint8_t> patterns(int64_t count, int height, int width) {
  std::vector<uint8_t> pixels;
  for (int64_t i = 0; i < count; ++i) {
    const std::vector<uint8_t> one = pattern(i, height, width);
    pixels.insert(pixels.end(), one.begin(), one.end());
  }
  return pixels;
}

std::string pattern_png(int64_t number, int height, int width) {
  return encode_png({height, width, pattern(number, height, width)});
}

void write_text(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

void write_zip(const std::filesystem::path& path, const std::vector<Entry>& entries) {
  std::filesystem::create_directories(path.parent_path());
  ZipWriter zip;
  for (const Entry& entry : entries) zip.add(entry.name, entry.bytes, ZipWriter::Method::kStored);
  zip.write(path);
}

std::vector<uint8_t> read(const ImageSource& source, int64_t index) {
  std::vector<uint8_t> pixels(static_cast<size_t>(source.bytes_per_image()));
  source.read(index, pixels);
  return pixels;
}

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

void ProbedImages::decode(int64_t index, std::span<uint8_t> rgb_hwc) const {
  ++reads;
  if (milliseconds > 0) std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  require(index != bad_image, "probe", "image {} is broken", index);
  const std::vector<uint8_t> pixels = pattern(index, height_, width_);
  std::copy(pixels.begin(), pixels.end(), rgb_hwc.begin());
}

}  // namespace secateur::fixture
