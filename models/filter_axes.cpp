#include "models/filter_axes.h"

#include "tensor/error.h"

namespace secateur {

FilterAxes filter_axes(const Architecture& architecture, const std::string& tensor) {
  const int blocks = static_cast<int>(architecture.blocks.size());
  if (tensor.starts_with("readout.")) {
    if (tensor == "readout.weight") return {.input_axis = 1, .input_block = blocks - 1};
    return {};
  }
  for (int b = 0; b < blocks; ++b) {
    const std::string& name = architecture.blocks[static_cast<size_t>(b)].name;
    if (!tensor.starts_with(name + ".")) continue;
    if (tensor == name + ".depthwise.weight") return {.input_axis = 0, .input_block = b - 1};
    if (tensor == name + ".pointwise.weight") {
      return {.axis = 0, .block = b, .input_axis = 1, .input_block = b - 1};
    }
    return {.axis = 0, .block = b};
  }
  fail(ErrorKind::kUsage, "model", "{} belongs to no layer", tensor);
}

}  // namespace secateur
