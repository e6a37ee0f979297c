#pragma once
// Reverse-mode automatic differentiation over tensors.
//
// A Variable is a handle to a value that the engine may differentiate with respect to. An operation
// computes its value and calls record() with its inputs and its vector-Jacobian product; the engine
// knows no operation by name. backward() walks the recorded operations in the reverse order of
// their creation and frees what each kept as soon as it has run, so a graph is differentiated once;
// results that nobody holds a handle to are freed as well.

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "tensor/tensor.h"

namespace secateur {

// dy has the shape of the operation's value. The rule adds its contribution to every input that
// wants one with input.add_grad().
using Vjp = std::function<void(const Tensor& dy)>;

class Variable {
 public:
  Variable() = default;  // defined() is false
  // A leaf: a constant, or a parameter when requires_grad.
  explicit Variable(Tensor value, bool requires_grad = false);

  bool defined() const { return node_ != nullptr; }
  const Tensor& value() const;
  Tensor& mutable_value();     // for optimisers: leaves only, throws Error otherwise
  const Shape& shape() const;  // also when the value was taken

  // Whether a gradient is wanted here; an operation may skip work for inputs where it is not.
  bool requires_grad() const;
  bool has_grad() const;
  const Tensor& grad() const;  // throws Error when none was added
  // grad += contribution. The first one becomes the gradient itself, without a copy unless another
  // handle shares its storage.
  void add_grad(Tensor contribution) const;
  void clear_grad() const;

  // For rules, while they run: takes the value of an input away when nobody else can read it any
  // more (it is the result of an operation, this rule is its only user, and no handle is left
  // outside of the graph), so that its storage can become the gradient. Nothing otherwise.
  std::optional<Tensor> take_value() const;

 private:
  struct Node;
  friend Variable record(Tensor value, std::vector<Variable> inputs, Vjp vjp);
  friend void backward(const Variable& root, const Tensor& cotangent);

  std::shared_ptr<Node> node_;
};

// The result of an operation. When no input requires a gradient the rule is dropped at once.
Variable record(Tensor value, std::vector<Variable> inputs, Vjp vjp);

// Adds d<cotangent, root>/d(leaf) into the gradient of every leaf that requires one. Gradients of
// intermediate results are released on the way.
void backward(const Variable& root, const Tensor& cotangent);
void backward(const Variable& root);  // for a root of one element: cotangent 1

}  // namespace secateur
