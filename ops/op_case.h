#pragma once
// A room's table of cases (<op>_cases.cpp). One table drives, for every operation: forward against
// the reference, gradients against the complex-step derivative of the reference, determinism over
// threads, poisoned buffers, refusals, the bytes kept for backward, the benchmark and docs/ops.md.

#include <complex>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "autograd/variable.h"
#include "ops/reference_tensor.h"

namespace secateur {

struct CaseInput {
  std::string name;
  Shape shape;
  double low = -1.0;  // values are drawn uniformly from [low, high)
  double high = 1.0;
  bool differentiable = true;  // false: a constant such as a target; no gradient is checked
};

// Built from one generic callable, so that both number types run the same text:
//   Reference([](const auto& in) { return relu_ref(in[0]); })
class Reference {
 public:
  using Real = RefTensor<double>;
  using Step = RefTensor<std::complex<double>>;

  Reference() = default;
  template <class F>
  explicit Reference(F f) : real(f), step(f) {}

  std::function<Real(const std::vector<Real>&)> real;
  std::function<Step(const std::vector<Step>&)> step;
};

struct OpCase {
  std::string name;  // unique within the room: "stride2_pad_1_2"
  std::vector<CaseInput> inputs;
  std::function<Variable(std::span<const Variable>)> apply;
  Reference reference;
  // The longest sum behind one element of the value or of a gradient: the tolerance grows with its
  // square root, as rounding errors do.
  int64_t longest_sum = 1;
  // Multiply-adds of one forward pass (0 for operations that only move memory).
  int64_t multiply_adds = 0;
  // Bytes that must stay alive for backward, beyond the inputs and the value themselves.
  int64_t bytes_kept = 0;
  // A shape taken from the models: gradients are probed along a few random directions instead of
  // element by element, and the benchmark times it.
  bool model_shape = false;
};

struct RefusedCase {
  std::string name;
  std::function<void()> call;
  std::string message;  // the whole message of the Error
};

struct OpRoom {
  std::string op;
  std::string summary;  // one line: the formula, for docs/ops.md
  std::vector<OpCase> cases;
  std::vector<RefusedCase> refused;
};

// Every room, in the order of their names. The list is generated from the folder names; a room
// without <op>_room() does not link.
std::vector<OpRoom> all_op_rooms();

}  // namespace secateur
