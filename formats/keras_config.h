#pragma once
// A Keras model configuration (config.json of a .keras archive, or the attribute model_config of a
// legacy .h5) to the chain of layers it describes.

#include <nlohmann/json.hpp>
#include <string>

#include "formats/keras_graph.h"

namespace secateur {

// Layers outside the published family, and every attribute that would change the computation, are
// Error(kBadInput) naming `file`, the layer and the attribute. Attributes that are absent have the
// value that Keras gives them.
KerasGraph read_keras_config(const nlohmann::json& config, const std::string& file);

}  // namespace secateur
