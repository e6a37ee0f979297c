#pragma once
// A model as a file holds it: the neutral form that every model reader returns and every model
// writer takes.
//
// architecture: {"input": {"channels": 3, "height": 112, "width": 112, "mean": [m0, m1, m2]},
//                "blocks": [{"kind": "conv" | "separable", "name": "layer0", "filters": 57,
//                            "kernel": 5, "stride": 1, "activation": "relu" | "linear",
//                            "epsilon": 1e-05 where its batch norm has not Keras' 1e-3}, ...],
//                "readout": {"kind": "dense" | "factorised", "outputs": 1}}
// tensors, by name (N a block, weights OIHW):
//   layerN.conv.weight [O, I, k, k], layerN.conv.bias [O]                 a conv block
//   layerN.depthwise.weight [C, 1, k, k], layerN.pointwise.weight [O, C, 1, 1],
//   layerN.pointwise.bias [O]                                            a separable block
//   layerN.bn.gamma, .beta, .moving_mean, .moving_variance [O]           either
//   readout.weight [outputs, C, H, W], readout.bias [outputs]            dense
//   readout.mixing.weight [outputs, C], readout.mixing.bias [outputs],
//   readout.spatial.weight [outputs, H, W], readout.bias [outputs]       factorised
// metadata: an object of facts about the file that change no prediction.

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "tensor/tensor.h"

namespace secateur {

struct StoredModel {
  nlohmann::json architecture;
  std::map<std::string, Tensor> tensors;
  nlohmann::json metadata = nlohmann::json::object();
};

}  // namespace secateur
