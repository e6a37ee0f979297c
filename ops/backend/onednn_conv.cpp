#include "ops/backend/onednn_conv.h"

#include "ops/backend/onednn_runtime.h"

namespace secateur {
namespace {

using dnnl::memory;
using onednn::Plan;
using Key = std::array<int64_t, 12>;

Key key_of(const ConvGeometry& g) {
  return {g.channels, g.height,  g.width,    g.filters,    g.kernel_h,  g.kernel_w,
          g.stride,   g.pad_top, g.pad_left, g.pad_bottom, g.pad_right, g.groups};
}

enum class Direction { kForward, kBackwardData, kBackwardWeights };

// The layout asked of oneDNN, by measurement on one thread (Zen 4, GFLOP/s, reorders included):
//   3 -> 100, 5 x 5, 112 x 112: forward any 94, plain 84; data any 19, plain 83; weights any 85,
//     plain 67 (with few channels its blocked data gradient fills one of sixteen lanes in five)
//   256 -> 256, 3 x 3, 14 x 14: forward any 122, plain 96; data 121, 92; weights 96, 87
//   100 -> 100, 1 x 1, 56 x 56: forward any 66, plain 113; data 66, 111; weights 81, 81
//   depthwise 5 x 5, 100 channels, 28 x 28: forward any 36, plain 3; weights any 2.7, nhwc 6.6
memory::format_tag wanted_tag(const ConvGeometry& g, Direction direction) {
  const bool one_by_one = g.kernel_h == 1 && g.kernel_w == 1 && g.stride == 1;
  if (one_by_one && g.groups == 1) return memory::format_tag::nchw;
  if (direction == Direction::kBackwardData && g.groups == 1 && g.channels < 16) {
    return memory::format_tag::nchw;
  }
  if (direction == Direction::kBackwardWeights && g.depthwise() && g.groups > 1) {
    return memory::format_tag::nhwc;
  }
  return memory::format_tag::any;
}

// The three arrays of a convolution: as the caller has them, and as asked of oneDNN.
struct Layouts {
  memory::desc x_plain, w_plain, y_plain;
  memory::desc x_wanted, w_wanted, y_wanted;
};

memory::desc describe(const memory::dims& dims, memory::format_tag tag) {
  return {dims, memory::data_type::f32, tag};
}

Layouts layouts_of(const ConvGeometry& g, Direction direction) {
  const memory::dims x{1, g.channels, g.height, g.width};
  const memory::dims y{1, g.filters, g.out_height(), g.out_width()};
  memory::dims w{g.filters, g.channels / g.groups, g.kernel_h, g.kernel_w};
  memory::format_tag w_tag = memory::format_tag::oihw;
  if (g.groups > 1) {
    w[0] /= g.groups;
    w.insert(w.begin(), g.groups);
    w_tag = memory::format_tag::goihw;
  }
  const auto nchw = memory::format_tag::nchw;
  const auto wanted = wanted_tag(g, direction);
  return {describe(x, nchw),
          describe(w, w_tag),
          describe(y, nchw),
          describe(x, wanted),
          describe(w, memory::format_tag::any),
          describe(y, wanted)};
}

// The scratchpad is ours, so that its size is seen and shared by all plans of a thread.
dnnl::primitive_attr own_scratchpad() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

dnnl::convolution_forward::primitive_desc forward_description(const ConvGeometry& g,
                                                              const Layouts& l) {
  const dnnl::convolution_forward::desc desc(dnnl::prop_kind::forward_training,
                                             dnnl::algorithm::convolution_direct, l.x_wanted,
                                             l.w_wanted, l.y_wanted, {g.stride, g.stride},
                                             {g.pad_top, g.pad_left}, {g.pad_bottom, g.pad_right});
  return {desc, own_scratchpad(), onednn::engine()};
}

Plan make_forward(const ConvGeometry& g) {
  const Layouts l = layouts_of(g, Direction::kForward);
  const auto pd = forward_description(g, l);
  return Plan(dnnl::convolution_forward(pd), pd.scratchpad_desc(),
              {{DNNL_ARG_SRC, l.x_plain, pd.src_desc(), false},
               {DNNL_ARG_WEIGHTS, l.w_plain, pd.weights_desc(), false},
               {DNNL_ARG_DST, l.y_plain, pd.dst_desc(), true}});
}

Plan make_backward_data(const ConvGeometry& g) {
  const Layouts l = layouts_of(g, Direction::kBackwardData);
  const dnnl::convolution_backward_data::desc desc(
      dnnl::algorithm::convolution_direct, l.x_wanted, l.w_wanted, l.y_wanted, {g.stride, g.stride},
      {g.pad_top, g.pad_left}, {g.pad_bottom, g.pad_right});
  const dnnl::convolution_backward_data::primitive_desc pd(desc, own_scratchpad(), onednn::engine(),
                                                           forward_description(g, l));
  return Plan(dnnl::convolution_backward_data(pd), pd.scratchpad_desc(),
              {{DNNL_ARG_WEIGHTS, l.w_plain, pd.weights_desc(), false},
               {DNNL_ARG_DIFF_DST, l.y_plain, pd.diff_dst_desc(), false},
               {DNNL_ARG_DIFF_SRC, l.x_plain, pd.diff_src_desc(), true}});
}

Plan make_backward_weights(const ConvGeometry& g) {
  const Layouts l = layouts_of(g, Direction::kBackwardWeights);
  const dnnl::convolution_backward_weights::desc desc(
      dnnl::algorithm::convolution_direct, l.x_wanted, l.w_wanted, l.y_wanted, {g.stride, g.stride},
      {g.pad_top, g.pad_left}, {g.pad_bottom, g.pad_right});
  const dnnl::convolution_backward_weights::primitive_desc pd(
      desc, own_scratchpad(), onednn::engine(), forward_description(g, l));
  return Plan(dnnl::convolution_backward_weights(pd), pd.scratchpad_desc(),
              {{DNNL_ARG_SRC, l.x_plain, pd.src_desc(), false},
               {DNNL_ARG_DIFF_DST, l.y_plain, pd.diff_dst_desc(), false},
               {DNNL_ARG_DIFF_WEIGHTS, l.w_plain, pd.diff_weights_desc(), true}});
}

// Inputs are never written: oneDNN takes one pointer type for both directions.
float* input(const float* data) { return const_cast<float*>(data); }

using Make = Plan (*)(const ConvGeometry&);

template <Make make>
void run(const ConvGeometry& geometry, const std::vector<float*>& data) {
  onednn::on_this_thread("conv2d", [&] {
    thread_local onednn::PlanCache<Key> plans;
    plans.get(key_of(geometry), [&] { return make(geometry); }).run(data);
  });
}

}  // namespace

void onednn_conv_forward(const ConvGeometry& geometry, const float* x, const float* w, float* y) {
  run<make_forward>(geometry, {input(x), input(w), y});
}

void onednn_conv_backward_data(const ConvGeometry& geometry, const float* w, const float* dy,
                               float* dx) {
  run<make_backward_data>(geometry, {input(w), input(dy), dx});
}

void onednn_conv_backward_weights(const ConvGeometry& geometry, const float* x, const float* dy,
                                  float* dw) {
  run<make_backward_weights>(geometry, {input(x), input(dy), dw});
}

}  // namespace secateur
