#include "tests/ops/view_inputs.h"

#include "tests/ops/contract.h"

namespace secateur::contract {
namespace {

// A read-only view of a copy of `values` that begins `floats` floats beyond a cache line.
Tensor lent(const Tensor& values, int64_t floats) {
  Tensor memory(Shape{values.numel() + floats});
  std::copy_n(values.data(), values.numel(), memory.data() + floats);
  const float* const begin = memory.data() + floats;
  return Tensor::view(values.shape(), begin, std::make_shared<Tensor>(std::move(memory)));
}

Pass run_on_views(const OpCase& op_case, const std::vector<Tensor>& inputs, int64_t floats) {
  std::vector<Variable> variables;
  for (size_t i = 0; i < inputs.size(); ++i) {
    variables.emplace_back(lent(inputs[i], floats), op_case.inputs[i].differentiable);
  }
  const Variable y = op_case.apply(variables);
  Pass pass{.value = y.value().clone(), .gradients = {}};
  if (y.requires_grad()) backward(y, lent(draw_cotangent(y.shape()), floats));
  for (size_t i = 0; i < inputs.size(); ++i) {
    pass.gradients.push_back(variables[i].has_grad() ? variables[i].grad().clone() : Tensor());
    if (!same_bits(variables[i].value(), inputs[i])) pass.value = Tensor();
  }
  return pass;
}

}  // namespace

std::string check_views(const OpCase& op_case) {
  const std::vector<Tensor> inputs = draw_inputs(op_case);
  const Pass own = run(op_case, inputs);
  for (const int64_t floats : {1, 15}) {
    const Pass views = run_on_views(op_case, inputs, floats);
    const std::string when = fmt::format("on memory {} bytes beyond a cache line", 4 * floats);
    if (!same_bits(own.value, views.value)) return "the value, or an input, differs " + when;
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (same_bits(own.gradients[i], views.gradients[i])) continue;
      return fmt::format("the gradient of {} differs {}", op_case.inputs[i].name, when);
    }
  }
  return {};
}

}  // namespace secateur::contract
