#include "ops/backend/onednn_inference.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "ops/backend/onednn_runtime.h"
#include "tensor/error.h"

namespace secateur {
namespace {

using dnnl::memory;

constexpr const char* kWhere = "onednn_inference";
constexpr int64_t kCacheLine = 64;

memory::desc float_layout(const memory::dims& dims, memory::format_tag tag) {
  return {dims, memory::data_type::f32, tag};
}

memory::dims dims_of(const Shape& map) { return {1, map[0], map[1], map[2]}; }

// Places for maps that are handed on when nobody reads them any more, so that all maps of an image
// take little more than the largest three.
class Places {
 public:
  size_t take(int64_t bytes) {
    const int64_t wanted = (bytes + kCacheLine - 1) / kCacheLine * kCacheLine;
    size_t best = places_.size();
    for (size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].taken || places_[i].bytes < wanted) continue;
      if (best == places_.size() || places_[i].bytes < places_[best].bytes) best = i;
    }
    if (best == places_.size()) places_.push_back({wanted, true});
    places_[best].taken = true;
    return best;
  }
  void give_back(size_t place) { places_[place].taken = false; }
  // Of each place, and behind the last one their sum.
  std::vector<int64_t> offsets() const {
    std::vector<int64_t> offsets = {0};
    for (const Place& place : places_) offsets.push_back(offsets.back() + place.bytes);
    return offsets;
  }

 private:
  struct Place {
    int64_t bytes;
    bool taken;
  };
  std::vector<Place> places_;
};

// Where an argument of a primitive lies while an image is computed.
enum class Storage { kImage, kLast, kWorkspace, kConstant };

struct Argument {
  int id;  // DNNL_ARG_*
  memory::desc layout;
  Storage storage;
  size_t index = 0;  // of the place, or of the constant
};

struct Primitive {
  dnnl::primitive primitive;
  std::vector<Argument> arguments;
};

struct Map {
  memory::desc layout;
  Storage storage = Storage::kWorkspace;
  size_t place = 0;
  size_t last_reader = 0;
};

}  // namespace

struct OnednnInference::Plan {
  Plan(const Shape& image, const std::vector<FrozenStep>& steps);

  std::vector<Primitive> primitives;
  std::vector<memory> constants;
  std::vector<int64_t> offsets;

 private:
  Argument argument(int id, const Map& map) const {
    return {id, map.layout, map.storage, map.place};
  }
  Argument scratchpad(const memory::desc& layout);
  Argument constant(int id, const Tensor& values, const memory::desc& plain,
                    const memory::desc& wanted);
  void reorder(const Map& from, const Map& to);
  Map new_map(const memory::desc& layout);
  Map in_layout(const Map& map, const memory::desc& wanted);
  Map convolve(const FrozenStep& step, const Shape& to);
  Map pool(const FrozenStep& step, const Shape& to);

  Places places_;
  std::vector<Map> maps_;
  std::vector<size_t> temporary_;  // places that are free again behind the step
};

namespace {

dnnl::primitive_attr attributes_of(const FrozenStep& step) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  dnnl::post_ops behind;
  if (step.added >= 0) behind.append_sum(1.0f);
  if (step.relu) behind.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
  attributes.set_post_ops(behind);
  return attributes;
}

dnnl::convolution_forward::primitive_desc describe_convolution(const FrozenStep& step,
                                                               const memory::desc& x,
                                                               const memory::desc& y) {
  const memory::dims stride{step.stride, step.stride};
  const memory::dims padding{step.padding, step.padding};
  const auto extents = step.weight.shape().extents();
  const dnnl::convolution_forward::desc desc(
      dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, x,
      float_layout({extents.begin(), extents.end()}, memory::format_tag::any),
      float_layout({step.weight.dim(0)}, memory::format_tag::x), y, stride, padding, padding);
  return {desc, attributes_of(step), onednn::engine()};
}

}  // namespace

Argument OnednnInference::Plan::scratchpad(const memory::desc& layout) {
  const size_t place = places_.take(static_cast<int64_t>(layout.get_size()));
  temporary_.push_back(place);
  return {DNNL_ARG_SCRATCHPAD, layout, Storage::kWorkspace, place};
}

Argument OnednnInference::Plan::constant(int id, const Tensor& values, const memory::desc& plain,
                                         const memory::desc& wanted) {
  memory from(plain, onednn::engine(), const_cast<float*>(values.data()));
  memory to(wanted, onednn::engine());
  dnnl::reorder(from, to).execute(onednn::stream(), from, to);
  onednn::stream().wait();
  constants.push_back(to);
  return {id, wanted, Storage::kConstant, constants.size() - 1};
}

void OnednnInference::Plan::reorder(const Map& from, const Map& to) {
  dnnl::primitive_attr own;
  own.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const dnnl::reorder::primitive_desc pd(onednn::engine(), from.layout, onednn::engine(), to.layout,
                                         own);
  primitives.push_back({dnnl::reorder(pd),
                        {argument(DNNL_ARG_FROM, from), argument(DNNL_ARG_TO, to),
                         scratchpad(pd.scratchpad_desc())}});
}

Map OnednnInference::Plan::new_map(const memory::desc& layout) {
  return {layout, Storage::kWorkspace, places_.take(static_cast<int64_t>(layout.get_size()))};
}

// The map as it is, or a copy for this step.
Map OnednnInference::Plan::in_layout(const Map& map, const memory::desc& wanted) {
  if (map.layout == wanted) return map;
  const Map copy = new_map(wanted);
  temporary_.push_back(copy.place);
  reorder(map, copy);
  return copy;
}

Map OnednnInference::Plan::convolve(const FrozenStep& step, const Shape& to) {
  const Map& from = maps_[static_cast<size_t>(step.from)];
  const auto any = [](const memory::desc& of) {
    return float_layout(of.dims(), memory::format_tag::any);
  };
  Map y{.layout = float_layout(dims_of(to), memory::format_tag::any)};
  if (step.added >= 0) y = maps_[static_cast<size_t>(step.added)];
  const auto pd = describe_convolution(step, any(from.layout), y.layout);
  const Map x = in_layout(from, pd.src_desc());
  if (step.added < 0) y = new_map(pd.dst_desc());
  const auto extents = step.weight.shape().extents();
  const memory::desc weights =
      float_layout({extents.begin(), extents.end()}, memory::format_tag::oihw);
  primitives.push_back({dnnl::convolution_forward(pd),
                        {argument(DNNL_ARG_SRC, x),
                         constant(DNNL_ARG_WEIGHTS, step.weight, weights, pd.weights_desc()),
                         constant(DNNL_ARG_BIAS, step.bias, pd.bias_desc(), pd.bias_desc()),
                         argument(DNNL_ARG_DST, y), scratchpad(pd.scratchpad_desc())}});
  return y;
}

Map OnednnInference::Plan::pool(const FrozenStep& step, const Shape& to) {
  const Map& x = maps_[static_cast<size_t>(step.from)];
  const memory::dims stride{step.stride, step.stride};
  const memory::dims kernel{step.kernel, step.kernel};
  const memory::dims padding{step.padding, step.padding};
  const dnnl::pooling_forward::desc desc(
      dnnl::prop_kind::forward_inference, dnnl::algorithm::pooling_max, x.layout,
      float_layout(dims_of(to), memory::format_tag::any), stride, kernel, padding, padding);
  dnnl::primitive_attr own;
  own.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const dnnl::pooling_forward::primitive_desc pd(desc, own, onednn::engine());
  const Map y = new_map(pd.dst_desc());
  primitives.push_back(
      {dnnl::pooling_forward(pd),
       {argument(DNNL_ARG_SRC, x), argument(DNNL_ARG_DST, y), scratchpad(pd.scratchpad_desc())}});
  return y;
}

OnednnInference::Plan::Plan(const Shape& image, const std::vector<FrozenStep>& steps) {
  const std::vector<Shape> shapes = frozen_shapes(image, steps);
  std::vector<size_t> last_reader(shapes.size(), 0);
  for (size_t i = 0; i < steps.size(); ++i) {
    last_reader[static_cast<size_t>(steps[i].from)] = i;
    if (steps[i].added >= 0) last_reader[static_cast<size_t>(steps[i].added)] = i;
  }
  maps_.push_back({float_layout(dims_of(image), memory::format_tag::nchw), Storage::kImage});
  for (size_t i = 0; i < steps.size(); ++i) {
    const FrozenStep& step = steps[i];
    const auto added = static_cast<size_t>(step.added);
    require(
        step.added < 0 || (step.added > 0 && step.added != step.from && last_reader[added] == i),
        kWhere, "step {} adds map {}, which is the image or read again", i, step.added);
    const bool pools = step.kind == FrozenStep::Kind::kMaxPool;
    maps_.push_back(pools ? pool(step, shapes[i + 1]) : convolve(step, shapes[i + 1]));
    for (const size_t place : std::exchange(temporary_, {})) places_.give_back(place);
    for (size_t m = 1; m <= i; ++m) {
      if (last_reader[m] == i && m != added) places_.give_back(maps_[m].place);
    }
  }
  reorder(maps_.back(),
          {float_layout(dims_of(shapes.back()), memory::format_tag::nchw), Storage::kLast});
  offsets = places_.offsets();
}

OnednnInference::OnednnInference(const Shape& image, const std::vector<FrozenStep>& steps) {
  onednn::on_this_thread(kWhere, [&] { plan_ = std::make_unique<const Plan>(image, steps); });
}

OnednnInference::~OnednnInference() = default;

void OnednnInference::run(const float* image, float* last) const {
  constexpr int64_t kFloat = sizeof(float);
  Tensor workspace(Shape{plan_->offsets.back() / kFloat});
  const auto memory_of = [&](const Argument& argument) {
    if (argument.storage == Storage::kConstant) return plan_->constants[argument.index];
    float* data = last;
    if (argument.storage == Storage::kImage) data = const_cast<float*>(image);  // only read
    if (argument.storage == Storage::kWorkspace) {
      data = workspace.data() + plan_->offsets[argument.index] / kFloat;
    }
    return memory(argument.layout, onednn::engine(), data);
  };
  onednn::on_this_thread(kWhere, [&] {
    for (const Primitive& step : plan_->primitives) {
      std::unordered_map<int, memory> arguments;
      for (const Argument& argument : step.arguments) {
        arguments.emplace(argument.id, memory_of(argument));
      }
      step.primitive.execute(onednn::stream(), arguments);
    }
    onednn::stream().wait();
  });
}

}  // namespace secateur
