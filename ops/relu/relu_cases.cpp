#include "ops/op_case.h"
#include "ops/relu/relu.h"
#include "ops/relu/relu_ref.h"

namespace secateur {

OpRoom relu_room() {
  const auto relu_case = [](const std::string& name, const Shape& shape, bool model_shape) {
    return OpCase{.name = name,
                  .inputs = {{"x", shape}},
                  .apply = [](std::span<const Variable> in) { return relu(in[0]); },
                  .reference = Reference([](const auto& in) { return relu_ref(in[0]); }),
                  .model_shape = model_shape};
  };
  return {.op = "relu",
          .summary = "y = max(x, 0)",
          .cases = {relu_case("vector", {17}, false), relu_case("image", {3, 5, 7, 9}, false),
                    relu_case("student_layer0", {2, 100, 112, 112}, true)},
          .refused = {}};
}

}  // namespace secateur
