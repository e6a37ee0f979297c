#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "interpretation/receptive_field.h"
#include "tensor/error.h"

namespace secateur {
namespace {

// The pixels of the half set; of equal energies the first.
std::vector<size_t> half_set(std::span<const double> energy) {
  std::vector<size_t> order(energy.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return energy[a] > energy[b]; });
  const double half = std::accumulate(energy.begin(), energy.end(), 0.0) / 2;
  double sum = 0;
  size_t count = 0;
  while (count < order.size() && sum < half) sum += energy[order[count++]];
  order.resize(count);
  return order;
}

// Block by block, the first and last rows (or columns) of the input that output rows read.
struct Reach {
  int64_t first = 0;
  int64_t last = 0;
};

// The readout weights of one output, squared and summed over channels, for each place.
std::vector<double> squared_readout(const Model& model) {
  const Architecture& a = model.architecture();
  const Shape maps = a.shape_before(a.blocks.size());
  const int64_t places = maps[1] * maps[2];
  std::vector<double> squared(static_cast<size_t>(places));
  const bool dense = a.readout.kind == ReadoutKind::kDense;
  const Tensor weight = model.tensor(dense ? "readout.weight" : "readout.mixing.weight");
  for (int64_t p = 0; p < places; ++p) {
    const double spatial = dense ? 1 : double{model.tensor("readout.spatial.weight")[p]};
    for (int64_t c = 0; c < maps[0]; ++c) {
      const double w = spatial * weight[dense ? c * places + p : c];
      squared[static_cast<size_t>(p)] += w * w;
    }
  }
  return squared;
}

// What rows (axis 1) or columns (axis 2) `at` of the last layer read of the image, uncut: it may
// lie outside.
Reach reach_of(const Architecture& architecture, int64_t at, int axis) {
  Reach reach{at, at};
  for (size_t i = architecture.blocks.size(); i-- > 0;) {
    const Block& block = architecture.blocks[i];
    if (block.kind == BlockKind::kPointwise) continue;
    const int64_t size = architecture.shape_before(i)[axis];
    const int64_t layers = block.kind == BlockKind::kResidual ? 2 : 1;
    const int64_t stride = block.kind == BlockKind::kResidual ? 1 : block.stride;
    const int64_t out = (size + stride - 1) / stride;  // "same", as Keras pads
    const int64_t padding = std::max<int64_t>(0, (out - 1) * stride + block.kernel - size) / 2;
    for (int64_t layer = 0; layer < layers; ++layer) {
      reach.first = reach.first * stride - padding;
      reach.last = reach.last * stride - padding + block.kernel - 1;
    }
  }
  return reach;
}

Reach cut(Reach reach, int64_t size) {
  return {std::max<int64_t>(reach.first, 0), std::min(reach.last, size - 1)};
}

}  // namespace

FieldExtent field_extent(std::span<const double> energy, int64_t height, int64_t width) {
  require(static_cast<int64_t>(energy.size()) == height * width, "field",
          "wanted a map of {} x {}, got {} numbers", height, width, energy.size());
  const std::vector<size_t> half = half_set(energy);
  double sum = 0, x = 0, y = 0;
  const auto column_of = [&](size_t i) {
    return static_cast<double>(static_cast<int64_t>(i) % width);
  };
  const auto row_of = [&](size_t i) {
    return static_cast<double>(static_cast<int64_t>(i) / width);
  };
  for (const size_t i : half) {
    sum += energy[i];
    x += energy[i] * column_of(i);
    y += energy[i] * row_of(i);
  }
  if (!(sum > 0)) return {};
  FieldExtent extent{.x = x / sum, .y = y / sum, .half_area = static_cast<double>(half.size())};
  double xx = 0, yy = 0, xy = 0;
  for (const size_t i : half) {
    const double dx = column_of(i) - extent.x, dy = row_of(i) - extent.y;
    xx += energy[i] * dx * dx / sum;
    yy += energy[i] * dy * dy / sum;
    xy += energy[i] * dx * dy / sum;
  }
  const double middle = (xx + yy) / 2, apart = std::hypot((xx - yy) / 2, xy);
  // Of a Gaussian, half the energy lies within r^2 = 2 ln 2 sigma^2, with a variance there of
  // (1 - ln 2) sigma^2.
  const double whole = 1 - std::numbers::ln2;
  extent.major = std::sqrt((middle + apart) / whole);
  extent.minor = std::sqrt(std::max(0.0, middle - apart) / whole);
  const double degrees = std::atan2(2 * xy, xx - yy) / 2 * 180 / std::numbers::pi;
  extent.orientation = degrees < 0 ? degrees + 180 : degrees;
  return extent;
}

double overlap_of_halves(std::span<const double> a, std::span<const double> b) {
  require(a.size() == b.size(), "field", "wanted two maps of one size, got {} and {}", a.size(),
          b.size());
  std::vector<int> in(a.size());
  for (const size_t i : half_set(a)) in[i] |= 1;
  for (const size_t i : half_set(b)) in[i] |= 2;
  const auto both = std::count(in.begin(), in.end(), 3);
  const auto none = std::count(in.begin(), in.end(), 0);
  const auto either = static_cast<int64_t>(in.size()) - none;
  return either > 0 ? static_cast<double>(both) / static_cast<double>(either) : 0;
}

TheoreticalField theoretical_field(const Model& model, int64_t output) {
  const Model one = select_outputs(model, {output});
  const Architecture& a = one.architecture();
  TheoreticalField field{.height = a.input.height, .width = a.input.width};
  field.weight.resize(static_cast<size_t>(field.height * field.width));
  const Shape maps = a.shape_before(a.blocks.size());
  const std::vector<double> squared = squared_readout(one);
  for (int64_t p = 0; p < maps[1] * maps[2]; ++p) {
    const Reach rows = reach_of(a, p / maps[2], 1), columns = reach_of(a, p % maps[2], 2);
    field.unit = rows.last - rows.first + 1;
    const Reach inside = cut(columns, field.width);
    for (int64_t y = cut(rows, field.height).first; y <= cut(rows, field.height).last; ++y) {
      for (int64_t x = inside.first; x <= inside.last; ++x) {
        field.weight[static_cast<size_t>(y * field.width + x)] += squared[static_cast<size_t>(p)];
      }
    }
  }
  const auto reached =
      std::count_if(field.weight.begin(), field.weight.end(), [](double w) { return w > 0; });
  field.reached = static_cast<double>(reached) / static_cast<double>(field.weight.size());
  return field;
}

}  // namespace secateur
