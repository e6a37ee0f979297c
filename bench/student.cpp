#include "bench/student.h"

#include "ops/mse_loss/mse_loss.h"
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

StudentStep::StudentStep(const Architecture& architecture, int64_t batch)
    : model_(architecture, 1),
      adam_(make_adam()),
      images_(draw(
          {batch, architecture.input.channels, architecture.input.height, architecture.input.width},
          60)),
      targets_(draw({batch, architecture.readout.outputs}, 1)) {}

void StudentStep::run() {
  backward(mse_loss(model_.forward(images_, Mode::kTraining), targets_));
  adam_->step(model_, 1e-4);
}

}  // namespace secateur
