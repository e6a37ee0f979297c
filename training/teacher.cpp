#include "training/teacher.h"

#include "models/fingerprint.h"
#include "ops/elementwise.h"
#include "tensor/error.h"

namespace secateur {

Teacher::Teacher(const std::vector<Model>& members) {
  require(!members.empty(), "teacher", "wanted at least one model");
  for (const Model& member : members) {
    const Architecture& a = member.architecture();
    const Architecture& first = members.front().architecture();
    require(a.input == first.input && a.readout.outputs == first.readout.outputs, "teacher",
            "wanted members of one input and {} outputs, got {} outputs", first.readout.outputs,
            a.readout.outputs);
    members_.emplace_back(member);
    parameters_ += count_parameters(a).total;
    fingerprints_.push_back(fingerprint(member));
  }
}

Tensor Teacher::operator()(const Tensor& images) const {
  Tensor sum = members_.front()(images);
  for (size_t i = 1; i < members_.size(); ++i) {
    const Tensor more = members_[i](images);
    for (int64_t k = 0; k < sum.numel(); ++k) sum[k] += more[k];
  }
  const float share = 1.0f / static_cast<float>(members_.size());
  if (members_.size() > 1) {
    for (float& v : sum.values()) v *= share;
  }
  return sum;
}

}  // namespace secateur
