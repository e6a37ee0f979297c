// The labels: the teacher's responses to the images that the students will see.

#include "training/labels.h"

#include <algorithm>
#include <bit>

#include "chain/seen_pictures.h"
#include "chain/stage.h"
#include "provenance/manifest.h"
#include "tensor/error.h"
#include "tensor/sha256.h"
#include "training/kept_states.h"

namespace secateur {
namespace {

void compute(const StageContext& context) {
  context.materials.images();
  write_seen(context.run, kSeenByRun, seen_by_run(context.recipe(), context.subject()));
}

// Of the list of all pictures seen, which the stage makes as well; runs of earlier versions have
// none.
std::vector<std::string> list_differences(const StageContext& context) {
  const std::filesystem::path file = context.run.model(kSeenByRun);
  if (!std::filesystem::exists(file)) return {};
  const std::string made = seen_by_run(context.recipe(), context.subject()).text();
  if (sha256_of_file(file) == sha256_of(made)) return {};
  return {fmt::format("models/{}: it is another list than is made again", kSeenByRun)};
}

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

// The labels that the run was trained on, as its file has them. Earlier versions named it
// otherwise; a run has one such file.
Tensor kept_labels(const StageContext& context) {
  namespace fs = std::filesystem;
  const fs::path folder = context.run.file("labels");
  const fs::path file = folder / context.materials.label_file();
  if (fs::exists(file)) return read_labels(file);
  std::vector<fs::path> others;
  for (const ManifestFile& other : files_below(folder, folder)) others.push_back(other.path);
  require(others.size() == 1, "labels",
          "the run holds no labels of this teacher and these images: there is no {}",
          file.string());
  return read_labels(others.front());
}

std::vector<std::string> row_differences(const StageContext& context, Stretch rows) {
  const Tensor kept = kept_labels(context);
  const auto set = distillation_set(context.recipe(), context.subject());
  const Teacher& teacher = context.materials.teacher().teacher;
  if (kept.shape() != Shape{set->size(), teacher.outputs()}) {
    return {fmt::format("labels: the run has {}, wanted [{}, {}]", kept.shape(), set->size(),
                        teacher.outputs())};
  }
  const Tensor made = label_rows(teacher, *set, rows.from, rows.to);
  for (int64_t i = 0; i < made.numel(); ++i) {
    const float was = kept[rows.from * kept.dim(1) + i];
    if (std::bit_cast<uint32_t>(was) == std::bit_cast<uint32_t>(made[i])) continue;
    return {fmt::format("labels: row {}, output {} is {} in the run and {} when made again",
                        rows.from + i / kept.dim(1), i % kept.dim(1), was, made[i])};
  }
  if (rows.to == kept.dim(0)) return list_differences(context);
  return {};
}

}  // namespace

Stage labels_stage() {
  return {.name = "labels",
          .product = "labels",
          .scope = Scope::kRun,
          .reads = {"config.toml", "input:*", "models/teacher_member*?"},
          .makes = {"labels/*", fmt::format("models/{}?", kSeenByRun)},
          .unit = "rows",
          .make = compute,
          .borders = batch_borders,
          .differences = row_differences};
}

}  // namespace secateur
