#include "interpretation/stimuli/equal_luminance.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tensor/error.h"

namespace secateur::stimuli {
namespace {

using Triple = std::array<double, 3>;

// Linear sRGB to X, Y, Z, and its inverse (IEC 61966-2-1).
constexpr std::array<Triple, 3> kToXyz = {
    {{0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}}};
constexpr Triple kWhite = {0.9505, 1.0, 1.0890};

constexpr double kKnee = 6.0 / 29;

double linear_of(double level) {
  const double v = level / 255;
  return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
}

double level_of(double linear) {
  const double v = linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
  return 255 * v;
}

double lab_curve(double t) {
  return t > kKnee * kKnee * kKnee ? std::cbrt(t) : t / (3 * kKnee * kKnee) + 4.0 / 29;
}

double lab_curve_inverse(double f) {
  return f > kKnee ? f * f * f : 3 * kKnee * kKnee * (f - 4.0 / 29);
}

// The solution of kToXyz * rgb = xyz by Cramer's rule.
Triple linear_rgb(const Triple& xyz) {
  const auto det = [](const Triple& a, const Triple& b, const Triple& c) {
    return a[0] * (b[1] * c[2] - b[2] * c[1]) - b[0] * (a[1] * c[2] - a[2] * c[1]) +
           c[0] * (a[1] * b[2] - a[2] * b[1]);
  };
  std::array<Triple, 3> columns{};
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 3; ++j) columns[j][i] = kToXyz[i][j];
  }
  const double all = det(columns[0], columns[1], columns[2]);
  return {det(xyz, columns[1], columns[2]) / all, det(columns[0], xyz, columns[2]) / all,
          det(columns[0], columns[1], xyz) / all};
}

Triple levels_of(const Rgb& ground, double hue, double chroma) {
  if (chroma == 0) return {ground[0], ground[1], ground[2]};
  const double angle = hue * std::numbers::pi / 180;
  const Triple lab = lab_of(ground);
  const double fy = (lab[0] + 16) / 116;
  const double fx = fy + (lab[1] + chroma * std::cos(angle)) / 500;
  const double fz = fy - (lab[2] + chroma * std::sin(angle)) / 200;
  const Triple xyz = {kWhite[0] * lab_curve_inverse(fx), kWhite[1] * lab_curve_inverse(fy),
                      kWhite[2] * lab_curve_inverse(fz)};
  Triple levels = linear_rgb(xyz);
  for (double& v : levels) v = level_of(v);
  return levels;
}

bool all_reached(const Triple& levels) {
  return std::all_of(levels.begin(), levels.end(), [](double v) { return v >= 0 && v <= 255; });
}

}  // namespace

std::array<double, 3> lab_of(const Rgb& colour) {
  Triple f{};
  for (size_t i = 0; i < 3; ++i) {
    double sum = 0;
    for (size_t j = 0; j < 3; ++j) sum += kToXyz[i][j] * linear_of(double{colour[j]});
    f[i] = lab_curve(sum / kWhite[i]);
  }
  return {116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])};
}

bool is_shown(const Rgb& ground, double hue, double chroma) {
  return all_reached(levels_of(ground, hue, chroma));
}

Rgb equally_bright(const Rgb& ground, double hue, double chroma) {
  const Triple levels = levels_of(ground, hue, chroma);
  if (!all_reached(levels)) {
    fail(ErrorKind::kUsage, "stimuli",
         "wanted a chroma that levels 0 to 255 reach at hue {}, got {}: less is shown", hue,
         chroma);
  }
  return {static_cast<float>(levels[0]), static_cast<float>(levels[1]),
          static_cast<float>(levels[2])};
}

}  // namespace secateur::stimuli
