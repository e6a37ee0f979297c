#include "models/predictor.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "models/fused_chain.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

// From here on every image is a task of its own.
constexpr int64_t kManyImages = 16;

}  // namespace

struct Predictor::Steps {
  std::vector<DenseDepthwise> fused;
};

Predictor::Predictor(const Model& model) : folded_(fold_batch_norm(model).frozen()) {
  Steps steps{fused_chain(folded_)};
  if (!steps.fused.empty()) steps_ = std::make_shared<const Steps>(std::move(steps));
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
