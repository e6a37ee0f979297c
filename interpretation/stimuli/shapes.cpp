#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "data/simulated/leaf.h"
#include "interpretation/stimuli/draw.h"
#include "tensor/error.h"

namespace secateur::stimuli {
namespace {

using simulated::Leaf;

constexpr double kRadian = std::numbers::pi / 180;

void want_at_least(const char* what, double value, double least) {
  if (!(value >= least)) {
    fail(ErrorKind::kUsage, "stimuli", "wanted a {} of at least {}, got {}", what, least, value);
  }
}

float turns_of(double degrees) { return static_cast<float>(degrees / 360); }

// The rows and columns that the leaf may touch, one after the other.
void fill(const Ground& ground, const Leaf& leaf, const Rgb& colour, float* image) {
  const double far = leaf.reach + leaf.softness;
  const auto first = [&](float at) {
    return static_cast<int64_t>(std::max(0.0, std::ceil(at - far)));
  };
  const auto end = [&](float at, int64_t size) {
    return static_cast<int64_t>(std::min(static_cast<double>(size), std::floor(at + far) + 1));
  };
  const int64_t x0 = first(leaf.x), x1 = end(leaf.x, ground.width);
  if (x0 >= x1) return;
  std::vector<float> share(static_cast<size_t>(x1 - x0));
  for (int64_t y = first(leaf.y); y < end(leaf.y, ground.height); ++y) {
    simulated::cover_row(leaf, static_cast<int>(x0), static_cast<int>(y), static_cast<int>(x1 - x0),
                         share.data());
    for (size_t c = 0; c < 3; ++c) {
      float* const row = image + (static_cast<int64_t>(c) * ground.height + y) * ground.width + x0;
      for (size_t i = 0; i < share.size(); ++i) row[i] += share[i] * (colour[c] - row[i]);
    }
  }
}

Leaf line_from(const Place& from, double direction, double length, double width) {
  const double half = length / 2;
  const double x = from.x + half * std::cos(direction * kRadian);
  const double y = from.y + half * std::sin(direction * kRadian);
  return simulated::rectangle(static_cast<float>(x), static_cast<float>(y),
                              static_cast<float>(half), static_cast<float>(width / 2),
                              turns_of(direction));
}

}  // namespace

void draw(const Ground& ground, const Dots& dots, float* image) {
  want_at_least("radius", dots.radius, 1);
  for (const Place& at : dots.places) {
    fill(ground,
         simulated::disc(static_cast<float>(at.x), static_cast<float>(at.y),
                         static_cast<float>(dots.radius)),
         dots.colour, image);
  }
}

void draw(const Ground& ground, const Bar& bar, float* image) {
  want_at_least("length", bar.length, 1);
  want_at_least("width", bar.width, 1);
  const double half = bar.length / 2;
  const Place end{bar.centre.x - half * std::cos(bar.orientation * kRadian),
                  bar.centre.y - half * std::sin(bar.orientation * kRadian)};
  fill(ground, line_from(end, bar.orientation, bar.length, bar.width), bar.colour, image);
}

void draw(const Ground& ground, const Curve& curve, float* image) {
  want_at_least("length", curve.length, 1);
  want_at_least("width", curve.width, 1);
  if (!(curve.turn >= 0 && curve.turn <= 300)) {
    fail(ErrorKind::kUsage, "stimuli", "wanted a turn from 0 to 300 degrees, got {}", curve.turn);
  }
  if (curve.turn < 1) {  // the circle would be larger than its place has digits for
    return draw(ground,
                Bar{curve.centre, curve.length, curve.width, curve.direction + 90, curve.colour},
                image);
  }
  const double radius = curve.length / (curve.turn * kRadian);
  const Place middle{curve.centre.x - radius * std::cos(curve.direction * kRadian),
                     curve.centre.y - radius * std::sin(curve.direction * kRadian)};
  const double cut = radius * std::cos(curve.turn * kRadian / 2);
  fill(ground,
       simulated::arc(static_cast<float>(middle.x), static_cast<float>(middle.y),
                      static_cast<float>(radius), static_cast<float>(curve.width / 2),
                      static_cast<float>(cut), turns_of(curve.direction)),
       curve.colour, image);
}

void draw(const Ground& ground, const Corner& corner, float* image) {
  want_at_least("arm", corner.arm, 1);
  want_at_least("width", corner.width, 1);
  for (const double side : {-0.5, 0.5}) {
    fill(ground,
         line_from(corner.tip, corner.direction + side * corner.angle, corner.arm, corner.width),
         corner.colour, image);
  }
  // The tip is as round as the lines are wide.
  fill(ground,
       simulated::disc(static_cast<float>(corner.tip.x), static_cast<float>(corner.tip.y),
                       static_cast<float>(corner.width / 2)),
       corner.colour, image);
}

}  // namespace secateur::stimuli
