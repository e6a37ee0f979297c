#pragma once
// The tensors of a network as codes at a global step, each rounded by itself in the domain that
// costs least: weights, or cosines.

#include <vector>

#include "compression/compact_model.h"
#include "compression/quantiser.h"
#include "compression/sensitivity.h"
#include "models/model.h"

namespace secateur {

// What a tensor is estimated to cost at one step, all of it in bits.
struct TensorCost {
  double codes = 0.0;
  double steps = 0.0;
  double error = 0.0;  // its loss, at the going rate of bits for loss
  double total() const { return codes + steps + error; }
};

struct RoundedNetwork {
  CompactModel compact;
  std::vector<RoundingTrace> traces;             // by tensor
  std::vector<std::vector<double>> filter_loss;  // by tensor and filter: importance * error^2
  double predicted_loss = 0.0;                   // the sum of these
};

class TensorRounding {
 public:
  // `network` has no batch norms and must outlive it; `importance` is that of its weights. A bit is
  // worth `rate_weight` squared steps. `together`: the codes are a beginning for refinement.h.
  TensorRounding(const Model& network, std::vector<TensorImportance> importance, double rate_weight,
                 bool together);

  // What a bit is worth in loss.
  double bit_value(int global_step) const;
  // For every tensor the domain that costs less at this step. Before the first call all are in
  // weights.
  void choose_transforms(int global_step);
  std::vector<Transform> transforms() const;
  RoundedNetwork round(int global_step) const;

  // Of either choice, as last compared; 0 for a tensor that cannot be transformed.
  const TensorCost& plain_cost(size_t tensor) const { return tensors_[tensor].cost_plain; }
  const TensorCost& transformed_cost(size_t tensor) const {
    return tensors_[tensor].cost_transformed;
  }

 private:
  // A tensor with its two plans.
  struct Planned {
    const ParameterSpec* spec;
    TensorLayout layout;
    TensorImportance importance;
    TensorPlan plain;
    TensorPlan transformed;
    Transform chosen = Transform::kNone;
    TensorCost cost_plain;
    TensorCost cost_transformed;
  };
  Planned planned(const ParameterSpec& spec, TensorImportance importance, bool together) const;
  CompactTensor rounded(const Planned& tensor, Transform transform, int global_step,
                        RoundingTrace* trace = nullptr) const;
  TensorCost cost_in_bits(const Planned& tensor, Transform transform, int global_step) const;
  std::vector<double> filter_loss(const CompactTensor& tensor, const Planned& planned,
                                  int global_step) const;

  const Model& network_;
  double rate_weight_;
  std::vector<Planned> tensors_;
};

// Importances in the domain of a transform.
const std::vector<double>& in_domain(const TensorImportance& importance, Transform transform);

}  // namespace secateur
