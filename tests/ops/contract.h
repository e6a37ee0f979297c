#pragma once
// What every operation must hold, checked from its table of cases.

#include <string>
#include <vector>

#include "ops/backend/reproducibility.h"
#include "ops/op_case.h"

namespace secateur::contract {

// A case, with native products only or with those of libraries.
struct NamedCase {
  std::string room;
  OpCase op_case;
  Reproducibility reproducibility;
  std::string name() const {
    return room + "_" + op_case.name + "_" + std::string(reproducibility_name(reproducibility));
  }
};

std::vector<NamedCase> cases(bool model_shapes, Reproducibility reproducibility);
std::vector<NamedCase> cases(bool model_shapes);  // both

// While it lives.
class InForce {
 public:
  explicit InForce(Reproducibility wanted) : before_(reproducibility()) {
    set_reproducibility(wanted);
  }
  ~InForce() { set_reproducibility(before_); }
  InForce(const InForce&) = delete;
  InForce& operator=(const InForce&) = delete;

 private:
  Reproducibility before_;
};

// One forward and backward pass: the value, and the gradient of every differentiable input (empty
// for the others) for a random cotangent.
struct Pass {
  Tensor value;
  std::vector<Tensor> gradients;
};

std::vector<Tensor> draw_inputs(const OpCase& op_case);
Tensor draw_cotangent(const Shape& shape);
Pass run(const OpCase& op_case, const std::vector<Tensor>& inputs);

// Each returns an empty string, or what was violated.
std::string check_forward(const OpCase& op_case);
std::string check_every_gradient_element(const NamedCase& named);
std::string check_gradient_directions(const NamedCase& named);
std::string check_vjp_adds(const OpCase& op_case);
std::string check_poisoned_buffers(const OpCase& op_case);
std::string check_same_bits_on_threads(const OpCase& op_case);
std::string check_unwanted_gradients_are_skipped(const OpCase& op_case);
std::string check_bytes_kept(const OpCase& op_case);

}  // namespace secateur::contract
