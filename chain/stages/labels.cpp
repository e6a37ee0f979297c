// The labels: the teacher's responses to the images that the students will see.

#include "training/labels.h"

#include <algorithm>
#include <bit>

#include "chain/stage.h"
#include "tensor/error.h"
#include "training/kept_states.h"

namespace secateur {
namespace {

void compute(const StageContext& context) { context.materials.images(); }

// Whole batches, since a teacher may respond to another batch with other last bits.
std::vector<int64_t> batch_borders(const StageContext& context) {
  const int64_t rows = distillation_set(context.recipe(), context.subject())->size();
  const int64_t batches = (rows + kLabelBatch - 1) / kLabelBatch;
  std::vector<int64_t> borders;
  for (const int64_t batch : kept_steps(batches)) {
    borders.push_back(std::min(rows, batch * kLabelBatch));
  }
  return borders;
}

std::vector<std::string> row_differences(const StageContext& context, Stretch rows) {
  const LabelledImages& images = context.materials.images();
  const Tensor& kept = images.labels;
  const Tensor made =
      label_rows(context.materials.teacher().teacher, *images.set, rows.from, rows.to);
  for (int64_t i = 0; i < made.numel(); ++i) {
    const float was = kept[rows.from * kept.dim(1) + i];
    if (std::bit_cast<uint32_t>(was) == std::bit_cast<uint32_t>(made[i])) continue;
    return {fmt::format("labels: row {}, output {} is {} in the run and {} when made again",
                        rows.from + i / kept.dim(1), i % kept.dim(1), was, made[i])};
  }
  return {};
}

}  // namespace

Stage labels_stage() {
  return {.name = "labels",
          .product = "labels",
          .scope = Scope::kRun,
          .reads = {"config.toml", "input:*", "models/teacher_member*"},
          .makes = {"labels/*"},
          .unit = "rows",
          .make = compute,
          .borders = batch_borders,
          .differences = row_differences};
}

}  // namespace secateur
