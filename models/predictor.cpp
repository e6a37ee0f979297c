#include "models/predictor.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "ops/conv2d/conv2d.h"
#include "ops/dense_depthwise/dense_depthwise.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

// From here on every image is a task of its own.
constexpr int64_t kManyImages = 16;
// Above this a dense convolution is left to oneDNN.
constexpr int64_t kFewChannels = 4;

Window same_window(const Shape& x, const Block& block) {
  const Padding2d p = same_padding(x[1], x[2], block.kernel, block.stride);
  return {
      .stride = block.stride, .top = p.top, .left = p.left, .bottom = p.bottom, .right = p.right};
}

bool is_chain(const Architecture& a) {
  for (size_t i = 0; i < a.blocks.size(); ++i) {
    const BlockKind kind = a.blocks[i].kind;
    const bool conv = i == 0 && kind == BlockKind::kConv && a.input.channels <= kFewChannels;
    const bool separable = i > 0 && kind == BlockKind::kSeparable;
    if (!conv && !separable && kind != BlockKind::kPointwise) return false;
  }
  return !a.blocks.empty();
}

// Block i without its own depthwise part, and with the depthwise part of the block behind it.
DenseDepthwise step_of(const Model& folded, size_t i) {
  const Architecture& a = folded.architecture();
  const Block& block = a.blocks[i];
  const bool conv = block.kind == BlockKind::kConv;
  const std::string prefix = block.name + (conv ? ".conv" : ".pointwise");
  const Shape z = a.shape_before(i + 1);
  DenseDepthwiseOptions options{.relu = block.activation == Activation::kRelu};
  if (conv) options.dense = same_window(a.shape_before(i), block);
  Tensor v;
  if (i + 1 < a.blocks.size() && a.blocks[i + 1].kind == BlockKind::kSeparable) {
    v = folded.tensor(a.blocks[i + 1].name + ".depthwise.weight");
    options.depthwise = same_window(z, a.blocks[i + 1]);
  }
  const Shape x = i == 0 ? a.shape_before(0) : Shape{a.blocks[i - 1].filters, z[1], z[2]};
  return {x, folded.tensor(prefix + ".weight"), folded.tensor(prefix + ".bias"), v, options};
}

}  // namespace

struct Predictor::Steps {
  std::vector<DenseDepthwise> fused;
};

Predictor::Predictor(const Model& model) : folded_(fold_batch_norm(model).frozen()) {
  if (!is_chain(folded_.architecture())) return;
  Steps steps;
  for (size_t i = 0; i < folded_.architecture().blocks.size(); ++i) {
    steps.fused.push_back(step_of(folded_, i));
  }
  steps_ = std::make_shared<const Steps>(std::move(steps));
}

Tensor Predictor::operator()(const Tensor& images) const {
  if (!fused()) return by_operations(images);
  check(images);
  const Tensor features = dense_depthwise(steps_->fused, images);
  // Image by image: a product over several would round them together. The threads share the readout
  // of one of a few images, and the images where there are many.
  const int64_t count = images.dim(0);
  Tensor responses(Shape{count, outputs()});
  const auto read_out = [&, to = responses.data()](int64_t n) {
    const Variable y = folded_.forward_readout(Variable(features.rows(n, n + 1)));
    std::copy_n(y.value().data(), outputs(), to + n * outputs());
  };
  if (count >= kManyImages) {
    parallel_for(count, read_out);
  } else {
    for (int64_t n = 0; n < count; ++n) read_out(n);
  }
  return scaled(responses);
}

Tensor Predictor::by_operations(const Tensor& images) const {
  check(images);
  return scaled(folded_.forward(Variable(images), Mode::kEvaluation).value().clone());
}

void Predictor::check(const Tensor& images) const {
  const InputSpec& in = input();
  require(images.rank() == 4 && images.dim(1) == in.channels && images.dim(2) == in.height &&
              images.dim(3) == in.width,
          "predict", "wanted images [n, {}, {}, {}], got {}", in.channels, in.height, in.width,
          images.shape());
}

Tensor Predictor::scaled(Tensor responses) const {
  const Readout& readout = folded_.architecture().readout;
  if (readout.gain.empty()) return responses;
  for (int64_t i = 0; i < responses.numel(); ++i) {
    const size_t output = static_cast<size_t>(i % readout.outputs);
    responses[i] = static_cast<float>(readout.offset[output] + readout.gain[output] * responses[i]);
  }
  return responses;
}

std::vector<Tensor> predict_population(const std::vector<Predictor>& models, const Tensor& images) {
  const int64_t count = static_cast<int64_t>(models.size());
  const int64_t n = images.dim(0);
  std::vector<Tensor> responses;
  for (const Predictor& model : models) responses.emplace_back(Shape{n, model.outputs()});
  // All models on some images before the next images: these are then in the cache.
  const int64_t blocks = (n + kManyImages - 1) / kManyImages;
  parallel_for(blocks * count, [&](int64_t task) {
    const int64_t begin = task / count * kManyImages;
    const size_t which = static_cast<size_t>(task % count);
    const Tensor part = models[which](images.rows(begin, std::min(n, begin + kManyImages)));
    std::copy_n(part.data(), part.numel(), responses[which].data() + begin * part.dim(1));
  });
  return responses;
}

}  // namespace secateur
