#pragma once
// The retrained model as a compact file.

#include <filesystem>

#include "apps/chain/stages.h"

namespace secateur {

struct CompactStage {
  Model model;  // decoded from the file: what is evaluated is what the file says
  std::filesystem::path file;
};

CompactStage compress_stage(const StageContext& context, size_t target);

// Batches of the first `count` images of a source, for the search of the compression.
std::vector<Tensor> calibration_batches(const ImageSource& images, const std::array<float, 3>& mean,
                                        int64_t count);

}  // namespace secateur
