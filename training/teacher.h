#pragma once
// What a student learns from: one model, or an ensemble whose predictions are averaged.

#include <string>
#include <vector>

#include "models/model.h"
#include "models/predictor.h"

namespace secateur {

class Teacher {
 public:
  // Throws Error unless the members read the same input and give the same number of outputs.
  explicit Teacher(const std::vector<Model>& members);

  int64_t outputs() const { return members_.front().outputs(); }
  const InputSpec& input() const { return members_.front().input(); }
  int64_t parameters() const { return parameters_; }  // of all members together
  Tensor operator()(const Tensor& images) const;      // [n, 3, h, w] to [n, outputs]
  // Of the members, in their order; for keys of stored labels.
  const std::vector<std::string>& fingerprints() const { return fingerprints_; }

 private:
  std::vector<Predictor> members_;
  int64_t parameters_ = 0;
  std::vector<std::string> fingerprints_;
};

}  // namespace secateur
