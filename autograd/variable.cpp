#include "autograd/variable.h"

#include <algorithm>
#include <atomic>
#include <queue>

#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {

struct Variable::Node {
  Shape shape;
  Tensor value;
  Tensor grad;
  bool requires_grad = false;
  bool has_grad = false;
  uint64_t sequence = 0;  // creation order; inputs always precede the results made from them
  std::vector<Variable> inputs;
  Vjp vjp;
};

namespace {

uint64_t next_sequence() {
  static std::atomic<uint64_t> counter{0};
  return ++counter;
}

// Elementwise, so the cut into blocks cannot change the result.
void add_into(Tensor& sum, const Tensor& term) {
  constexpr int64_t kBlock = 1 << 16;
  parallel_for((sum.numel() + kBlock - 1) / kBlock, [&](int64_t block) {
    const int64_t end = std::min(sum.numel(), (block + 1) * kBlock);
    float* const to = sum.data();
    const float* const from = term.data();
    for (int64_t i = block * kBlock; i < end; ++i) to[i] += from[i];
  });
}

}  // namespace

Variable::Variable(Tensor value, bool requires_grad) : node_(std::make_shared<Node>()) {
  node_->shape = value.shape();
  node_->value = std::move(value);
  node_->requires_grad = requires_grad;
  node_->sequence = next_sequence();
}

const Tensor& Variable::value() const {
  require(defined(), "autograd", "this variable was never given a value");
  return node_->value;
}

Tensor& Variable::mutable_value() {
  require(defined() && !node_->vjp, "autograd",
          "only a leaf may be written: the result of an operation is needed for its gradient");
  return node_->value;
}

const Shape& Variable::shape() const {
  require(defined(), "autograd", "this variable was never given a value");
  return node_->shape;
}

bool Variable::requires_grad() const { return defined() && node_->requires_grad; }
bool Variable::has_grad() const { return defined() && node_->has_grad; }

const Tensor& Variable::grad() const {
  require(has_grad(), "autograd", "no gradient was added to this variable");
  return node_->grad;
}

void Variable::add_grad(Tensor contribution) const {
  if (!requires_grad()) return;
  require(contribution.shape() == shape(), "autograd", "wanted a gradient of shape {}, got {}",
          shape(), contribution.shape());
  if (node_->has_grad) {
    add_into(node_->grad, contribution);
  } else {
    // An operation may hand on storage that others see, such as dy itself: that is copied.
    node_->grad = contribution.is_shared() ? contribution.clone() : std::move(contribution);
    node_->has_grad = true;
  }
}

void Variable::clear_grad() const {
  require(defined(), "autograd", "this variable was never given a value");
  node_->grad = Tensor();
  node_->has_grad = false;
}

std::optional<Tensor> Variable::take_value() const {
  // Two handles are the rule's own: the one that it captured, and the one among the inputs.
  if (!defined() || !node_->vjp || node_.use_count() > 2 || node_->value.is_shared()) return {};
  return std::move(node_->value);
}

Variable record(Tensor value, std::vector<Variable> inputs, Vjp vjp) {
  Variable result(std::move(value));
  const bool wanted = std::any_of(inputs.begin(), inputs.end(),
                                  [](const Variable& input) { return input.requires_grad(); });
  if (wanted) {
    result.node_->requires_grad = true;
    result.node_->inputs = std::move(inputs);
    result.node_->vjp = std::move(vjp);
  }
  return result;
}

void backward(const Variable& root, const Tensor& cotangent) {
  require(root.requires_grad(), "autograd", "nothing that made this value requires a gradient");
  root.add_grad(cotangent.clone());
  const auto older = [](const Variable& a, const Variable& b) {
    return a.node_->sequence < b.node_->sequence;
  };
  // Creation order is a topological order: when the newest pending result is taken, everything that
  // uses it has run. A result with several users is queued several times and runs once.
  std::priority_queue<Variable, std::vector<Variable>, decltype(older)> pending(older);
  pending.push(root);
  while (!pending.empty()) {
    const Variable current = pending.top();
    pending.pop();
    Variable::Node& node = *current.node_;
    if (!node.vjp || !node.has_grad) continue;
    const Vjp vjp = std::move(node.vjp);
    node.vjp = nullptr;
    const Tensor dy = std::move(node.grad);
    current.clear_grad();
    if (current.node_.use_count() == 1) node.value = Tensor();
    vjp(dy);
    for (Variable& input : node.inputs) {
      if (input.requires_grad()) pending.push(std::move(input));
    }
    node.inputs.clear();
  }
}

void backward(const Variable& root) {
  require(root.value().numel() == 1, "autograd",
          "backward() without a cotangent wants one element, got {}", root.shape());
  backward(root, Tensor::full(root.shape(), 1.0f));
}

}  // namespace secateur
