#include "bench/student.h"

#include "tensor/rng.h"

namespace secateur {
namespace {

Tensor draw(const Shape& shape, double scale) {
  Rng rng(1, "student_step", 0);
  Tensor values(shape);
  for (float& v : values.values()) v = static_cast<float>(scale * rng.normal());
  return values;
}

}  // namespace

StudentStep::StudentStep(const Architecture& architecture, int64_t batch,
                         const std::string& optimiser)
    : model_(architecture, 1),
      optimiser_(make_optimiser(optimiser)),
      images_(draw(
          {batch, architecture.input.channels, architecture.input.height, architecture.input.width},
          60)),
      targets_(draw({batch, architecture.readout.outputs}, 1)) {}

void StudentStep::run() { optimiser_->learn(model_, images_, targets_, {}, 1e-4); }

}  // namespace secateur
