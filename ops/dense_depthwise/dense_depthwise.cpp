#include "ops/dense_depthwise/dense_depthwise.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "ops/backend/simd.h"
#include "ops/dense_depthwise/dense_depthwise_kernels.h"
#include "ops/dense_depthwise/row_layout.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

constexpr char kName[] = "dense_depthwise";
// Below this many multiply-adds a sample is not cut: waking a thread costs more.
constexpr int64_t kLeastWork = 1 << 20;
// From here on every sample is one task.
constexpr int64_t kManySamples = 16;

void require_window(const char* what, const Window& p, const Shape& k, int64_t h, int64_t w) {
  require(p.stride >= 1 && std::min({p.top, p.left, p.bottom, p.right}) >= 0 &&
              std::max(p.top, p.bottom) < k[2] && std::max(p.left, p.right) < k[3],
          kName, "wanted a stride of at least 1 and padding less than the kernel in {} {}", what,
          k);
  require(h + p.top + p.bottom >= k[2] && w + p.left + p.right >= k[3], kName,
          "wanted {} {} within its padded input [{}, {}]", what, k, h, w);
}

RowLayout dense_layout(const Shape& x, const Tensor& w, const Tensor& b, const Window& window) {
  require(x.rank() == 3 && x.numel() > 0, kName, "wanted a sample [channels, h, w], got {}", x);
  const Shape& k = w.shape();
  require(k.rank() == 4 && k.numel() > 0 && k[1] == x[0], kName,
          "wanted w [filters, {}, kh, kw], got {}", x[0], k);
  require(b.shape() == Shape{k[0]}, kName, "wanted b [{}], got {}", k[0], b.shape());
  require_window("w", window, k, x[1], x[2]);
  return {x[1], x[2], k[2], k[3], window};
}

RowLayout depthwise_layout(const RowLayout& z, const Tensor& w, const Tensor& v,
                           const Window& window) {
  if (v.empty()) return {};
  const Shape& k = v.shape();
  require(k.rank() == 4 && k[0] == w.dim(0) && k[1] == 1, kName, "wanted v [{}, 1, kh, kw], got {}",
          w.dim(0), k);
  require_window("v", window, k, z.out_height, z.out_width);
  return {z.out_height, z.out_width, k[2], k[3], window};
}

// Filters that are computed together, as even as can be; an even number of groups, so that two
// threads share one sample fairly.
struct Groups {
  explicit Groups(int64_t filters)
      : things(filters), count((filters + kFiltersAtOnce - 1) / kFiltersAtOnce) {
    if (count > 1) count += count % 2;
  }
  int64_t begin(int64_t i) const { return i * things / count; }
  int64_t size(int64_t i) const { return begin(i + 1) - begin(i); }
  int64_t things, count;
};

// [group][tap][filter of the group]
Tensor weights_by_tap(const Groups& groups, const Tensor& w, int64_t taps) {
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

struct DenseDepthwise::Plan {
  Plan(const Shape& x, const Tensor& w, const Tensor& b, const Tensor& v,
       const DenseDepthwiseOptions& options, Isa isa);

  void place_taps();
  void place_outputs();
  Store store_of_rows() const;

  int64_t z_plane() const { return rows.out_height * rows.out_width; }
  int64_t y_plane() const { return y_shape[1] * y_shape[2]; }
  bool direct() const { return v.empty() || store != Store::kTogether; }
  // Room for the planes z of one group.
  int64_t scratch_numel() const {
    if (v.empty()) return 0;
    return kFiltersAtOnce * (planes.numel + (direct() ? 0 : z_plane()));
  }
  int64_t packed_numel() const { return packed ? x_shape[0] * rows.numel : 0; }
  void pack(const float* x, float* to) const;
  void group(const float* x, int64_t which, float* scratch, float* y) const;

  Shape x_shape, y_shape;
  const DenseDepthwiseKernels& kernels;
  RowLayout rows;    // of x
  RowLayout planes;  // of z
  bool packed;       // x is copied into rows first
  Groups groups;
  Tensor weights, bias, v;
  float floor;
  std::vector<int64_t> taps, x_offset, y_offset;
  Store store = Store::kTogether;
  int64_t tasks;
};

DenseDepthwise::Plan::Plan(const Shape& x, const Tensor& w, const Tensor& b, const Tensor& v_in,
                           const DenseDepthwiseOptions& options, Isa isa)
    : x_shape(x),
      kernels(dense_depthwise_kernels(isa)),
      rows(dense_layout(x, w, b, options.dense)),
      planes(depthwise_layout(rows, w, v_in, options.depthwise)),
      packed(w.dim(2) * w.dim(3) > 1 || options.dense.stride > 1 || x[1] * x[2] < kLanes),
      groups(w.dim(0)),
      weights(weights_by_tap(groups, w, w.numel() / w.dim(0))),
      bias(b.clone()),
      v(v_in.clone()),
      floor(options.relu ? 0.0f : -std::numeric_limits<float>::infinity()) {
  const RowLayout& last = v.empty() ? rows : planes;
  y_shape = Shape{w.dim(0), last.out_height, last.out_width};
  if (!v.empty()) store = store_of_rows();
  place_taps();
  place_outputs();
  tasks = z_plane() * w.numel() >= kLeastWork ? groups.count : 1;
}

void DenseDepthwise::Plan::place_taps() {
  const int64_t channel = packed ? rows.numel : x_shape[1] * x_shape[2];
  for (int64_t c = 0; c < x_shape[0]; ++c) {
    for (int64_t ky = 0; ky < rows.kernel_h; ++ky) {
      for (int64_t kx = 0; kx < rows.kernel_w; ++kx) {
        taps.push_back(c * channel + (packed ? rows.tap(ky, kx) : 0));
      }
    }
  }
}

// Straight into the rows that the depthwise kernel reads, where the width allows it.
Store DenseDepthwise::Plan::store_of_rows() const {
  const int64_t width = rows.out_width;
  if (packed && width < kLanes) return Store::kTogether;
  if (planes.window.stride == 1 && width % 4 == 0) return Store::kFours;
  if (planes.window.stride == 2 && width % 8 == 0) return Store::kPhases;
  return Store::kTogether;
}

// The vectors of outputs: of the whole plane as one row where x is read as it is, else of each row.
// The last of a row may overlap the one before.
void DenseDepthwise::Plan::place_outputs() {
  const int64_t width = packed ? rows.out_width : z_plane();
  const int64_t count = packed ? rows.out_height : 1;
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
        y_offset.push_back(planes.place(at / rows.out_width, at % rows.out_width));
      }
    }
  }
}

void DenseDepthwise::Plan::pack(const float* x, float* to) const {
  for (int64_t c = 0; c < x_shape[0]; ++c) {
    rows.clear_margins(to + c * rows.numel);
    rows.pack(x + c * x_shape[1] * x_shape[2], to + c * rows.numel);
  }
}

void DenseDepthwise::Plan::group(const float* x, int64_t which, float* scratch, float* y) const {
  const int64_t first = groups.begin(which);
  const int64_t filters = groups.size(which);
  float* const out = y + first * y_plane();
  float* const flat = v.empty() ? out : scratch + kFiltersAtOnce * planes.numel;
  if (!v.empty()) {
    for (int64_t f = 0; f < filters; ++f) planes.clear_margins(scratch + f * planes.numel);
  }
  const bool to_rows = store != Store::kTogether;
  kernels.dense({.x = x,
                 .x_offset = x_offset.data(),
                 .vectors = static_cast<int64_t>(x_offset.size()),
                 .width = std::min(kLanes, packed ? rows.out_width : kLanes),
                 .tap = taps.data(),
                 .taps = static_cast<int64_t>(taps.size()),
                 .w = weights.data() + first * static_cast<int64_t>(taps.size()),
                 .bias = bias.data() + first,
                 .floor = floor,
                 .store = store,
                 .y = to_rows ? scratch : flat,
                 .y_offset = y_offset.data(),
                 .y_plane = to_rows ? planes.numel : z_plane()},
                filters);
  if (v.empty()) return;
  for (int64_t f = 0; f < filters; ++f) {
    float* const plane = scratch + f * planes.numel;
    if (!to_rows) planes.pack(flat + f * z_plane(), plane);
    kernels.depthwise({.x = plane,
                       .row_stride = planes.row_stride,
                       .phase_width = planes.phase_width,
                       .stride = planes.window.stride,
                       .kernel_h = planes.kernel_h,
                       .kernel_w = planes.kernel_w,
                       .w = v.data() + (first + f) * planes.kernel_h * planes.kernel_w,
                       .y = out + f * y_plane(),
                       .rows = planes.out_height,
                       .width = planes.out_width});
  }
}

DenseDepthwise::DenseDepthwise(const Shape& x, const Tensor& w, const Tensor& b, const Tensor& v,
                               const DenseDepthwiseOptions& options, Isa isa)
    : plan_(std::make_shared<const Plan>(x, w, b, v, options, isa)) {}

const Shape& DenseDepthwise::x_shape() const { return plan_->x_shape; }
const Shape& DenseDepthwise::y_shape() const { return plan_->y_shape; }

void DenseDepthwise::one(const float* x, float* y) const {
  Tensor scratch(Shape{plan_->packed_numel() + plan_->scratch_numel()});
  float* const planes = scratch.data() + plan_->packed_numel();
  if (plan_->packed) plan_->pack(x, scratch.data());
  for (int64_t i = 0; i < plan_->groups.count; ++i) {
    plan_->group(plan_->packed ? scratch.data() : x, i, planes, y);
  }
}

Tensor DenseDepthwise::operator()(const Tensor& x) const {
  const Plan& plan = *plan_;
  const Shape& s = plan.x_shape;
  require(x.rank() == 4 && x.dim(1) == s[0] && x.dim(2) == s[1] && x.dim(3) == s[2], kName,
          "wanted x [n, {}, {}, {}], got {}", s[0], s[1], s[2], x.shape());
  const int64_t samples = x.dim(0);
  Tensor y(Shape{samples, plan.y_shape[0], plan.y_shape[1], plan.y_shape[2]});
  const auto from = [&](int64_t n) { return x.data() + n * s.numel(); };
  const auto to = [&, data = y.data()](int64_t n) { return data + n * plan.y_shape.numel(); };
  if (plan.tasks == 1 || samples >= kManySamples) {
    parallel_for(samples, [&](int64_t n) { one(from(n), to(n)); });
    return y;
  }
  Tensor packed(Shape{samples, plan.packed_numel()});
  const auto rows_of = [&, data = packed.data()](int64_t n) {
    return data + n * plan.packed_numel();
  };
  if (plan.packed) parallel_for(samples, [&](int64_t n) { plan.pack(from(n), rows_of(n)); });
  parallel_for(samples * plan.tasks, [&](int64_t task) {
    const int64_t n = task / plan.tasks;
    Tensor scratch(Shape{plan.scratch_numel()});
    plan.group(plan.packed ? rows_of(n) : from(n), task % plan.tasks, scratch.data(), to(n));
  });
  return y;
}

}  // namespace secateur
