#pragma once
// The tensors of a state dictionary that torch.save() wrote.

#include <map>
#include <string>

#include "tensor/tensor.h"

namespace secateur {

// By torch's names, in C order; float64 rounded to float32, and int64 scalars (counters) left out
// but for their names in `counters`. See formats/torch_model.h for what is refused.
struct TorchTensors {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, int64_t> counters;
};

TorchTensors read_torch_tensors(std::string bytes, const std::string& file);

}  // namespace secateur
