#include "data/augmentation.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "tensor/error.h"
#include "tensor/json_field.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

struct Change {
  bool mirror = false;
  int dy = 0;
  int dx = 0;
  float gain = 1;
  float offset = 0;
  double zoom = 1;
};

int draw_shift(Rng& stream, int max_shift) {
  return static_cast<int>(stream.below(2 * int64_t{max_shift} + 1)) - max_shift;
}

Change draw_change(const Augmentation& augmentation, Rng& stream, double image_mean) {
  Change change;
  change.mirror = stream.uniform() < augmentation.flip;
  change.dy = draw_shift(stream, augmentation.max_shift);
  change.dx = draw_shift(stream, augmentation.max_shift);
  const double gain = stream.uniform(1 - augmentation.contrast, 1 + augmentation.contrast);
  const double added = stream.uniform(-augmentation.brightness, augmentation.brightness);
  change.gain = static_cast<float>(gain);
  change.offset = static_cast<float>(image_mean * (1 - gain) + added);
  const double span = std::log1p(augmentation.zoom);
  const double factor = stream.uniform(-span, span);
  if (augmentation.zoom > 0) change.zoom = std::exp(factor);
  return change;
}

double mean_of(std::span<const uint8_t> pixels) {
  uint64_t sum = 0;
  for (size_t i = 0; i < pixels.size(); i += 4096) {  // short sums fit 32 bits and vectorise
    const auto part = pixels.subspan(i, std::min<size_t>(4096, pixels.size() - i));
    sum += std::accumulate(part.begin(), part.end(), uint32_t{0});
  }
  return pixels.empty() ? 0 : static_cast<double>(sum) / static_cast<double>(pixels.size());
}

// The rows below never overlap; without saying so, bytes may alias anything and nothing vectorises.
void split_channels(const uint8_t* __restrict rgb, int width, uint8_t* __restrict red,
                    uint8_t* __restrict green, uint8_t* __restrict blue) {
  for (int x = 0; x < width; ++x) {
    red[x] = rgb[3 * x];
    green[x] = rgb[3 * x + 1];
    blue[x] = rgb[3 * x + 2];
  }
}

void mirror_row(const uint8_t* __restrict from, int width, uint8_t* __restrict to) {
  for (int x = 0; x < width; ++x) to[x] = from[width - 1 - x];
}

// to[x] = from[clamp(x - dx, 0, width - 1)]
void shift_row(const uint8_t* __restrict from, int width, int dx, uint8_t* __restrict to) {
  const int begin = std::clamp(dx, 0, width);
  const int end = std::clamp(width + dx, 0, width);
  std::fill(to, to + begin, from[0]);
  if (begin < end) std::copy(from + begin - dx, from + end - dx, to + begin);
  std::fill(to + end, to + width, from[width - 1]);
}

void write_row(const uint8_t* __restrict from, int width, const Change& change, float mean,
               float* __restrict to) {
  const float gain = change.gain;
  const float offset = change.offset;
  for (int x = 0; x < width; ++x) {
    const float value = static_cast<float>(from[x]) * gain + offset;
    const float raised = value > 0.0f ? value : 0.0f;
    to[x] = (raised < 255.0f ? raised : 255.0f) - mean;
  }
}

void prepare(const uint8_t* rgb, int height, int width, const Change& change,
             const std::array<float, 3>& channel_mean, float* chw) {
  thread_local std::vector<uint8_t> rows;
  rows.resize(static_cast<size_t>(width) * 5);
  uint8_t* const planes[3] = {rows.data(), rows.data() + width, rows.data() + 2 * width};
  uint8_t* const mirrored = rows.data() + 3 * width;
  uint8_t* const moved = rows.data() + 4 * width;
  for (int y = 0; y < height; ++y) {
    const int from = std::clamp(y - change.dy, 0, height - 1);
    split_channels(rgb + int64_t{3} * from * width, width, planes[0], planes[1], planes[2]);
    for (int c = 0; c < 3; ++c) {
      const uint8_t* row = planes[c];
      if (change.mirror) {
        mirror_row(row, width, mirrored);
        row = mirrored;
      }
      if (change.dx != 0) {
        shift_row(row, width, change.dx, moved);
        row = moved;
      }
      write_row(row, width, change, channel_mean[static_cast<size_t>(c)],
                chw + (int64_t{c} * height + y) * width);
    }
  }
}

// Where the pixels of a magnified row or column lie in the image: between `first` and `first + 1`
// (clamped), `rest` of the way.
struct Sampled {
  std::vector<int> first, second;
  std::vector<float> rest;
};

Sampled sampled(int count, int shift, double zoom, bool mirror) {
  Sampled s;
  const double middle = (count - 1) / 2.0;
  for (int i = 0; i < count; ++i) {
    const double at = std::clamp(middle + (i - shift - middle) / zoom, 0.0, count - 1.0);
    const double from = mirror ? count - 1.0 - at : at;
    s.first.push_back(static_cast<int>(from));
    s.second.push_back(std::min(s.first.back() + 1, count - 1));
    s.rest.push_back(static_cast<float>(from - s.first.back()));
  }
  return s;
}

void prepare_zoomed(const uint8_t* rgb, int height, int width, const Change& change,
                    const std::array<float, 3>& channel_mean, float* chw) {
  const Sampled rows = sampled(height, change.dy, change.zoom, false);
  const Sampled columns = sampled(width, change.dx, change.zoom, change.mirror);
  std::vector<float> blended(static_cast<size_t>(width) * 3);  // of two rows
  for (size_t y = 0; y < rows.first.size(); ++y) {
    const uint8_t* const above = rgb + int64_t{3} * rows.first[y] * width;
    const uint8_t* const below = rgb + int64_t{3} * rows.second[y] * width;
    const float down = rows.rest[y];
    for (size_t i = 0; i < blended.size(); ++i) {
      blended[i] = static_cast<float>(above[i]) * (1 - down) + static_cast<float>(below[i]) * down;
    }
    for (size_t c = 0; c < 3; ++c) {
      float* const to = chw + (c * rows.first.size() + y) * columns.first.size();
      for (size_t x = 0; x < columns.first.size(); ++x) {
        const float left = blended[3 * static_cast<size_t>(columns.first[x]) + c];
        const float right = blended[3 * static_cast<size_t>(columns.second[x]) + c];
        const float between = left * (1 - columns.rest[x]) + right * columns.rest[x];
        to[x] = std::clamp(between * change.gain + change.offset, 0.0f, 255.0f) - channel_mean[c];
      }
    }
  }
}

void check_range(const char* name, double value, double most) {
  if (value >= 0 && value <= most) return;
  fail(ErrorKind::kUsage, "augmentation", "wanted {} between 0 and {}, got {}", name, most, value);
}

}  // namespace

void check(const Augmentation& augmentation) {
  check_range("flip", augmentation.flip, 1);
  check_range("max_shift", augmentation.max_shift, 4096);
  check_range("contrast", augmentation.contrast, 1);
  check_range("brightness", augmentation.brightness, 255);
  check_range("zoom", augmentation.zoom, 4);
}

void to_json(nlohmann::json& json, const Augmentation& augmentation) {
  json = {{"flip", augmentation.flip},
          {"max_shift", augmentation.max_shift},
          {"contrast", augmentation.contrast},
          {"brightness", augmentation.brightness},
          {"zoom", augmentation.zoom}};
}

void from_json(const nlohmann::json& json, Augmentation& augmentation) {
  constexpr auto kWhere = "augmentation";
  if (!json.is_object()) fail(ErrorKind::kUsage, kWhere, "wanted an object, got {}", shown(json));
  Augmentation read;
  for (const auto& [key, value] : json.items()) {
    const bool known = key == "flip" || key == "max_shift" || key == "contrast" ||
                       key == "brightness" || key == "zoom";
    if (!known) {
      fail(ErrorKind::kUsage, kWhere,
           "wanted the keys flip, max_shift, contrast, brightness and zoom, got {}",
           printable(key));
    }
    if (!value.is_number() || (key == "max_shift" && !value.is_number_integer())) {
      fail(ErrorKind::kUsage, kWhere, "wanted a {}number for {}, got {}",
           key == "max_shift" ? "whole " : "", key, shown(value));
    }
    check_range(key.c_str(), value.get<double>(), key == "max_shift" ? 4096 : 255);
    if (key == "flip") read.flip = value.get<double>();
    if (key == "max_shift") read.max_shift = value.get<int>();
    if (key == "contrast") read.contrast = value.get<double>();
    if (key == "brightness") read.brightness = value.get<double>();
    if (key == "zoom") read.zoom = value.get<double>();
  }
  check(read);
  augmentation = read;
}

void prepare_image(std::span<const uint8_t> rgb_hwc, int height, int width,
                   const Augmentation& augmentation, Rng stream,
                   const std::array<float, 3>& channel_mean, float* chw) {
  const Change change = draw_change(augmentation, stream, mean_of(rgb_hwc));
  const auto way = change.zoom == 1 ? prepare : prepare_zoomed;
  way(rgb_hwc.data(), height, width, change, channel_mean, chw);
}

void prepare_image(std::span<const uint8_t> rgb_hwc, int height, int width,
                   const std::array<float, 3>& channel_mean, float* chw) {
  prepare(rgb_hwc.data(), height, width, Change{}, channel_mean, chw);
}

}  // namespace secateur
