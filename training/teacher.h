#pragma once
// What a student learns from: one network, or an ensemble whose predictions are averaged.

#include <functional>
#include <string>
#include <vector>

#include "models/model.h"
#include "training/trunk_member.h"

namespace secateur {

// A model, or a readout on a frozen trunk; either converts, so that a teacher is made of any.
struct TeacherMember {
  TeacherMember(const Model& model);
  TeacherMember(const TrunkMember& member);

  InputSpec input;
  int64_t outputs;
  std::string fingerprint;
  std::function<Tensor(const Tensor&)> respond;  // [n, 3, h, w] to [n, outputs]
};

class Teacher {
 public:
  // Throws Error unless the members read the same input and give the same number of outputs.
  explicit Teacher(const std::vector<TeacherMember>& members);

  int64_t outputs() const { return members_.front().outputs; }
  const InputSpec& input() const { return members_.front().input; }
  Tensor operator()(const Tensor& images) const;  // [n, 3, h, w] to [n, outputs]
  // Of the members, in their order; for keys of stored labels.
  std::vector<std::string> fingerprints() const;

 private:
  std::vector<TeacherMember> members_;
};

}  // namespace secateur
