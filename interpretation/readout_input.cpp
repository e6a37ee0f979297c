#include "interpretation/readout_input.h"

#include "interpretation/model_input.h"
#include "tensor/parallel.h"

namespace secateur {

std::vector<std::vector<double>> readout_input(const Model& model, const Tensor& pixels) {
  const Model folded = fold_batch_norm(model).frozen();
  std::vector<std::vector<double>> rows(static_cast<size_t>(pixels.dim(0)));
  parallel_for(pixels.dim(0), [&](int64_t i) {
    const Variable image(without_mean(pixels.rows(i, i + 1), model.architecture().input));
    const Variable maps =
        folded.forward_blocks(image, 0, folded.architecture().blocks.size(), Mode::kEvaluation);
    rows[static_cast<size_t>(i)].assign(maps.value().values().begin(), maps.value().values().end());
  });
  return rows;
}

}  // namespace secateur
