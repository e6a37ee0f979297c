#include "training/teacher.h"

#include "models/fingerprint.h"
#include "models/predictor.h"
#include "tensor/error.h"

namespace secateur {

TeacherMember::TeacherMember(const Model& model)
    : input(model.architecture().input),
      outputs(model.architecture().readout.outputs),
      fingerprint(secateur::fingerprint(model)),
      respond(Predictor(model)) {}

TeacherMember::TeacherMember(const TrunkMember& member)
    : input(member.trunk->input()),
      outputs(member.outputs()),
      fingerprint(secateur::fingerprint(member)),
      respond(member) {}

Teacher::Teacher(const std::vector<TeacherMember>& members) : members_(members) {
  require(!members.empty(), "teacher", "wanted at least one model");
  const TeacherMember& first = members.front();
  for (const TeacherMember& member : members) {
    require(member.input == first.input && member.outputs == first.outputs, "teacher",
            "wanted members of one input and {} outputs, got {} outputs", first.outputs,
            member.outputs);
  }
}

std::vector<std::string> Teacher::fingerprints() const {
  std::vector<std::string> all;
  for (const TeacherMember& member : members_) all.push_back(member.fingerprint);
  return all;
}

Tensor Teacher::operator()(const Tensor& images) const {
  Tensor sum = members_.front().respond(images);
  for (size_t i = 1; i < members_.size(); ++i) {
    const Tensor more = members_[i].respond(images);
    for (int64_t k = 0; k < sum.numel(); ++k) sum[k] += more[k];
  }
  const float share = 1.0f / static_cast<float>(members_.size());
  if (members_.size() > 1) {
    for (float& v : sum.values()) v *= share;
  }
  return sum;
}

}  // namespace secateur
