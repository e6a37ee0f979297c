#include "interpretation/readout_input.h"

#include "tensor/parallel.h"

namespace secateur {

std::vector<std::vector<double>> readout_input(const Model& model, const Tensor& pixels) {
  const InputSpec& in = model.architecture().input;
  const Model folded = fold_batch_norm(model).frozen();
  const int64_t plane = in.height * in.width;
  std::vector<std::vector<double>> rows(static_cast<size_t>(pixels.dim(0)));
  parallel_for(pixels.dim(0), [&](int64_t i) {
    Tensor image = pixels.rows(i, i + 1).clone();
    for (int64_t k = 0; k < image.numel(); ++k) image[k] -= in.mean[static_cast<size_t>(k / plane)];
    const Variable maps = folded.forward_blocks(
        Variable(image), 0, folded.architecture().blocks.size(), Mode::kEvaluation);
    rows[static_cast<size_t>(i)].assign(maps.value().values().begin(), maps.value().values().end());
  });
  return rows;
}

}  // namespace secateur
