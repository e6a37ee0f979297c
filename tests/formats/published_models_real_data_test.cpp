// The published files, read from a folder that is not part of the project.

#include <gtest/gtest.h>

#include <filesystem>

#include "formats/input_file.h"
#include "formats/jpeg.h"
#include "formats/keras.h"
#include "formats/npy.h"
#include "formats/safetensors.h"
#include "formats/zip.h"
#include "tests/shared_folder.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

#define NEEDS(path) \
  if (!fs::exists(path)) GTEST_SKIP() << "the published files are not here: " << (path)

std::vector<fs::path> keras_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".keras") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

int64_t parameters(const StoredModel& model) {
  int64_t count = 0;
  for (const auto& [name, tensor] : model.tensors) count += tensor.numel();
  return count;
}

// The count of parameters of a student by its filters: 80 f0 + sum (25 f[i-1] + f[i-1] f[i] + 5
// f[i])
// + 784 f4 + 1.
int64_t student_parameters(const std::vector<int64_t>& f) {
  int64_t count = 80 * f[0] + 784 * f.back() + 1;
  for (size_t i = 1; i < f.size(); ++i) count += 25 * f[i - 1] + f[i - 1] * f[i] + 5 * f[i];
  return count;
}

std::vector<int64_t> filters(const StoredModel& model) {
  std::vector<int64_t> result;
  for (const auto& block : model.architecture["blocks"]) result.push_back(block["filters"]);
  return result;
}

void expect_same_tensors(const StoredModel& a, const StoredModel& b) {
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (const auto& [name, tensor] : a.tensors) {
    ASSERT_TRUE(b.tensors.contains(name)) << name;
    EXPECT_TRUE(same_bits(tensor, b.tensors.at(name))) << name;
  }
}

TEST(PublishedModels, CompactModelsHaveTheParametersOfTheirFilters) {
  NEEDS(shared() / "v4/compact_models");
  std::vector<int64_t> counts;
  for (const fs::path& path : keras_files(shared() / "v4/compact_models")) {
    const StoredModel model = read_keras(path);
    ASSERT_EQ(filters(model).size(), 5u) << path;
    EXPECT_EQ(parameters(model), student_parameters(filters(model))) << path;
    EXPECT_EQ(model.architecture["readout"]["outputs"], 1) << path;
    for (const auto& block : model.architecture["blocks"]) EXPECT_EQ(block["activation"], "relu");
    counts.push_back(parameters(model));
  }
  EXPECT_EQ(counts.size(), 122u);
  EXPECT_GE(*std::min_element(counts.begin(), counts.end()), 5225);
  EXPECT_LE(*std::max_element(counts.begin(), counts.end()), 25038);
}

TEST(PublishedModels, OtherFormatsHoldTheSameTensors) {
  NEEDS(shared() / "v4/compact_models_other_formats");
  for (const char* name :
       {"190923_neuron0", "190923_neuron1", "201025_neuron2", "201025_neuron51"}) {
    SCOPED_TRACE(name);
    const std::string file = std::string("compact_model_") + name;
    const StoredModel archive = read_keras(shared() / "v4/compact_models" / (file + ".keras"));
    const fs::path others = shared() / "v4/compact_models_other_formats";
    const StoredModel legacy = read_keras_h5(others / (file + ".h5"));
    const StoredModel weights = read_keras_h5(others / (file + ".weights.h5"));
    expect_same_tensors(archive, legacy);
    expect_same_tensors(archive, weights);
    EXPECT_EQ(archive.architecture, legacy.architecture);
    EXPECT_EQ(archive.architecture, weights.architecture);
  }
}

TEST(PublishedModels, SharedModelsAreRead) {
  NEEDS(shared() / "v4/shared_compact_models");
  size_t count = 0;
  for (const fs::path& path : keras_files(shared() / "v4/shared_compact_models")) {
    const StoredModel model = read_keras(path);
    EXPECT_EQ(model.architecture["readout"],
              nlohmann::json({{"kind", "factorised"}, {"outputs", 219}}));
    EXPECT_EQ(model.tensors.at("readout.spatial.weight").shape(), Shape({219, 28, 28}));
    const bool linear = path.parent_path().filename().string().starts_with("linear");
    for (const auto& block : model.architecture["blocks"]) {
      EXPECT_EQ(block["activation"], linear ? "linear" : "relu") << path;
    }
    ++count;
  }
  EXPECT_EQ(count, 15u);
}

TEST(PublishedModels, SurviveOurOwnFormat) {
  const fs::path path = shared() / "v4/compact_models/compact_model_201025_neuron2.keras";
  NEEDS(path);
  const StoredModel model = read_keras(path);
  const TemporaryFolder folder;
  const fs::path copy = folder / "neuron2.safetensors";
  write_safetensors_model(copy, model);
  const StoredModel again = read_safetensors_model(copy);
  expect_same_tensors(model, again);
  EXPECT_EQ(model.architecture, again.architecture);
  EXPECT_EQ(model.metadata, again.metadata);
}

// The pixels of the reference were decoded with libjpeg; another decoder differs by a few levels.
TEST(PublishedImages, AreDecodedCloseToTheReference) {
  NEEDS(shared() / "v4/images");
  for (const char* session : {"190923", "201025"}) {
    const NpyReader pixels(shared() / fmt::format("reference/pixels_{}_first50.npy", session));
    ASSERT_EQ(pixels.shape(), Shape({50, 112, 112, 3}));
    const ZipReader zip(shared() / fmt::format("v4/images/images_{}.zip", session));
    std::map<std::string, int64_t> by_name;
    for (int64_t i = 0; i < std::ssize(zip.entries()); ++i) {
      by_name[fs::path(zip.entries()[i].name).filename().string()] = i;
    }
    double sum = 0;
    int largest = 0;
    for (int64_t image = 0; image < 50; ++image) {
      const auto entry = by_name.at(fmt::format("image{:04}.jpg", image + 1));
      const Image8 decoded = decode_jpeg(zip.read(entry, 1 << 20), "image");
      ASSERT_EQ(decoded.rgb.size(), static_cast<size_t>(pixels.row_numel()));
      std::vector<uint8_t> wanted(decoded.rgb.size());
      pixels.read_rows(image, image + 1, wanted);
      for (size_t i = 0; i < wanted.size(); ++i) {
        const int difference = std::abs(int{wanted[i]} - int{decoded.rgb[i]});
        sum += difference;
        largest = std::max(largest, difference);
      }
    }
    const double mean = sum / static_cast<double>(50 * pixels.row_numel());
    RecordProperty(std::string("mean_difference_") + session, std::to_string(mean));
    EXPECT_LE(mean, 1.0) << session;
    EXPECT_LE(largest, 40) << session;
  }
}

TEST(PublishedImages, EveryArchiveIsReadWhole) {
  NEEDS(shared() / "v4/images");
  for (const auto& entry : fs::directory_iterator(shared() / "v4/images")) {
    const ZipReader zip(entry.path());
    int pictures = 0;
    for (int64_t i = 0; i < std::ssize(zip.entries()); ++i) {
      if (zip.entries()[i].is_folder) continue;
      const std::string bytes = zip.read(i, 1 << 20);
      const Image8 image = decode_image(bytes, zip.entries()[i].name);
      EXPECT_EQ(image.height, 112);
      EXPECT_EQ(image.width, 112);
      ++pictures;
    }
    EXPECT_GE(pictures, 300) << entry.path();
  }
}

TEST(PublishedResponses, AreRead) {
  NEEDS(shared() / "v4/responses");
  const NpyDoubles averaged = read_npy_doubles(shared() / "v4/responses/responses_201025.npy");
  EXPECT_EQ(averaged.shape, Shape({89, 1200}));
  const NpyReader raw(shared() / "v4/responses_raw/responses_210325.npy");
  EXPECT_EQ(raw.shape().rank(), 3);
  EXPECT_EQ(raw.type(), "f8");
}

}  // namespace
}  // namespace secateur
