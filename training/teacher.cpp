#include "training/teacher.h"

#include "data/content_hash.h"
#include "ops/elementwise.h"
#include "tensor/error.h"

namespace secateur {

std::string model_identity(const Model& model) {
  ContentHash hash;
  hash.add(nlohmann::json(model.architecture()).dump());
  for (const auto& [name, tensor] : model.tensors()) {
    hash.add(name);
    hash.add(std::span(reinterpret_cast<const uint8_t*>(tensor.data()),
                       static_cast<size_t>(tensor.numel()) * sizeof(float)));
  }
  return hash.hex();
}

Teacher::Teacher(const std::vector<Model>& members) {
  require(!members.empty(), "teacher", "wanted at least one model");
  ContentHash hash;
  for (const Model& member : members) {
    const Architecture& a = member.architecture();
    const Architecture& first = members.front().architecture();
    require(a.input == first.input && a.readout.outputs == first.readout.outputs, "teacher",
            "wanted members of one input and {} outputs, got {} outputs", first.readout.outputs,
            a.readout.outputs);
    members_.emplace_back(member);
    parameters_ += count_parameters(a).total;
    hash.add(model_identity(member));
  }
  identity_ = hash.hex();
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
