#pragma once
// Artificial stimuli: one simple thing on a plain ground, for measuring what a model is tuned to.
//
// Places and lengths are in pixels; pixel (row i, column j) covers y in [i - 0.5, i + 0.5] and x in
// [j - 0.5, j + 0.5]. Angles are in degrees from +x (right) towards +y (down), as in
// data/simulated/filters.h. Levels are those of pixels, 0..255. Edges are anti-aliased.

#include <array>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "models/architecture.h"
#include "tensor/tensor.h"

namespace secateur::stimuli {

using Rgb = std::array<float, 3>;  // levels of red, green, blue

// What a stimulus stands on: by default grey, the channel means that a model subtracts, so that the
// empty ground is an input of zeros.
struct Ground {
  int64_t height = 112;
  int64_t width = 112;
  Rgb colour = kPublishedPixelMean;
};
// Throws Error(kBadInput) for a model that does not read three channels.
Ground ground_of(const InputSpec& input);

enum class Polarity { kDark, kLight };
// The ground times 1 - contrast or 1 + contrast, cut to 0..255; contrast 0..1. At 1 dark is black,
// and light is as far above the ground as black is below it.
Rgb polar_colour(const Ground& ground, Polarity polarity, double contrast = 1);

struct Place {
  double x = 0;
  double y = 0;
  friend bool operator==(const Place&, const Place&) = default;
};

// Nothing but the ground.
struct Blank {};

// Discs; where they overlap they cover one another.
struct Dots {
  std::vector<Place> places;
  double radius = 5;
  Rgb colour{};
};

struct Bar {
  Place centre;
  double length = 30;
  double width = 4;
  double orientation = 0;  // of its long side
  Rgb colour{};
};

// level = ground * (1 + contrast * w * cos(2 pi frequency u / width of the image - phase)), with u
// the distance from the centre at right angles to the stripes, that is along orientation + 90, and
// w = exp(-r^2 / (2 sigma^2)), or 1 where sigma is 0. Cut to 0..255.
struct Grating {
  Place centre;
  double orientation = 0;  // of the stripes
  double frequency = 8;    // cycles per image
  double phase = 0;        // degrees
  double contrast = 1;     // of Michelson, 0..1
  double sigma = 0;        // pixels
};

// A line of fixed length, bent into a part of a circle that bulges towards `direction`: curvature
// (one over the radius) times length is how far it turns. Its middle is at `centre`.
struct Curve {
  Place centre;
  double turn = 90;  // degrees, 0 (straight) to 300
  double direction = 0;
  double length = 30;
  double width = 3;
  Rgb colour{};
};

// Two lines that meet in a tip (Ito and Komatsu, Journal of Neuroscience 24, 2004).
struct Corner {
  Place tip;
  double angle = 90;     // between the lines: 180 is straight
  double direction = 0;  // halfway between the lines, from the tip
  double arm = 15;       // length of each
  double width = 3;
  Rgb colour{};
};

// A round patch of the dead leaves of data/simulated, picture `index` of the stream `seed`, moved
// so that the mean of each channel over the patch is the ground's: texture without a change of
// colour.
struct Leaves {
  Place centre;
  double radius = 20;
  uint64_t seed = 1;
  int64_t index = 0;
};

using Stimulus = std::variant<Blank, Dots, Bar, Grating, Curve, Corner, Leaves>;

// Pixels [n, 3, height, width], the channel means not subtracted; the same bytes on any number of
// threads. Throws Error(kUsage) for a length, width, radius or turn that cannot be drawn, and for
// leaves on a ground of more than 512 pixels.
Tensor render(const Ground& ground, std::span<const Stimulus> stimuli);

// Pictures 0 .. count - 1 of the simulated stimuli of stream `seed` (data/simulated/stimuli.h), cut
// to the size of the ground: what stands in for photographs where there are none. [count, 3, h, w]
Tensor simulated_pictures(const Ground& ground, uint64_t seed, int64_t count);

}  // namespace secateur::stimuli
