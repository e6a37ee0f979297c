#include "pruning/ulp.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "ops/conv2d/conv2d.h"
#include "ops/pointwise/pointwise.h"
#include "pruning/rebuild.h"
#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

// Neighbouring floats have neighbouring numbers, the negative ones below 0.
int64_t place_of(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const int64_t magnitude = bits & 0x7fffffff;
  return bits >> 31 != 0 ? -magnitude : magnitude;
}

// [n, channels, pixels] of the masked network against the channels `kept` of the other.
void add_distances(const Tensor& rebuilt, const Tensor& masked, const std::vector<int64_t>& kept,
                   OperationDistance& distance) {
  const int64_t channels = masked.dim(1);
  const auto staying = static_cast<int64_t>(kept.size());
  const int64_t pixels = masked.numel() / (masked.dim(0) * channels);
  for (int64_t n = 0; n < masked.dim(0); ++n) {
    for (int64_t k = 0; k < staying; ++k) {
      const float* const a = rebuilt.data() + (n * staying + k) * pixels;
      const float* const b = masked.data() + (n * channels + kept[static_cast<size_t>(k)]) * pixels;
      for (int64_t p = 0; p < pixels; ++p) {
        const int64_t ulp = ulp_distance(a[p], b[p]);
        distance.differ += ulp > 0 ? 1 : 0;
        distance.largest = std::max(distance.largest, ulp);
      }
    }
  }
  distance.outputs += masked.dim(0) * staying * pixels;
}

// Both networks side by side, operation by operation.
class Walk {
 public:
  Walk(const Model& rebuilt, const Model& masked, const std::vector<std::vector<int64_t>>& kept)
      : rebuilt_(rebuilt.frozen()), masked_(masked.frozen()), kept_(kept) {
    for (const Block& block : masked.architecture().blocks) {
      if (block.kind == BlockKind::kConv) {
        add(block.name + " conv");
      } else {
        add(block.name + " depthwise");
        add(block.name + " pointwise");
      }
      add(block.name + (block.norm == Norm::kNone ? " activation" : " norm"));
    }
    add("readout");
  }

  void run(const Tensor& images) {
    at_ = 0;
    Variable a(images);
    Variable b(images);
    const std::vector<Block>& blocks = masked_.architecture().blocks;
    for (size_t i = 0; i < blocks.size(); ++i) {
      compare_convolutions(i, a, b);
      a = rebuilt_.forward_blocks(a, i, i + 1, Mode::kEvaluation);
      b = masked_.forward_blocks(b, i, i + 1, Mode::kEvaluation);
      compare(a, b, kept_[i]);
    }
    std::vector<int64_t> outputs;
    for (int64_t o = 0; o < masked_.architecture().readout.outputs; ++o) outputs.push_back(o);
    compare(rebuilt_.forward_readout(a), masked_.forward_readout(b), outputs);
  }

  std::vector<OperationDistance> take() { return std::move(operations_); }

 private:
  void add(const std::string& operation) { operations_.push_back({.operation = operation}); }

  void compare(const Variable& a, const Variable& b, const std::vector<int64_t>& kept) {
    add_distances(a.value(), b.value(), kept, operations_[at_++]);
  }

  void compare_convolutions(size_t layer, const Variable& a, const Variable& b) {
    const Block& block = masked_.architecture().blocks[layer];
    const auto convolved = [&](const Model& model, const Variable& x, const char* kernel,
                               int64_t groups) {
      return conv2d(
          x, model.parameter(block.name + kernel),
          {.stride = block.stride,
           .padding = same_padding(x.shape()[2], x.shape()[3], block.kernel, block.stride),
           .groups = groups});
    };
    if (block.kind == BlockKind::kConv) {
      compare(convolved(rebuilt_, a, ".conv.weight", 1), convolved(masked_, b, ".conv.weight", 1),
              kept_[layer]);
      return;
    }
    const Variable da = convolved(rebuilt_, a, ".depthwise.weight", a.shape()[1]);
    const Variable db = convolved(masked_, b, ".depthwise.weight", b.shape()[1]);
    compare(da, db, kept_[layer - 1]);
    const std::string weight = block.name + ".pointwise.weight";
    compare(pointwise(da, rebuilt_.parameter(weight)), pointwise(db, masked_.parameter(weight)),
            kept_[layer]);
  }

  Model rebuilt_;
  Model masked_;
  const std::vector<std::vector<int64_t>>& kept_;
  std::vector<OperationDistance> operations_;
  size_t at_ = 0;  // the operation whose outputs come next
};

std::string reason_for(const std::string& first) {
  if (first.empty()) {
    return "In the masked network a removed filter adds exact zeros. Where sums take the other "
           "terms "
           "in the same order nothing is rounded otherwise, and no bit of these images' outputs "
           "is; "
           "the readout adds in groups, so other images may show a difference.";
  }
  if (first == "readout") {
    return "Up to the readout all bits agree: a sum over filters is one chain in a fixed order, in "
           "which a removed filter adds an exact zero. The readout adds filters times pixels in "
           "groups of a fixed length; with fewer terms the borders of the groups fall elsewhere, "
           "so the same terms are added in another grouping and rounded in other places.";
  }
  return fmt::format(
      "The outputs of {} are sums that are grouped by how many terms there are; "
      "with fewer, the same terms are added in another order and rounded in other "
      "places.",
      first);
}

}  // namespace

int64_t ulp_distance(float a, float b) {
  if (!std::isfinite(a) || !std::isfinite(b)) return std::numeric_limits<int64_t>::max();
  return std::abs(place_of(a) - place_of(b));
}

MaskedComparison compare_networks(const Model& rebuilt, const Model& masked,
                                  const std::vector<std::vector<int64_t>>& kept,
                                  const ImageVisitor& images, Observer& observer) {
  Walk walk(rebuilt, masked, kept);
  const Model a = rebuilt.frozen();
  const Model b = masked.frozen();
  std::vector<double> distances;
  MaskedComparison result;
  double difference = 0;
  double& largest = result.largest_response;
  const Progress before{.what = "rebuilt against masked",
                        .unit = "images",
                        .total = static_cast<double>(images.count)};
  watched(images, observer, before)([&](const Tensor& batch, int64_t) {
    walk.run(batch);
    const Tensor ya = a.forward(Variable(batch), Mode::kEvaluation).value();
    const Tensor yb = b.forward(Variable(batch), Mode::kEvaluation).value();
    for (int64_t i = 0; i < ya.numel(); ++i) {
      const int64_t ulp = ulp_distance(ya[i], yb[i]);
      distances.push_back(static_cast<double>(ulp));
      if (ulp > result.largest) {
        result.largest = ulp;
        result.at = yb[i];
      }
      const double apart = std::abs(double{ya[i]} - yb[i]);
      // Whatever is not finite must not pass as equal.
      difference = std::isfinite(apart) ? std::max(difference, apart) : INFINITY;
      largest = std::max(largest, std::abs(double{yb[i]}));
    }
  });
  require(!distances.empty(), "pruning", "wanted at least one image to compare networks on");
  result.responses = static_cast<int64_t>(distances.size());
  result.median = median_of(distances);
  result.relative = largest > 0 ? difference / largest : difference;
  result.operations = walk.take();
  for (const OperationDistance& operation : result.operations) {
    if (result.first.empty() && operation.largest > 0) result.first = operation.operation;
  }
  if (result.first.empty() && result.largest > 0) result.first = "a fused operation";
  result.reason = reason_for(result.first);
  return result;
}

MaskedComparison compare_with_masked(const Model& model,
                                     const std::vector<std::vector<int64_t>>& kept,
                                     const ImageVisitor& images, Observer& observer) {
  const MaskedComparison result = compare_networks(
      keep_everywhere(model, kept), mask_everywhere(model, kept), kept, images, observer);
  if (!(result.relative <= kRebuildTolerance)) {
    fail(ErrorKind::kVerification, "pruning",
         "the rebuilt network differs from the masked one by {:.3g} of its largest response",
         result.relative);
  }
  return result;
}

}  // namespace secateur
