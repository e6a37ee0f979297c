#include "prunebench/criteria/taylor.h"

#include "pruning/response/response_criterion.h"
#include "tensor/error.h"

namespace secateur {
namespace {

// r - t of every image, in the units that the network learns in.
std::vector<double> errors_of(const CriterionInput& input) {
  const Model constant = input.model.frozen();
  const Readout& readout = input.model.architecture().readout;
  const double offset = readout.offset.empty() ? 0.0 : readout.offset.front();
  const double gain = readout.gain.empty() ? 1.0 : readout.gain.front();
  std::vector<double> errors;
  input.images([&](const Tensor& batch, int64_t) {
    const Tensor responses = constant.forward(Variable(batch), Mode::kEvaluation).value();
    for (const float response : responses.values()) {
      require(errors.size() < input.labels.size(), "prunebench",
              "wanted a label for each image, got {}", input.labels.size());
      errors.push_back(response - (input.labels[errors.size()] - offset) / gain);
    }
  });
  return errors;
}

}  // namespace

FilterScores taylor_scores(const CriterionInput& input) {
  const std::vector<double> errors = errors_of(input);
  FilterScores scores;
  for (const auto& layer : measure_gate_derivatives(input.model, input.images)) {
    scores.emplace_back();
    for (const std::vector<double>& derivatives : layer) {
      double sum = 0;
      for (size_t i = 0; i < derivatives.size(); ++i) {
        const double slope = 2 * errors[i] * derivatives[i];
        sum += slope * slope;
      }
      scores.back().push_back(sum / static_cast<double>(derivatives.size()));
    }
  }
  return scores;
}

}  // namespace secateur
