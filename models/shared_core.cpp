#include "models/shared_core.h"

#include "tensor/error.h"

namespace secateur {
namespace {

// The dense readout of a factorised one with a single output.
std::map<std::string, Tensor> dense_readout(const Model& factorised) {
  const Tensor& mixing = factorised.tensor("readout.mixing.weight");
  const Tensor& spatial = factorised.tensor("readout.spatial.weight");
  const int64_t channels = mixing.dim(1);
  const int64_t pixels = spatial.dim(1) * spatial.dim(2);
  Tensor weight(Shape{1, channels, spatial.dim(1), spatial.dim(2)});
  for (int64_t i = 0; i < weight.numel(); ++i) weight[i] = mixing[i / pixels] * spatial[i % pixels];
  double spatial_sum = 0;
  for (const float s : spatial.values()) spatial_sum += s;
  const double bias = factorised.tensor("readout.bias")[0] +
                      factorised.tensor("readout.mixing.bias")[0] * spatial_sum;
  return {{"readout.weight", weight},
          {"readout.bias", Tensor::full({1}, static_cast<float>(bias))}};
}

}  // namespace

Model student_from_shared(const Model& shared, int64_t output) {
  const Model one = select_outputs(shared, {output});
  if (one.architecture().readout.kind == ReadoutKind::kDense) return one;
  Architecture architecture = one.architecture();
  architecture.readout.kind = ReadoutKind::kDense;
  std::map<std::string, Tensor> tensors = dense_readout(one);
  for (const auto& [name, tensor] : one.tensors()) {
    if (!name.starts_with("readout.")) tensors.emplace(name, tensor);
  }
  Model student(architecture, tensors);
  student.metadata = one.metadata;
  return student;
}

Model with_output_scale(const Model& model, const std::vector<double>& offset,
                        const std::vector<double>& gain) {
  const Readout& readout = model.architecture().readout;
  if (readout.offset == offset && readout.gain == gain) return model.clone();
  const size_t outputs = static_cast<size_t>(readout.outputs);
  require(offset.size() == outputs && gain.size() == outputs, "model",
          "wanted an offset and a gain for each of {} outputs, got {} and {}", outputs,
          offset.size(), gain.size());
  Model scaled = model.clone();
  // Both kinds of readout are linear in their spatial weights and their last bias.
  const bool dense = readout.kind == ReadoutKind::kDense;
  Tensor& weight = scaled.tensor(dense ? "readout.weight" : "readout.spatial.weight");
  Tensor& bias = scaled.tensor("readout.bias");
  const int64_t per_output = weight.numel() / readout.outputs;
  for (size_t o = 0; o < outputs; ++o) {
    require(gain[o] != 0, "model", "wanted a gain other than 0 for output {}", o);
    const double old_gain = readout.gain.empty() ? 1.0 : readout.gain[o];
    const double old_offset = readout.offset.empty() ? 0.0 : readout.offset[o];
    const int64_t at = static_cast<int64_t>(o);
    for (int64_t i = at * per_output; i < (at + 1) * per_output; ++i) {
      weight[i] = static_cast<float>(weight[i] * (old_gain / gain[o]));
    }
    bias[at] = static_cast<float>((old_offset + old_gain * bias[at] - offset[o]) / gain[o]);
  }
  scaled.set_output_scale(offset, gain);
  return scaled;
}

}  // namespace secateur
