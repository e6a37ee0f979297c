#include "ops/add/add.h"
#include "ops/add/add_ref.h"
#include "ops/op_case.h"

namespace secateur {
namespace {

OpCase add_case(const std::string& name, const Shape& shape, bool model_shape) {
  return {.name = name,
          .inputs = {{"a", shape}, {"b", shape}},
          .apply = [](std::span<const Variable> in) { return add(in[0], in[1]); },
          .reference = Reference([](const auto& in) { return add_ref(in[0], in[1]); }),
          .model_shape = model_shape};
}

}  // namespace

OpRoom add_room() {
  return {.op = "add",
          .summary = "y = a + b",
          .cases = {add_case("vector", {17}, false), add_case("image", {3, 5, 7, 9}, false),
                    add_case("member_block", {16, 512, 7, 7}, true)},
          .refused = {{"other_shape",
                       [] {
                         add(Variable(Tensor::zeros({2, 3})), Variable(Tensor::zeros({3, 2})));
                       },
                       "[add] wanted b [2, 3], got [3, 2]"}}};
}

}  // namespace secateur
