#include "report/counted_how.h"

#include <fmt/format.h>

#include "report/markup.h"

namespace secateur {

std::string counted_how(const Architecture& architecture) {
  int64_t folded = 0;  // what fold_batch_norm() leaves
  for (const ParameterSpec& spec : parameter_specs(architecture)) {
    const bool stays = spec.role == ParameterRole::kKernel || spec.role == ParameterRole::kBias;
    if (stays) folded += spec.shape.numel();
  }
  if (folded == count_parameters(architecture).total) return "no batch norms";
  return fmt::format(
      "with batch norms, 4 numbers a filter; {} once they are folded into the weights",
      whole(folded));
}

}  // namespace secateur
