#pragma once
// From raw pixels to the network's input, with random changes that a neuron's response model should
// survive. Every change has a default that leaves the image as it is, except mirroring.

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>

#include "tensor/rng.h"

namespace secateur {

struct Augmentation {
  double flip = 0.5;    // probability of mirroring left and right, 0..1
  int max_shift = 0;    // pixels; each direction uniform in -max_shift..max_shift, edges repeated
  double contrast = 0;  // factor uniform in [1 - contrast, 1 + contrast] about the image mean, 0..1
  double brightness = 0;  // added to all pixels, uniform in [-brightness, brightness], 0..255
  double zoom = 0;  // magnified by a factor whose log is uniform, from 1 / (1 + zoom) to 1 + zoom

  static Augmentation none() { return {.flip = 0}; }
  friend bool operator==(const Augmentation&, const Augmentation&) = default;
};

// Throws Error(kUsage) when a value lies outside its range.
void check(const Augmentation& augmentation);

// {"brightness": 0, "contrast": 0, "flip": 0.5, "max_shift": 0, "zoom": 0}. Reading takes the
// default for a missing key and throws Error(kUsage) for an unknown key, a wrong type or a value
// out of range.
void to_json(nlohmann::json& json, const Augmentation& augmentation);
void from_json(const nlohmann::json& json, Augmentation& augmentation);

// Input of every published compact model: raw pixel 0..255 minus these (red, green, blue).
// Source: Cowley, Stan, Pillow, Smith, Nature 2026, doi 10.1038/s41586-026-10150-1.
inline constexpr std::array<float, 3> kChannelMean = {116.222f, 109.270f, 100.381f};

// chw[c][y][x] = clip(gain * p + offset, 0, 255) - channel_mean[c], where p is the pixel of channel
// c at (y - dy, x - dx), clamped to the image, after mirroring; gain is the contrast factor and
// offset the image mean (over all pixels and channels) times (1 - gain) plus the brightness. With a
// zoom of factor z, p is read at (cy + (y - dy - cy) / z, cx + (x - dx - cx) / z) between the four
// pixels around it, (cy, cx) being the middle of the image. The six draws are made in the same
// order whatever the settings. rgb_hwc has height * width * 3 bytes and chw as many floats; the
// sizes are the caller's duty.
void prepare_image(std::span<const uint8_t> rgb_hwc, int height, int width,
                   const Augmentation& augmentation, Rng stream,
                   const std::array<float, 3>& channel_mean, float* chw);

// The untouched image: chw[c][y][x] = pixel - channel_mean[c].
void prepare_image(std::span<const uint8_t> rgb_hwc, int height, int width,
                   const std::array<float, 3>& channel_mean, float* chw);

}  // namespace secateur
