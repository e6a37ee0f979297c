#include "training/fixed_kernels.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tensor/error.h"

namespace secateur {
namespace {

class FixedKernelsHook : public Hook {
 public:
  explicit FixedKernelsHook(std::map<std::string, Tensor> kernels) : kernels_(std::move(kernels)) {}
  std::string name() const override { return "fixed kernels"; }
  void after_step(StepContext& context) override {
    for (const auto& [name, kernel] : kernels_) {
      std::ranges::copy(kernel.values(), context.model.tensor(name).data());
    }
  }

 private:
  const std::map<std::string, Tensor> kernels_;
};

}  // namespace

std::unique_ptr<Hook> fixed_kernels_hook(const Model& model, int64_t layers) {
  const std::vector<Block>& blocks = model.architecture().blocks;
  require(layers >= 0 && layers <= std::ssize(blocks), "training",
          "wanted at most {} layers with fixed kernels, got {}", blocks.size(), layers);
  std::map<std::string, Tensor> kernels;
  for (const ParameterSpec& spec : model.specs()) {
    if (spec.role != ParameterRole::kKernel) continue;
    for (int64_t i = 0; i < layers; ++i) {
      if (!spec.name.starts_with(blocks[static_cast<size_t>(i)].name + ".")) continue;
      kernels.emplace(spec.name, model.tensor(spec.name).clone());
    }
  }
  return std::make_unique<FixedKernelsHook>(std::move(kernels));
}

}  // namespace secateur
