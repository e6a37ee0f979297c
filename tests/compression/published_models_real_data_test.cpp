// Published models, read from a folder that is not part of the project, compressed with natural
// images of one session and judged on those of another.

#include <gtest/gtest.h>

#include <filesystem>

#include "compression/compact_file.h"
#include "compression/search.h"
#include "compression/sensitivity.h"
#include "formats/keras.h"
#include "formats/npy.h"
#include "tensor/statistics.h"
#include "tests/compression/unwatched.h"
#include "tests/shared_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

#define NEEDS(path) \
  if (!fs::exists(path)) GTEST_SKIP() << "the published files are not here: " << (path)

Model published(const fs::path& path) {
  const StoredModel stored = read_keras(path);
  Model model(stored.architecture.get<Architecture>(), stored.tensors);
  return model;
}

// Batches of ten images from uint8 [n, 112, 112, 3], channel means subtracted.
std::vector<Tensor> pixel_batches(const fs::path& path) {
  NpyReader reader(path);
  const int64_t count = reader.rows();
  std::vector<uint8_t> pixels(static_cast<size_t>(count * reader.row_numel()));
  reader.read_rows(0, count, std::span<uint8_t>(pixels));
  constexpr int64_t kPlane = 112 * 112;
  std::vector<Tensor> batches;
  for (int64_t first = 0; first + 10 <= count; first += 10) {
    Tensor batch(Shape{10, 3, 112, 112});
    for (int64_t i = 0; i < 10 * kPlane; ++i) {
      for (int64_t c = 0; c < 3; ++c) {
        const uint8_t value = pixels[static_cast<size_t>((first * kPlane + i) * 3 + c)];
        batch[(i / kPlane * 3 + c) * kPlane + i % kPlane] =
            static_cast<float>(value) - kPublishedPixelMean[static_cast<size_t>(c)];
      }
    }
    batches.push_back(batch);
  }
  return batches;
}

TEST(PublishedModels, BecomeAFewKilobytes) {
  const fs::path calibration_path = shared() / "reference/pixels_201025_first50.npy";
  const fs::path test_path = shared() / "reference/pixels_190923_first50.npy";
  NEEDS(calibration_path);
  NEEDS(test_path);
  const std::vector<Tensor> calibration = pixel_batches(calibration_path);
  const std::vector<Tensor> test = pixel_batches(test_path);
  std::vector<double> sizes, losses;
  for (int neuron : {0, 5, 12, 20, 31}) {
    const fs::path path =
        shared() / fmt::format("v4/compact_models/compact_model_190923_neuron{}.keras", neuron);
    NEEDS(path);
    const Model model = published(path);
    const CompressionResult result = compress(model, calibration);
    const Model decoded = decode(parse(result.file, "memory"));
    EXPECT_LE(result.loss, 0.005) << path;
    EXPECT_EQ(
        response_loss(respond(fold_batch_norm(model), calibration), respond(decoded, calibration)),
        result.loss);
    for (const TensorDecision& decision : result.tensors) {
      for (int bits : decision.filter_bits) {
        EXPECT_GE(bits, 2) << decision.name;
        EXPECT_LE(bits, decision.name.ends_with("bias") ? 16 : 8) << decision.name;
      }
    }
    sizes.push_back(static_cast<double>(result.file.size()));
    losses.push_back(response_loss(respond(fold_batch_norm(model), test), respond(decoded, test)));
    EXPECT_LE(losses.back(), 0.02) << path;
  }
  EXPECT_LE(median_of(sizes), 4200.0);
  EXPECT_LE(median_of(losses), 0.01);
  RecordProperty("median_bytes", fmt::format("{}", median_of(sizes)));
  RecordProperty("median_loss", fmt::format("{}", median_of(losses)));
}

// One output per neuron, 219 of them, factorised readout.
TEST(PublishedModels, SharedModelCompresses) {
  const fs::path pixels = shared() / "reference/pixels_190923_first50.npy";
  const fs::path folder = shared() / "v4/shared_compact_models/from_ensemble_model";
  NEEDS(pixels);
  NEEDS(folder);
  fs::path smallest;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".keras") continue;
    if (smallest.empty() || entry.file_size() < fs::file_size(smallest)) smallest = entry.path();
  }
  NEEDS(smallest);
  const Model model = published(smallest);
  std::vector<Tensor> calibration = pixel_batches(pixels);
  calibration.resize(3);
  const CompressionResult result = compress(model, calibration, {.max_loss = 0.01});
  EXPECT_LE(result.loss, 0.01);
  const double plain = 4.0 * static_cast<double>(count_parameters(model.architecture()).total);
  EXPECT_LE(static_cast<double>(result.file.size()), plain / 5.0);
  EXPECT_TRUE(parse(result.file, "memory") == result.compact);
}

}  // namespace
}  // namespace secateur
