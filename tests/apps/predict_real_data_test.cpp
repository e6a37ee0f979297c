// The published models on the published images, against values of an independent implementation.

#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>

#include "data/half_split.h"
#include "data/image_batches.h"
#include "data/recording.h"
#include "formats/npy.h"
#include "model_files/model_files.h"
#include "models/predictor.h"
#include "tensor/statistics.h"
#include "tests/shared_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

struct Session {
  std::string name;
  int64_t neurons;
  int64_t first_output;                            // of the shared models
  double compact, shared_ensemble, shared_direct;  // medians of raw r2, second half
};

void PrintTo(const Session& session, std::ostream* out) { *out << session.name; }

class Published : public testing::TestWithParam<Session> {
 protected:
  void SetUp() override {
    if (!fs::exists(shared() / "v4/compact_models") || !fs::exists(shared() / "reference")) {
      GTEST_SKIP() << "the published models are not here: set SECATEUR_SHARED to their folder";
    }
  }

  static Model compact(int64_t neuron) {
    return read_model(shared() / "v4/compact_models" /
                      fmt::format("compact_model_{}_neuron{}.keras", GetParam().name, neuron));
  }
  static fs::path reference(const std::string& pattern) {
    return shared() / "reference" / fmt::format(fmt::runtime(pattern), GetParam().name);
  }
  static std::vector<double> row(const NpyDoubles& table, int64_t which) {
    const int64_t n = table.shape[1];
    return {table.values.begin() + which * n, table.values.begin() + (which + 1) * n};
  }
  static std::vector<double> answers(const Model& model, const ImageSource& images,
                                     int64_t output = 0) {
    const Predictor predict(model);
    const Tensor table =
        respond_to_all(std::cref(predict), images, model.architecture().input.mean);
    std::vector<double> values;
    for (int64_t i = 0; i < table.dim(0); ++i) values.push_back(table[i * table.dim(1) + output]);
    return values;
  }
  static double median_of_r2(const Recording& recording,
                             const std::vector<std::vector<double>>& predictions) {
    const ImageRange half = half_range(Half::kSecond, recording.images);
    std::vector<double> r2;
    for (int64_t n = 0; n < recording.neurons; ++n) {
      const std::vector<double> recorded(recording.mean.begin() + n * recording.images + half.begin,
                                         recording.mean.begin() + n * recording.images + half.end);
      r2.push_back(squared_correlation(predictions[static_cast<size_t>(n)], recorded));
    }
    return median_of(r2);
  }
};

TEST_P(Published, ModelsAnswerAsTheReferenceOnTheSamePixels) {
  const ImageSourcePtr images = open_images(reference("pixels_{}_first50.npy"));
  const NpyDoubles wanted = read_npy_doubles(reference("compact_predictions_{}_first50.npy"));
  ASSERT_EQ(wanted.shape, Shape({GetParam().neurons, 50}));
  for (int64_t neuron = 0; neuron < GetParam().neurons; ++neuron) {
    const std::vector<double> expected = row(wanted, neuron);
    const std::vector<double> got = answers(compact(neuron), *images);
    const double deviation = std::sqrt(variance_of(expected, 0));
    for (size_t i = 0; i < expected.size(); ++i) {
      EXPECT_LE(std::abs(got[i] - expected[i]) / deviation, 1e-5)
          << "neuron " << neuron << ", image " << i;
    }
  }
}

TEST_P(Published, CompactModelsReproduceTheirMedian) {
  const Recording recording = load_recording(shared() / "v4", GetParam().name);
  ASSERT_EQ(recording.neurons, GetParam().neurons);
  const ImageRange half = half_range(Half::kSecond, recording.images);
  const ImageSourcePtr images =
      cache_images(image_range(recording.image_source, half.begin, half.end));
  const NpyDoubles reference_answers =
      read_npy_doubles(reference("compact_predictions_{}_all_float32.npy"));
  std::vector<std::vector<double>> predictions;
  for (int64_t neuron = 0; neuron < recording.neurons; ++neuron) {
    predictions.push_back(answers(compact(neuron), *images));
    const std::vector<double> all = row(reference_answers, neuron);
    const std::vector<double> wanted(all.begin() + half.begin, all.begin() + half.end);
    // Another JPEG decoder: a few grey levels, hardly seen in the answers.
    EXPECT_GE(correlation(predictions.back(), wanted), 0.9999) << "neuron " << neuron;
  }
  EXPECT_LE(std::abs(median_of_r2(recording, predictions) - GetParam().compact), 1e-3);
}

TEST_P(Published, SharedModelsReproduceTheirMedians) {
  const Recording recording = load_recording(shared() / "v4", GetParam().name);
  const ImageRange half = half_range(Half::kSecond, recording.images);
  const ImageSourcePtr images =
      cache_images(image_range(recording.image_source, half.begin, half.end));
  const std::pair<const char*, double> cases[] = {
      {"from_ensemble_model", GetParam().shared_ensemble},
      {"from_V4data_direct_fit", GetParam().shared_direct}};
  for (const auto& [folder, wanted] : cases) {
    const Model whole = read_model(shared() / "v4/shared_compact_models" / folder /
                                   "shared_compact_model_200filters.keras");
    const int64_t first = GetParam().first_output;
    std::vector<int64_t> outputs(static_cast<size_t>(recording.neurons));
    std::iota(outputs.begin(), outputs.end(), first);
    const Model part = select_outputs(whole, outputs);
    const Predictor predict(part);
    const Tensor table =
        respond_to_all(std::cref(predict), *images, part.architecture().input.mean);
    std::vector<std::vector<double>> predictions;
    for (int64_t n = 0; n < recording.neurons; ++n) {
      predictions.emplace_back();
      for (int64_t i = 0; i < table.dim(0); ++i) {
        predictions.back().push_back(table[i * table.dim(1) + n]);
      }
    }
    EXPECT_LE(std::abs(median_of_r2(recording, predictions) - wanted), 1e-3) << folder;
  }
}

TEST_P(Published, ModelsHaveTheParametersOfTheFormula) {
  for (int64_t neuron = 0; neuron < GetParam().neurons; ++neuron) {
    const Architecture architecture = compact(neuron).architecture();
    const std::vector<int64_t> f = filter_counts(architecture);
    int64_t wanted = 80 * f[0] + 784 * f[4] + 1;
    for (size_t i = 1; i < 5; ++i) wanted += 25 * f[i - 1] + f[i - 1] * f[i] + 5 * f[i];
    EXPECT_EQ(count_parameters(architecture).total, wanted) << "neuron " << neuron;
  }
}

INSTANTIATE_TEST_SUITE_P(Sessions, Published,
                         testing::Values(Session{"190923", 33, 0, 0.4039, 0.4094, 0.2694},
                                         Session{"201025", 89, 33, 0.4738, 0.5010, 0.3798}),
                         [](const auto& param) { return "s" + param.param.name; });

}  // namespace
}  // namespace secateur
