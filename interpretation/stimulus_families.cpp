#include "interpretation/stimulus_families.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "interpretation/stimuli/equal_luminance.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

using stimuli::Ground;
using stimuli::Place;
using stimuli::Polarity;
using Values = std::span<const double>;

constexpr double kPublishedSide = 112;
constexpr double kLocationRadius = 5, kSmallestDot = 2, kLargestDot = 22;
constexpr int kMostDots = 10, kCandidates = 16;

double smaller_side(const Ground& ground) {
  return static_cast<double>(std::min(ground.height, ground.width));
}
// A length in pixels of an image of 112 pixels; nothing is drawn thinner than a pixel.
double scaled(const Ground& ground, double length) {
  return std::max(1.0, length * smaller_side(ground) / kPublishedSide);
}

std::vector<double> steps(double first, double step, int count) {
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(first + step * i);
  return values;
}

std::vector<double> lengths(const Ground& ground, std::vector<double> values) {
  for (double& v : values) v = scaled(ground, v);
  // In a small image the smallest are all one pixel.
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

TuningAxis polarity_axis() { return {.name = "polarity", .values = {-1, 1}}; }
stimuli::Rgb colour_of(const Ground& ground, double polarity) {
  return polar_colour(ground, polarity < 0 ? Polarity::kDark : Polarity::kLight);
}

std::string with_polarity(const char* what, Polarity polarity) {
  return std::string(polarity == Polarity::kDark ? "dark" : "light") + " " + what;
}

double squared_distance(const Place& a, const Place& b) {
  return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
}

// In a disc about `centre` and in the image.
Place place_about(const Place& centre, double radius, const Ground& ground, Rng& rng) {
  const double away = radius * std::sqrt(rng.uniform());
  const double direction = rng.uniform(0, 2 * std::numbers::pi);
  return {
      std::clamp(centre.x + away * std::cos(direction), 0.0, static_cast<double>(ground.width - 1)),
      std::clamp(centre.y + away * std::sin(direction), 0.0,
                 static_cast<double>(ground.height - 1))};
}

std::vector<Place> arrangement(const Place& first, const Ground& ground, Rng rng) {
  std::vector<Place> places = {first};
  while (places.size() < kMostDots) {
    Place best;
    double farthest = -1;
    for (int i = 0; i < kCandidates; ++i) {
      const Place place = place_about(first, smaller_side(ground) / 4, ground, rng);
      double nearest = squared_distance(place, first);
      for (const Place& other : places) nearest = std::min(nearest, squared_distance(place, other));
      if (nearest > farthest) farthest = nearest, best = place;
    }
    places.push_back(best);
  }
  return places;
}

}  // namespace

StimulusFamily dot_locations(const Ground& ground, Polarity polarity) {
  const auto centres = [](int64_t size) {  // of the cells, where pixel 0 covers -0.5 to 0.5
    const double cell = static_cast<double>(size) / kDotGrid;
    return steps(cell / 2 - 0.5, cell, kDotGrid);
  };
  const double radius = scaled(ground, kLocationRadius);
  const stimuli::Rgb colour = polar_colour(ground, polarity);
  return {.name = with_polarity("dot, location", polarity),
          .axes = {{"y", "pixels", centres(ground.height)}, {"x", "pixels", centres(ground.width)}},
          .stimulus = [=](Values at, int64_t) {
            return stimuli::Dots{{{at[1], at[0]}}, radius, colour};
          }};
}

StimulusFamily dot_sizes(const Ground& ground, Polarity polarity, const Place& place) {
  const stimuli::Rgb colour = polar_colour(ground, polarity);
  const auto count = static_cast<int>(kLargestDot - kSmallestDot) + 1;
  return {.name = with_polarity("dot, size", polarity),
          .axes = {{"radius", "pixels", lengths(ground, steps(kSmallestDot, 1, count))}},
          .stimulus = [=](Values at, int64_t) {
            return stimuli::Dots{{place}, at[0], colour};
          }};
}

StimulusFamily dot_numbers(const Ground& ground, Polarity polarity, const Place& place,
                           double radius, uint64_t seed) {
  std::vector<std::vector<Place>> draws;
  for (uint64_t i = 0; i < kDraws; ++i) {
    draws.push_back(arrangement(place, ground, Rng(seed, "interpretation/dots", i)));
  }
  const stimuli::Rgb colour = polar_colour(ground, polarity);
  return {.name = with_polarity("dots, number", polarity),
          .axes = {{"number", "", steps(1, 1, kMostDots)}},
          .stimulus =
              [=](Values at, int64_t draw) {
                const std::vector<Place>& all = draws[static_cast<size_t>(draw)];
                const auto end = all.begin() + static_cast<int64_t>(at[0]);
                return stimuli::Dots{{all.begin(), end}, radius, colour};
              },
          .draws = kDraws};
}

StimulusFamily bars(const Ground& ground, const Place& place) {
  const double length = scaled(ground, 40);
  return {.name = "bars",
          .axes = {{"orientation", "degrees", steps(0, 15, 12), 180},
                   {"width", "pixels", lengths(ground, {2, 4, 8, 16})},
                   polarity_axis()},
          .stimulus = [=](Values at, int64_t) {
            return stimuli::Bar{place, length, at[1], at[0], colour_of(ground, at[2])};
          }};
}

StimulusFamily gratings(const Ground& ground, const Place& place) {
  std::vector<double> frequencies = {2, 3, 4, 6, 8, 12, 16, 24, 32};
  std::erase_if(frequencies,
                [&](double f) { return 3 * f > static_cast<double>(ground.width) && f > 2; });
  const double sigma = scaled(ground, 16);
  return {.name = "gratings",
          .axes = {{"orientation", "degrees", steps(0, 15, 12), 180},
                   {"frequency", "cycles per image", frequencies},
                   {"phase", "degrees", steps(0, 45, 8), 360}},
          .stimulus = [=](Values at, int64_t) {
            return stimuli::Grating{place, at[0], at[1], at[2], 1, sigma};
          }};
}

StimulusFamily curves(const Ground& ground, const Place& place) {
  const double length = scaled(ground, 40), width = scaled(ground, 4);
  return {.name = "curves",
          .axes = {{"direction", "degrees", steps(0, 30, 12), 360},
                   {"turn", "degrees", {0, 45, 90, 135, 180, 240, 300}},
                   polarity_axis()},
          .stimulus = [=](Values at, int64_t) {
            return stimuli::Curve{place, at[1], at[0], length, width, colour_of(ground, at[2])};
          }};
}

StimulusFamily corners(const Ground& ground, const Place& place) {
  const double arm = scaled(ground, 20), width = scaled(ground, 4);
  return {.name = "corners",
          .axes = {{"direction", "degrees", steps(0, 30, 12), 360},
                   {"angle", "degrees", steps(30, 30, 6)},
                   polarity_axis()},
          .stimulus = [=](Values at, int64_t) {
            return stimuli::Corner{place, at[1], at[0], arm, width, colour_of(ground, at[2])};
          }};
}

StimulusFamily hues(const Ground& ground, const Place& place, double radius) {
  const std::vector<double> directions = steps(0, 30, 12);
  std::vector<double> chromas = steps(5, 5, 20);
  std::erase_if(chromas, [&](double chroma) {
    return !std::all_of(directions.begin(), directions.end(),
                        [&](double hue) { return stimuli::is_shown(ground.colour, hue, chroma); });
  });
  if (chromas.empty()) chromas = {0};  // a ground so dark or bright has no other colour
  return {
      .name = "colours",
      .axes = {{"hue", "degrees", directions, 360}, {"chroma", "", chromas}},
      .stimulus = [=](Values at, int64_t) {
        return stimuli::Dots{{place}, radius, stimuli::equally_bright(ground.colour, at[0], at[1])};
      }};
}

StimulusFamily leaves_patches(const Ground& ground, const Place& place, uint64_t seed) {
  return {.name = "dead leaves",
          .axes = {{"radius", "pixels", lengths(ground, {4, 8, 12, 16, 24, 32, 48})}},
          .stimulus =
              [=](Values at, int64_t draw) {
                return stimuli::Leaves{place, at[0], seed, draw};
              },
          .draws = kDraws};
}

}  // namespace secateur
