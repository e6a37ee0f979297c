#pragma once
// The linear filters that simulated neurons are built from.
//
// Directions are in degrees from +x (right) towards +y (down). A filter's direction is the one
// along which it changes, so an edge filter of direction 0 prefers a vertical contour, bright on
// the right.

#include <array>
#include <string_view>
#include <vector>

#include "tensor/tensor.h"

namespace secateur::simulated {

enum class FilterKind {
  kGabor,           // cosine of `phase` under a Gaussian; phase 0 is even, 90 is odd
  kEdge,            // first derivative of a Gaussian: bright on the side of `direction`
  kCentreSurround,  // small Gaussian minus one twice as wide
  kBlob,            // Gaussian; not balanced over space
  kRing,            // wide Gaussian minus small one, negative part cut; not balanced over space
  kCorner,          // bright in the quadrant about `direction`, dark in the three others
};

std::string_view name(FilterKind kind);

struct FilterSpec {
  FilterKind kind = FilterKind::kGabor;
  int side = 9;           // odd, 5 to 11
  double direction = 0;   // degrees
  double wavelength = 6;  // pixels, kGabor only
  double phase = 0;       // degrees, kGabor only
  double sigma = 2;       // pixels, of the Gaussian along the direction
  double stretch = 1;     // times sigma across it; more than 1 asks for a longer contour
  std::array<double, 3> channels = {1, 1, 1};  // R, G, B; scaled to unit length when used

  friend bool operator==(const FilterSpec&, const FilterSpec&) = default;
};

inline constexpr std::array<double, 3> kLight = {1, 1, 1};
inline constexpr std::array<double, 3> kDark = {-1, -1, -1};
inline constexpr std::array<double, 3> kRedMinusGreen = {1, -1, 0};

// [side * side], row-major, length 1 (sum of squares); all but kBlob and kRing sum to 0. Throws
// Error on a side that is even or outside 5..11.
std::vector<double> spatial_kernel(const FilterSpec& spec);
std::array<double, 3> channel_weights(const FilterSpec& spec);  // length 1

// [3, side, side]: channel weights times spatial kernel, length 1. A filter is applied to
// (pixel - channel mean) / kPixelScale, by correlation.
Tensor filter_patch(const FilterSpec& spec);

inline constexpr double kPixelScale = 60.0;  // pixel levels; about one standard deviation

}  // namespace secateur::simulated
