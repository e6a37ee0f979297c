#include "training/teacher.h"

#include <algorithm>
#include <numeric>

#include "models/fingerprint.h"
#include "models/predictor.h"
#include "tensor/error.h"
#include "tensor/statistics.h"

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
  chosen_.resize(static_cast<size_t>(first.outputs));
  std::iota(chosen_.begin(), chosen_.end(), int64_t{0});
}

Teacher Teacher::with_outputs(const std::vector<int64_t>& outputs) const {
  const int64_t there = members_.front().outputs;
  for (const int64_t output : outputs) {
    require(output >= 0 && output < there, "teacher", "wanted an output below {}, got {}", there,
            output);
  }
  Teacher some = *this;
  some.chosen_ = outputs;
  return some;
}

bool Teacher::has_all_outputs() const {
  int64_t next = 0;
  return std::ranges::all_of(chosen_, [&](int64_t output) { return output == next++; }) &&
         next == members_.front().outputs;
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
  return has_all_outputs() ? sum : columns(sum, chosen_);
}

}  // namespace secateur
