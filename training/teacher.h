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

  // The same members, responding with these of their outputs, in this order. The others are
  // computed all the same, so that a response has the same bits whatever stands beside it. Throws
  // Error for an output that there is not.
  Teacher with_outputs(const std::vector<int64_t>& outputs) const;
  // The same members, responding with all that they have.
  Teacher with_all_outputs() const { return Teacher(members_); }
  // Which of the members' outputs it responds with.
  const std::vector<int64_t>& chosen() const { return chosen_; }

  int64_t outputs() const { return static_cast<int64_t>(chosen_.size()); }
  const InputSpec& input() const { return members_.front().input; }
  Tensor operator()(const Tensor& images) const;  // [n, 3, h, w] to [n, outputs]
  // Of the members, in their order; for keys of stored labels. They do not know the choice.
  std::vector<std::string> fingerprints() const;
  // Whether the choice is all of them, in their order.
  bool has_all_outputs() const;

 private:
  std::vector<TeacherMember> members_;
  std::vector<int64_t> chosen_;
};

}  // namespace secateur
