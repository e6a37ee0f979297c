#include "ops/dense_depthwise/step_plan.h"

#include <algorithm>
#include <limits>

#include "ops/dense_depthwise/minimal_conv.h"
#include "ops/vector/simd.h"
#include "tensor/error.h"

namespace secateur {
namespace {

constexpr char kName[] = "dense_depthwise";
// Below this many multiply-adds a sample is not cut: waking a thread costs more.
constexpr int64_t kLeastWork = 1 << 20;

void require_window(const char* what, const Window& p, const Shape& k, int64_t h, int64_t w) {
  require(p.stride >= 1 && std::min({p.top, p.left, p.bottom, p.right}) >= 0 &&
              std::max(p.top, p.bottom) < k[2] && std::max(p.left, p.right) < k[3],
          kName, "wanted a stride of at least 1 and padding less than the kernel in {} {}", what,
          k);
  require(h + p.top + p.bottom >= k[2] && w + p.left + p.right >= k[3], kName,
          "wanted {} {} within its padded input [{}, {}]", what, k, h, w);
}

ConvGeometry geometry_of(int64_t h, int64_t w, const Shape& k, const Window& window) {
  return {.height = h,
          .width = w,
          .kernel_h = k[2],
          .kernel_w = k[3],
          .stride = window.stride,
          .pad_top = window.top,
          .pad_left = window.left,
          .pad_bottom = window.bottom,
          .pad_right = window.right};
}

PlaneLayout dense_layout(const Shape& x, const Tensor& w, const Tensor& b, const Window& window) {
  require(x.rank() == 3 && x.numel() > 0, kName, "wanted a sample [channels, h, w], got {}", x);
  const Shape& k = w.shape();
  require(k.rank() == 4 && k.numel() > 0 && k[1] == x[0], kName,
          "wanted w [filters, {}, kh, kw], got {}", x[0], k);
  require(b.shape() == Shape{k[0]}, kName, "wanted b [{}], got {}", k[0], b.shape());
  require_window("w", window, k, x[1], x[2]);
  return PlaneLayout(geometry_of(x[1], x[2], k, window));
}

PlaneLayout depthwise_layout(const ConvGeometry& dense, const Tensor& w, const Tensor& v,
                             const Window& window) {
  if (v.empty()) return {};
  const Shape& k = v.shape();
  require(k.rank() == 4 && k[0] == w.dim(0) && k[1] == 1, kName, "wanted v [{}, 1, kh, kw], got {}",
          w.dim(0), k);
  require_window("v", window, k, dense.out_height(), dense.out_width());
  return PlaneLayout(geometry_of(dense.out_height(), dense.out_width(), k, window));
}

// [group][tap][filter of the group]
Tensor weights_by_tap(const FilterGroups& groups, const Tensor& w, int64_t taps) {
  Tensor sorted(Shape{w.numel()});
  float* to = sorted.data();
  for (int64_t i = 0; i < groups.count; ++i) {
    for (int64_t t = 0; t < taps; ++t) {
      for (int64_t f = 0; f < groups.size(i); ++f) *to++ = w[(groups.begin(i) + f) * taps + t];
    }
  }
  return sorted;
}

}  // namespace

FilterGroups::FilterGroups(int64_t n)
    : filters(n), count((n + kFiltersAtOnce - 1) / kFiltersAtOnce) {
  if (count > 1) count += count % 2;
}

DenseDepthwise::Plan::Plan(const Shape& x, const Tensor& w, const Tensor& b, const Tensor& v_in,
                           const DenseDepthwiseOptions& options, Isa isa)
    : x_shape(x),
      kernels(dense_depthwise_kernels(isa)),
      rows(dense_layout(x, w, b, options.dense)),
      planes(depthwise_layout(rows.g, w, v_in, options.depthwise)),
      packed(w.dim(2) * w.dim(3) > 1 || options.dense.stride > 1 || x[1] * x[2] < kLanes),
      groups(w.dim(0)),
      weights(weights_by_tap(groups, w, w.numel() / w.dim(0))),
      bias(b.clone()),
      v(v_in.clone()),
      floor(options.relu ? 0.0f : -std::numeric_limits<float>::infinity()) {
  const ConvGeometry& last = v.empty() ? rows.g : planes.g;
  y_shape = Shape{w.dim(0), last.out_height(), last.out_width()};
  if (!v.empty()) store = store_of_rows();
  if (!v.empty() && MinimalConv::fits(rows.g, planes.g)) {
    minimal = std::make_shared<const MinimalConv>(rows.g, planes.g, groups, w, isa);
  }
  place_taps();
  place_outputs();
  const bool cut = z_plane() * w.numel() >= kLeastWork && packed == (w.dim(2) * w.dim(3) > 1);
  parts = cut ? groups.count : 1;
}

void DenseDepthwise::Plan::place_taps() {
  const int64_t channel = packed ? rows.numel() : x_shape[1] * x_shape[2];
  for (int64_t c = 0; c < x_shape[0]; ++c) {
    for (int64_t ky = 0; ky < rows.g.kernel_h; ++ky) {
      for (int64_t kx = 0; kx < rows.g.kernel_w; ++kx) {
        taps.push_back(c * channel + (packed ? rows.tap(ky, kx) : 0));
      }
    }
  }
}

// Straight into the rows that the depthwise kernel reads, where the width allows it.
Store DenseDepthwise::Plan::store_of_rows() const {
  const int64_t width = rows.g.out_width();
  if (packed && width < kLanes) return Store::kTogether;
  if (planes.g.stride == 1 && width % 4 == 0) return Store::kFours;
  if (planes.g.stride == 2 && width % 8 == 0) return Store::kPhases;
  return Store::kTogether;
}

// The vectors of outputs: of the whole plane as one row where x is read as it is, else of each row.
// The last of a row may overlap the one before.
void DenseDepthwise::Plan::place_outputs() {
  const int64_t row_width = rows.g.out_width();
  const int64_t width = packed ? row_width : z_plane();
  const int64_t count = packed ? rows.g.out_height() : 1;
  for (int64_t row = 0; row < count; ++row) {
    for (int64_t begin = 0; begin < width; begin += kLanes) {
      const int64_t col = std::min(begin, std::max<int64_t>(0, width - kLanes));
      x_offset.push_back(packed ? rows.output(row, col) : col);
      const int64_t flat = row * width + col;
      if (store == Store::kTogether) {
        y_offset.push_back(flat);
        continue;
      }
      for (int64_t q = 0; q < kQuarters; ++q) {
        const int64_t first = store == Store::kPhases ? q / 2 * 8 + q % 2 : q * 4;
        const int64_t at = flat + first;
        y_offset.push_back(planes.place(at / row_width, at % row_width));
      }
    }
  }
}

int64_t DenseDepthwise::Plan::packed_numel() const {
  if (minimal) return minimal->packed_numel();
  return packed ? rows.numel() : 0;
}

void DenseDepthwise::Plan::pack(const float* x, int64_t part, float* to) const {
  const int64_t first = part * rows.rows() / kPackParts;
  const int64_t end = (part + 1) * rows.rows() / kPackParts;
  for (int64_t c = 0; c < x_shape[0]; ++c, x += x_shape[1] * x_shape[2], to += packed_numel()) {
    if (minimal) {
      minimal->pack(x, first, end, to);
    } else {
      float* const row = to + first * rows.row_stride;
      rows.clear_margins(first, end, row);
      rows.pack(x, first, end, row);
    }
  }
}

void DenseDepthwise::Plan::clear_margins(float* scratch) const {
  if (v.empty() || minimal) return;
  for (int64_t f = 0; f < groups.largest(); ++f) {
    planes.clear_margins(0, planes.rows(), scratch + f * planes.numel());
  }
}

int64_t DenseDepthwise::Plan::scratch_numel() const {
  if (v.empty()) return 0;
  if (minimal) return groups.largest() * minimal->plane_numel();
  const int64_t flat = store == Store::kTogether ? z_plane() : 0;
  return groups.largest() * (planes.numel() + flat);
}

void DenseDepthwise::Plan::dense(const float* x, int64_t which, float* to) const {
  const int64_t first = groups.begin(which);
  const int64_t count = static_cast<int64_t>(taps.size());
  kernels.dense({.x = x,
                 .x_offset = x_offset.data(),
                 .vectors = static_cast<int64_t>(x_offset.size()),
                 .width = std::min(kLanes, packed ? rows.g.out_width() : kLanes),
                 .tap = taps.data(),
                 .taps = count,
                 .w = weights.data() + first * count,
                 .bias = bias.data() + first,
                 .floor = floor,
                 .store = store,
                 .y = to,
                 .y_offset = y_offset.data(),
                 .y_plane = store == Store::kTogether ? z_plane() : planes.numel()},
                groups.size(which));
}

void DenseDepthwise::Plan::depthwise(int64_t filter, const float* plane, float* y) const {
  kernels.depthwise({.x = plane,
                     .row_stride = minimal ? minimal->row_stride() : planes.row_stride,
                     .phase_width = minimal ? minimal->phase_width() : planes.phase_width,
                     .stride = planes.g.stride,
                     .kernel_h = planes.g.kernel_h,
                     .kernel_w = planes.g.kernel_w,
                     .w = v.data() + filter * planes.g.kernel_h * planes.g.kernel_w,
                     .y = y + filter * y_plane(),
                     .rows = planes.g.out_height(),
                     .width = planes.g.out_width()});
}

void DenseDepthwise::Plan::group(const float* x, int64_t which, float* scratch, float* y) const {
  const int64_t first = groups.begin(which);
  if (v.empty()) return dense(x, which, y + first * z_plane());
  const int64_t plane_numel = minimal ? minimal->plane_numel() : planes.numel();
  const bool in_rows = store != Store::kTogether;
  float* const flat = scratch + groups.largest() * plane_numel;
  if (minimal) {
    minimal->group(x, which, bias.data(), floor, scratch);
  } else {
    dense(x, which, in_rows ? scratch : flat);
  }
  for (int64_t f = 0; f < groups.size(which); ++f) {
    float* const plane = scratch + f * plane_numel;
    if (!minimal && !in_rows) planes.pack(flat + f * z_plane(), 0, planes.rows(), plane);
    depthwise(first + f, plane, y);
  }
}

void DenseDepthwise::Plan::one(const float* x, float* y) const {
  const int64_t in_rows = x_shape[0] * packed_numel();
  Tensor buffer(Shape{in_rows + scratch_numel()});
  float* const scratch = buffer.data() + in_rows;
  for (int64_t part = 0; packed && part < kPackParts; ++part) pack(x, part, buffer.data());
  clear_margins(scratch);
  for (int64_t i = 0; i < groups.count; ++i) group(packed ? buffer.data() : x, i, scratch, y);
}

DenseDepthwise::DenseDepthwise(const Shape& x, const Tensor& w, const Tensor& b, const Tensor& v,
                               const DenseDepthwiseOptions& options, Isa isa)
    : plan_(std::make_shared<const Plan>(x, w, b, v, options, isa)) {}

const Shape& DenseDepthwise::x_shape() const { return plan_->x_shape; }
const Shape& DenseDepthwise::y_shape() const { return plan_->y_shape; }

}  // namespace secateur
