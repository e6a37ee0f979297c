#include "ops/backend/onednn_pool.h"

#include "ops/backend/onednn_runtime.h"
#include "ops/vector/isa.h"

namespace secateur {
namespace {

using dnnl::memory;
using onednn::Plan;
using Pool = dnnl::pooling_v2_forward;
using PoolBack = dnnl::pooling_v2_backward;
using Key = std::array<int64_t, 12>;

Key key_of(const PoolWindow& w, int64_t planes, bool count_padding) {
  return {w.height, w.width, w.out_height, w.out_width, w.kernel, w.stride,
          w.top,    w.left,  w.bottom,     w.right,     planes,   count_padding ? 1 : 0};
}

memory::desc describe(const memory::dims& dims, memory::format_tag tag) {
  return {dims, memory::data_type::f32, tag};
}

struct Layouts {
  memory::desc x_plain, y_plain, x_blocked, y_blocked;
};

// Planes are the channels of one sample. oneDNN pools a vector of them side by side; with the
// reorders that is still faster than its plain layout (3 x 3, stride 1, 64 x 28 x 28: 24 against 25
// us; 2 x 2, stride 2, 64 x 112 x 112: 149 against 185 us), which has no fast kernel for few planes
// or AVX2. The blocks must have the width of a vector: for any other it falls back to loops 500
// times slower.
Layouts layouts_of(const PoolWindow& w, int64_t planes) {
  const memory::dims x{1, planes, w.height, w.width};
  const memory::dims y{1, planes, w.out_height, w.out_width};
  const auto plain = memory::format_tag::nchw;
  const auto blocked =
      active_isa() == Isa::kAvx512 ? memory::format_tag::nChw16c : memory::format_tag::nChw8c;
  return {describe(x, plain), describe(y, plain), describe(x, blocked), describe(y, blocked)};
}

dnnl::algorithm algorithm(bool count_padding) {
  return count_padding ? dnnl::algorithm::pooling_avg_include_padding
                       : dnnl::algorithm::pooling_avg_exclude_padding;
}

dnnl::primitive_attr own_scratchpad() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

Pool::primitive_desc forward_description(const PoolWindow& w, const Layouts& l,
                                         bool count_padding) {
  const Pool::desc desc(dnnl::prop_kind::forward_training, algorithm(count_padding), l.x_blocked,
                        l.y_blocked, {w.stride, w.stride}, {w.kernel, w.kernel}, {0, 0},
                        {w.top, w.left}, {w.bottom, w.right});
  return {desc, own_scratchpad(), onednn::engine()};
}

Plan make_forward(const PoolWindow& w, int64_t planes, bool count_padding) {
  const Layouts l = layouts_of(w, planes);
  const auto pd = forward_description(w, l, count_padding);
  return Plan(Pool(pd), pd.scratchpad_desc(),
              {{DNNL_ARG_SRC, l.x_plain, pd.src_desc(), false},
               {DNNL_ARG_DST, l.y_plain, pd.dst_desc(), true}});
}

Plan make_backward(const PoolWindow& w, int64_t planes, bool count_padding) {
  const Layouts l = layouts_of(w, planes);
  const PoolBack::desc desc(algorithm(count_padding), l.x_blocked, l.y_blocked,
                            {w.stride, w.stride}, {w.kernel, w.kernel}, {0, 0}, {w.top, w.left},
                            {w.bottom, w.right});
  const PoolBack::primitive_desc pd(desc, own_scratchpad(), onednn::engine(),
                                    forward_description(w, l, count_padding));
  return Plan(PoolBack(pd), pd.scratchpad_desc(),
              {{DNNL_ARG_DIFF_DST, l.y_plain, pd.diff_dst_desc(), false},
               {DNNL_ARG_DIFF_SRC, l.x_plain, pd.diff_src_desc(), true}});
}

using Make = Plan (*)(const PoolWindow&, int64_t, bool);

template <Make make>
void run(const PoolWindow& window, int64_t planes, bool count_padding, const float* from,
         float* to) {
  onednn::on_this_thread("avg_pool", [&] {
    thread_local onednn::PlanCache<Key> plans;
    Plan& plan = plans.get(key_of(window, planes, count_padding),
                           [&] { return make(window, planes, count_padding); });
    // The input is never written: oneDNN takes one pointer type for both directions.
    plan.run({const_cast<float*>(from), to});
  });
}

}  // namespace

void onednn_avg_pool_forward(const PoolWindow& window, int64_t planes, bool count_padding,
                             const float* x, float* y) {
  run<make_forward>(window, planes, count_padding, x, y);
}

void onednn_avg_pool_backward(const PoolWindow& window, int64_t planes, bool count_padding,
                              const float* dy, float* dx) {
  run<make_backward>(window, planes, count_padding, dy, dx);
}

}  // namespace secateur
