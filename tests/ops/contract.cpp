#include "tests/ops/contract.h"

#include <algorithm>
#include <cmath>
#include <map>

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

// What the reference says of a case, by name: made once for both modes.
template <class Make>
const auto& made_once(const NamedCase& named, Make make) {
  static std::map<std::string, decltype(make())> made;
  const auto [at, is_new] = made.try_emplace(named.room + "/" + named.op_case.name);
  if (is_new) at->second = make();
  return at->second;
}

// The derivative of <cotangent, value> by every element of every differentiable input.
std::vector<std::vector<double>> every_derivative(const OpCase& op_case,
                                                  const std::vector<Tensor>& inputs) {
  auto reference = to_reference<Complex>(inputs);
  const Tensor cotangent = draw_cotangent(op_case.reference.step(reference).shape);
  std::vector<std::vector<double>> derivatives(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!op_case.inputs[i].differentiable) continue;
    for (int64_t k = 0; k < inputs[i].numel(); ++k) {
      reference[i][k] += Complex(0, kStep);
      derivatives[i].push_back(dot_imaginary(op_case.reference.step(reference), cotangent));
      reference[i][k] = Complex(inputs[i][k], 0);
    }
  }
  return derivatives;
}

// A direction v in one input, and the derivative along it: Im <cotangent, f(x + i h v)> / h.
struct Direction {
  size_t input;
  std::vector<std::pair<int64_t, double>> steps;  // element, v
  double derivative = 0;
};

// Every second direction touches few elements, so that one wrong element is not lost in the sum.
std::vector<Direction> some_derivatives(const OpCase& op_case, const std::vector<Tensor>& inputs) {
  constexpr int kDirections = 4;
  constexpr int64_t kFew = 7;
  std::vector<Direction> directions;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!op_case.inputs[i].differentiable) continue;
    const int64_t count = inputs[i].numel();
    for (int d = 0; d < kDirections; ++d) {
      Rng rng(20240229, "contract/direction", static_cast<uint64_t>(d));
      Direction direction{.input = i, .steps = {}};
      auto reference = to_reference<Complex>(inputs);
      const bool all = d % 2 == 0;
      for (int64_t k = 0; k < (all ? count : kFew); ++k) {
        const int64_t at = all ? k : rng.below(count);
        direction.steps.emplace_back(at, rng.uniform(-1, 1));
        reference[i][at] += Complex(0, kStep * direction.steps.back().second);
      }
      const RefTensor<Complex> value = op_case.reference.step(reference);
      direction.derivative = dot_imaginary(value, draw_cotangent(value.shape));
      directions.push_back(std::move(direction));
    }
  }
  return directions;
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

std::string check_forward(const OpCase& op_case) {
  const std::vector<Tensor> inputs = draw_inputs(op_case);
  const Pass pass = run(op_case, inputs);
  const RefTensor<double> wanted = op_case.reference.real(to_reference<double>(inputs));
  if (pass.value.shape() != wanted.shape) {
    return fmt::format("wanted a value of shape {}, got {}", wanted.shape, pass.value.shape());
  }
  return compare("value", pass.value, wanted.values, op_case);
}

std::string check_every_gradient_element(const NamedCase& named) {
  const OpCase& op_case = named.op_case;
  const std::vector<Tensor> inputs = draw_inputs(op_case);
  const Pass pass = run(op_case, inputs);
  const auto& wanted = made_once(named, [&] { return every_derivative(op_case, inputs); });
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!op_case.inputs[i].differentiable) continue;
    if (pass.gradients[i].shape() != inputs[i].shape()) {
      return "no gradient for input " + op_case.inputs[i].name;
    }
    const std::string what = "gradient of " + op_case.inputs[i].name;
    if (std::string bad = compare(what, pass.gradients[i], wanted[i], op_case); !bad.empty()) {
      return bad;
    }
  }
  return {};
}

std::string check_gradient_directions(const NamedCase& named) {
  const OpCase& op_case = named.op_case;
  const std::vector<Tensor> inputs = draw_inputs(op_case);
  const Pass pass = run(op_case, inputs);
  for (const Direction& direction :
       made_once(named, [&] { return some_derivatives(op_case, inputs); })) {
    double got = 0;
    double magnitude = 0;
    for (const auto& [at, step] : direction.steps) {
      const double part = step * pass.gradients[direction.input][at];
      got += part;
      magnitude += std::abs(part);
    }
    const double allowed = tolerance(op_case, magnitude);
    if (!(std::abs(got - direction.derivative) <= allowed)) {
      return fmt::format(
          "gradient of {}: wanted {:.9g} along a direction, got {:.9g}, error above "
          "{:.3g}",
          op_case.inputs[direction.input].name, direction.derivative, got, allowed);
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
