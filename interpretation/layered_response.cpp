#include "interpretation/layered_response.h"

#include <algorithm>

#include "interpretation/model_input.h"
#include "models/fused_chain.h"
#include "ops/bias/bias.h"
#include "ops/conv2d/conv2d.h"
#include "ops/pointwise/pointwise.h"
#include "ops/relu/relu.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

// Images whose signals are held at once.
constexpr int64_t kMeanBlock = 16;

void add_to(std::vector<double>& sum, const Tensor& signal) {
  sum.resize(static_cast<size_t>(signal.numel()));
  for (int64_t k = 0; k < signal.numel(); ++k) sum[static_cast<size_t>(k)] += double{signal[k]};
}

Tensor divided(const std::vector<double>& sum, const Shape& shape, int64_t count) {
  Tensor mean(shape);
  for (int64_t k = 0; k < mean.numel(); ++k) {
    mean[k] = static_cast<float>(sum[static_cast<size_t>(k)] / static_cast<double>(count));
  }
  return mean;
}

}  // namespace

LayeredResponse::LayeredResponse(const Model& model, int64_t output)
    : model_(fold_batch_norm(select_outputs(model, {output})).frozen()),
      steps_(fused_chain(model_)) {}

void LayeredResponse::check(const FilterSet& set) const {
  if (set.layer >= layers()) {
    fail(ErrorKind::kUsage, "interpret", "there is no layer {}; the model has {}, from 0 on",
         set.layer, layers());
  }
  std::vector<int64_t> ascending = set.filters;
  std::sort(ascending.begin(), ascending.end());
  for (size_t i = 0; i < ascending.size(); ++i) {
    if (ascending[i] < 0 || ascending[i] >= filters(set.layer)) {
      fail(ErrorKind::kUsage, "interpret", "there is no filter {} in {}, which has {}, from 0 on",
           ascending[i], name(set.layer), filters(set.layer));
    }
    if (i > 0 && ascending[i] == ascending[i - 1]) {
      fail(ErrorKind::kUsage, "interpret", "filter {} of {} is named twice", ascending[i],
           name(set.layer));
    }
  }
}

std::vector<Tensor> LayeredResponse::signals(const Tensor& pixels) const {
  check_pixels(pixels, model_.architecture().input);
  Tensor x = without_mean(pixels, model_.architecture().input);
  std::vector<Tensor> signals;
  for (size_t layer = 0; layer < layers(); ++layer) {
    x = fused() ? dense_depthwise(std::span(steps_).subspan(layer, 1), x)
                : model_.forward_blocks(Variable(x), layer, layer + 1, Mode::kEvaluation).value();
    check_responses(std::as_const(x).values());
    signals.push_back(x);
  }
  return signals;
}

double LayeredResponse::response(size_t layer, const Tensor& signal) const {
  Tensor x = signal;
  if (layer + 1 < layers()) {
    x = fused()
            ? dense_depthwise(std::span(steps_).subspan(layer + 1), x)
            : model_.forward_blocks(Variable(x), layer + 1, layers(), Mode::kEvaluation).value();
  }
  const float y = model_.forward_readout(Variable(x)).value()[0];
  const Readout& readout = model_.architecture().readout;
  if (readout.gain.empty()) return double{y};
  return double{static_cast<float>(readout.offset.front() + readout.gain.front() * y)};
}

const Tensor& LayeredResponse::mixing(size_t layer) const {
  return model_.tensor(name(layer + 1) + ".pointwise.weight");
}

Tensor LayeredResponse::mixed(size_t layer, const Tensor& signal) const {
  return pointwise(Variable(signal), Variable(mixing(layer))).value();
}

double LayeredResponse::response_of_mixed(size_t layer, const Tensor& mixed) const {
  const std::vector<Block>& blocks = model_.architecture().blocks;
  const size_t next = layer + 1;
  Variable map = bias(Variable(mixed), Variable(model_.tensor(name(next) + ".pointwise.bias")));
  if (blocks[next].activation == Activation::kRelu) map = relu(map);
  if (next + 1 < layers() && blocks[next + 1].kind == BlockKind::kSeparable) {
    const Block& above = blocks[next + 1];
    map = conv2d(map, Variable(model_.tensor(above.name + ".depthwise.weight")),
                 {.stride = above.stride,
                  .padding = same_padding(mixed.dim(2), mixed.dim(3), above.kernel, above.stride),
                  .groups = mixed.dim(1)});
  }
  return response(next, map.value());
}

double LayeredResponse::response_with(const FilterSet& set, Tensor& signal,
                                      const Tensor* other) const {
  const int64_t plane = signal.dim(2) * signal.dim(3);
  std::vector<float> kept;
  for (const int64_t filter : set.filters) {
    float* const at = signal.data() + filter * plane;
    kept.insert(kept.end(), at, at + plane);
    if (other == nullptr) {
      std::fill_n(at, plane, 0.0f);
    } else {
      std::copy_n(other->data() + filter * plane, plane, at);
    }
  }
  const double y = response(set.layer, signal);
  for (size_t i = 0; i < set.filters.size(); ++i) {
    std::copy_n(kept.data() + static_cast<int64_t>(i) * plane, plane,
                signal.data() + set.filters[i] * plane);
  }
  return y;
}

std::vector<Tensor> mean_signals(const LayeredResponse& response, const Tensor& pixels,
                                 Observer& observer) {
  check_pixels(pixels, response.model().architecture().input);
  const int64_t count = pixels.dim(0);
  require(count > 0, "interpret", "wanted at least one image to take means over, got none");
  std::vector<std::vector<double>> sums(response.layers());
  std::vector<Shape> shapes(response.layers());
  Progress progress{.what = "mean signals", .unit = "images", .total = static_cast<double>(count)};
  for (int64_t begin = 0; begin < count; begin += kMeanBlock) {
    stop_if_asked(observer);
    const int64_t images = std::min(kMeanBlock, count - begin);
    std::vector<std::vector<Tensor>> block(static_cast<size_t>(images));
    parallel_for(images, [&](int64_t i) {
      block[static_cast<size_t>(i)] = response.signals(pixels.rows(begin + i, begin + i + 1));
    });
    parallel_for(static_cast<int64_t>(sums.size()), [&](int64_t at) {
      const auto layer = static_cast<size_t>(at);
      for (const std::vector<Tensor>& signals : block) add_to(sums[layer], signals[layer]);
      shapes[layer] = block.front()[layer].shape();
    });
    progress.done += static_cast<double>(images);
    observer.progress(progress);
  }
  std::vector<Tensor> means;
  for (size_t l = 0; l < sums.size(); ++l) means.push_back(divided(sums[l], shapes[l], count));
  return means;
}

}  // namespace secateur
