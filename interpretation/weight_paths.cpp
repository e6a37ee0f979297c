#include "interpretation/weight_paths.h"

#include <utility>

#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {

void require_chain(const LayeredResponse& response) {
  const std::vector<Block>& blocks = response.model().architecture().blocks;
  for (size_t i = 0; i < blocks.size(); ++i) {
    const BlockKind kind = blocks[i].kind;
    const bool first = i == 0 && kind == BlockKind::kConv;
    require(first || kind == BlockKind::kPointwise || (i > 0 && kind == BlockKind::kSeparable),
            "interpret",
            "a circuit is read from a convolution and then separable or pointwise blocks; {} is "
            "another kind",
            blocks[i].name);
  }
  require(response.fused(), "interpret", "a circuit is read from images of few channels");
}

std::vector<Tensor> readout_maps(const LayeredResponse& response) {
  const Model& model = response.model();
  const Readout& readout = model.architecture().readout;
  const Shape shape = model.architecture().shape_before(response.layers());
  const double gain = readout.gain.empty() ? 1 : readout.gain.front();
  const bool dense = readout.kind == ReadoutKind::kDense;
  const Tensor& weight = model.tensor(dense ? "readout.weight" : "readout.spatial.weight");
  const int64_t plane = shape[1] * shape[2];
  std::vector<Tensor> maps;
  for (int64_t f = 0; f < shape[0]; ++f) {
    const double scale = dense ? gain : gain * model.tensor("readout.mixing.weight")[f];
    const float* const from = weight.data() + (dense ? f * plane : 0);
    Tensor map(Shape{shape[1], shape[2]});
    for (int64_t p = 0; p < plane; ++p) map[p] = static_cast<float>(scale * from[p]);
    maps.push_back(map);
  }
  return maps;
}

std::vector<std::vector<double>> path_gains(const LayeredResponse& response) {
  require_chain(response);
  std::vector<std::vector<double>> gains(response.layers());
  for (const Tensor& map : readout_maps(response)) {
    gains.back().push_back(
        pairwise_sum(std::vector<double>(map.values().begin(), map.values().end())));
  }
  for (size_t l = response.layers() - 1; l-- > 0;) {
    const Block& next = response.model().architecture().blocks[l + 1];
    const Tensor& mixing = response.model().tensor(next.name + ".pointwise.weight");
    for (int64_t a = 0; a < response.filters(l); ++a) {
      double kernel = 1;
      if (next.kind == BlockKind::kSeparable) {
        const Tensor one = response.model().tensor(next.name + ".depthwise.weight").rows(a, a + 1);
        const std::span<const float> values = std::as_const(one).values();
        kernel = pairwise_sum(std::vector<double>(values.begin(), values.end()));
      }
      double sum = 0;
      for (int64_t b = 0; b < next.filters; ++b) {
        sum += mixing[b * response.filters(l) + a] * gains[l + 1][static_cast<size_t>(b)];
      }
      gains[l].push_back(kernel * sum);
    }
  }
  return gains;
}

}  // namespace secateur
