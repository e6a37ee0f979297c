#include "tests/ops/contract.h"

#include <algorithm>
#include <cmath>

#include "tensor/arena.h"
#include "tensor/parallel.h"
#include "tensor/rng.h"

namespace secateur::contract {
namespace {

using Complex = std::complex<double>;
constexpr double kStep = 1e-100;  // exact to rounding: a complex step has no cancellation
constexpr double kEpsilon = 0x1p-24;

template <class T>
std::vector<RefTensor<T>> to_reference(const std::vector<Tensor>& tensors) {
  std::vector<RefTensor<T>> result;
  for (const Tensor& tensor : tensors) {
    RefTensor<T> reference(tensor.shape());
    for (int64_t i = 0; i < tensor.numel(); ++i) reference[i] = T(tensor[i]);
    result.push_back(std::move(reference));
  }
  return result;
}

// Rounding errors of a float32 sum of k terms grow like sqrt(k) * epsilon * its largest magnitude.
double tolerance(const OpCase& op_case, double largest) {
  return kEpsilon * (8.0 + 4.0 * std::sqrt(static_cast<double>(op_case.longest_sum))) * largest;
}

double dot_imaginary(const RefTensor<Complex>& value, const Tensor& cotangent) {
  double sum = 0;
  for (int64_t i = 0; i < cotangent.numel(); ++i) sum += value[i].imag() * cotangent[i];
  return sum / kStep;
}

std::string compare(const std::string& what, const Tensor& got, const std::vector<double>& wanted,
                    const OpCase& op_case) {
  double largest = 0;
  for (double w : wanted) largest = std::max(largest, std::abs(w));
  const double allowed = tolerance(op_case, largest);
  for (int64_t i = 0; i < got.numel(); ++i) {
    const double error = std::abs(got[i] - wanted[static_cast<size_t>(i)]);
    if (!(error <= allowed)) {
      return fmt::format("{}[{}]: wanted {:.9g}, got {:.9g}, error {:.3g} above {:.3g}", what, i,
                         wanted[static_cast<size_t>(i)], got[i], error, allowed);
    }
  }
  return {};
}

std::string compare_bits(const Pass& a, const Pass& b, const std::string& when) {
  if (!same_bits(a.value, b.value)) return "the value differs " + when;
  for (size_t i = 0; i < a.gradients.size(); ++i) {
    if (!same_bits(a.gradients[i], b.gradients[i])) {
      return fmt::format("gradient {} differs {}", i, when);
    }
  }
  return {};
}

std::vector<Variable> to_variables(const OpCase& op_case, const std::vector<Tensor>& inputs) {
  std::vector<Variable> variables;
  for (size_t i = 0; i < inputs.size(); ++i) {
    variables.emplace_back(inputs[i].clone(), op_case.inputs[i].differentiable);
  }
  return variables;
}

}  // namespace

std::vector<NamedCase> cases(bool model_shapes, Reproducibility reproducibility) {
  std::vector<NamedCase> result;
  for (const OpRoom& room : all_op_rooms()) {
    for (const OpCase& op_case : room.cases) {
      if (op_case.model_shape == model_shapes)
        result.push_back({room.op, op_case, reproducibility});
    }
  }
  return result;
}

std::vector<NamedCase> cases(bool model_shapes) {
  std::vector<NamedCase> both = cases(model_shapes, Reproducibility::kThreads);
  for (const NamedCase& one : cases(model_shapes, Reproducibility::kPortable)) both.push_back(one);
  return both;
}

std::vector<Tensor> draw_inputs(const OpCase& op_case) {
  std::vector<Tensor> tensors;
  for (size_t i = 0; i < op_case.inputs.size(); ++i) {
    const CaseInput& input = op_case.inputs[i];
    Rng rng(20240229, "contract/" + op_case.name + "/" + input.name, i);
    Tensor tensor(input.shape);
    for (float& v : tensor.values()) v = static_cast<float>(rng.uniform(input.low, input.high));
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

Tensor draw_cotangent(const Shape& shape) {
  Rng rng(20240229, "contract/cotangent");
  Tensor tensor(shape);
  for (float& v : tensor.values()) v = static_cast<float>(rng.uniform(-1, 1));
  return tensor;
}

Pass run(const OpCase& op_case, const std::vector<Tensor>& inputs) {
  const std::vector<Variable> variables = to_variables(op_case, inputs);
  const Variable y = op_case.apply(variables);
  Pass pass{.value = y.value().clone(), .gradients = {}};
  if (y.requires_grad()) backward(y, draw_cotangent(y.shape()));
  for (const Variable& v : variables) {
    pass.gradients.push_back(v.has_grad() ? v.grad().clone() : Tensor());
  }
  return pass;
}

bool same_bits_in_both_modes(const OpCase& op_case) {
  const std::vector<Tensor> inputs = draw_inputs(op_case);
  const auto pass_with = [&](Reproducibility mode) {
    const InForce in_force(mode);
    return run(op_case, inputs);
  };
  const Pass native = pass_with(Reproducibility::kPortable);
  return compare_bits(native, pass_with(Reproducibility::kThreads), "").empty();
}

std::string check_forward(const OpCase& op_case) {
  const std::vector<Tensor> inputs = draw_inputs(op_case);
  const Pass pass = run(op_case, inputs);
  const RefTensor<double> wanted = op_case.reference.real(to_reference<double>(inputs));
  if (pass.value.shape() != wanted.shape) {
    return fmt::format("wanted a value of shape {}, got {}", wanted.shape, pass.value.shape());
  }
  return compare("value", pass.value, wanted.values, op_case);
}

std::string check_every_gradient_element(const OpCase& op_case) {
  const std::vector<Tensor> inputs = draw_inputs(op_case);
  const Pass pass = run(op_case, inputs);
  const Tensor cotangent = draw_cotangent(pass.value.shape());
  auto reference = to_reference<Complex>(inputs);
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!op_case.inputs[i].differentiable) continue;
    if (pass.gradients[i].shape() != inputs[i].shape()) {
      return "no gradient for input " + op_case.inputs[i].name;
    }
    std::vector<double> wanted;
    for (int64_t k = 0; k < inputs[i].numel(); ++k) {
      reference[i][k] += Complex(0, kStep);
      wanted.push_back(dot_imaginary(op_case.reference.step(reference), cotangent));
      reference[i][k] = Complex(inputs[i][k], 0);
    }
    const std::string what = "gradient of " + op_case.inputs[i].name;
    if (std::string bad = compare(what, pass.gradients[i], wanted, op_case); !bad.empty()) {
      return bad;
    }
  }
  return {};
}

// Along a random direction v: <gradient, v> against Im <cotangent, f(x + i h v)> / h. Every second
// direction touches few elements, so that one wrong element is not lost in the sum.
std::string check_gradient_directions(const OpCase& op_case, int directions) {
  const std::vector<Tensor> inputs = draw_inputs(op_case);
  const Pass pass = run(op_case, inputs);
  const Tensor cotangent = draw_cotangent(pass.value.shape());
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!op_case.inputs[i].differentiable) continue;
    for (int d = 0; d < directions; ++d) {
      Rng rng(20240229, "contract/direction", static_cast<uint64_t>(d));
      auto reference = to_reference<Complex>(inputs);
      const int64_t count = inputs[i].numel();
      double got = 0;
      double magnitude = 0;
      for (int64_t k = 0; k < (d % 2 == 0 ? count : 7); ++k) {
        const int64_t at = d % 2 == 0 ? k : rng.below(count);
        const double v = rng.uniform(-1, 1);
        reference[i][at] += Complex(0, kStep * v);
        got += v * pass.gradients[i][at];
        magnitude += std::abs(v * pass.gradients[i][at]);
      }
      const double wanted = dot_imaginary(op_case.reference.step(reference), cotangent);
      const double allowed = tolerance(op_case, magnitude);
      if (!(std::abs(got - wanted) <= allowed)) {
        return fmt::format(
            "gradient of {} along direction {}: wanted {:.9g}, got {:.9g}, error above {:.3g}",
            op_case.inputs[i].name, d, wanted, got, allowed);
      }
    }
  }
  return {};
}

std::string check_vjp_adds(const OpCase& op_case) {
  const std::vector<Tensor> inputs = draw_inputs(op_case);
  const Pass alone = run(op_case, inputs);
  const std::vector<Variable> variables = to_variables(op_case, inputs);
  const Variable y = op_case.apply(variables);
  if (!y.requires_grad()) return {};
  for (const Variable& v : variables) {
    if (v.requires_grad()) v.add_grad(Tensor::full(v.shape(), 0.5f));
  }
  backward(y, draw_cotangent(y.shape()));
  for (size_t i = 0; i < variables.size(); ++i) {
    if (!variables[i].requires_grad()) continue;
    for (int64_t k = 0; k < inputs[i].numel(); ++k) {
      if (variables[i].grad()[k] != 0.5f + alone.gradients[i][k]) {
        return fmt::format("gradient of {}[{}] was not added to what was there",
                           op_case.inputs[i].name, k);
      }
    }
  }
  return {};
}

std::string check_poisoned_buffers(const OpCase& op_case) {
  const std::vector<Tensor> inputs = draw_inputs(op_case);
  const Pass clean = run(op_case, inputs);
  arena_poison(true);
  const Pass poisoned = run(op_case, inputs);
  arena_poison(false);
  return compare_bits(clean, poisoned, "when buffers start as NaN");
}

std::string check_same_bits_on_threads(const OpCase& op_case) {
  const std::vector<Tensor> inputs = draw_inputs(op_case);
  set_thread_budget(1);
  const Pass one = run(op_case, inputs);
  std::string bad;
  for (int threads : {1, 2, 3, 8}) {
    set_thread_budget(threads);
    bad = compare_bits(one, run(op_case, inputs), fmt::format("with {} threads", threads));
    if (!bad.empty()) break;
  }
  set_thread_budget(0);
  return bad;
}

std::string check_unwanted_gradients_are_skipped(const OpCase& op_case) {
  const std::vector<Tensor> inputs = draw_inputs(op_case);
  const Pass all = run(op_case, inputs);
  for (size_t wanted = 0; wanted < inputs.size(); ++wanted) {
    if (!op_case.inputs[wanted].differentiable) continue;
    OpCase only = op_case;
    for (size_t i = 0; i < inputs.size(); ++i) only.inputs[i].differentiable = i == wanted;
    const Pass pass = run(only, inputs);
    if (!same_bits(pass.gradients[wanted], all.gradients[wanted])) {
      return fmt::format("gradient of {} differs when no other is wanted",
                         op_case.inputs[wanted].name);
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (i != wanted && !pass.gradients[i].empty()) {
        return "a gradient was given to " + op_case.inputs[i].name + ", which wants none";
      }
    }
  }
  return {};
}

std::string check_bytes_kept(const OpCase& op_case) {
  const std::vector<Variable> variables = to_variables(op_case, draw_inputs(op_case));
  const int64_t before = arena_use().bytes_in_use;
  const Variable y = op_case.apply(variables);
  const int64_t kept = arena_use().bytes_in_use - before - y.value().numel() * 4;
  // The arena rounds every block up by at most an eighth.
  const int64_t allowed =
      op_case.bytes_kept + (op_case.bytes_kept + y.value().numel() * 4) / 7 + 1024;
  if (kept <= allowed) return {};
  return fmt::format("keeps {} bytes for backward, the table says {}", kept, op_case.bytes_kept);
}

}  // namespace secateur::contract
