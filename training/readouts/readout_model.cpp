#include "training/readouts/readout_model.h"

#include <map>

namespace secateur {

Model model_with_readout(const Model& core, size_t blocks, const FittedReadout& readout) {
  Architecture cut = core.architecture();
  cut.blocks.resize(blocks);
  cut.readout = {.kind = ReadoutKind::kDense, .outputs = 1};
  Architecture whole = cut;
  whole.readout = {.kind = ReadoutKind::kDense,
                   .outputs = readout.weight.dim(0),
                   .offset = readout.offset,
                   .gain = readout.gain};
  std::map<std::string, Tensor> tensors;
  for (const ParameterSpec& spec : parameter_specs(cut)) {
    if (!spec.name.starts_with("readout.")) tensors.emplace(spec.name, core.tensor(spec.name));
  }
  if (!readout.hidden_weight.empty()) {
    whole.blocks.push_back({.kind = BlockKind::kPointwise,
                            .name = "readout_hidden",
                            .filters = readout.hidden_weight.dim(0),
                            .kernel = 1,
                            .norm = Norm::kNone});
    tensors.emplace("readout_hidden.pointwise.weight", readout.hidden_weight);
    tensors.emplace("readout_hidden.pointwise.bias", readout.hidden_bias);
  }
  tensors.emplace("readout.weight", readout.weight);
  tensors.emplace("readout.bias", readout.bias);
  return Model(whole, tensors);
}

}  // namespace secateur
