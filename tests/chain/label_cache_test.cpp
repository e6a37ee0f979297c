// Labels that one run leaves for another (run.label_cache).

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "chain/materials.h"
#include "model_files/model_files.h"
#include "tensor/statistics.h"
#include "tests/chain/tiny_recipe.h"
#include "tests/models/lively_model.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

class Counting : public ChainObserver {
 public:
  void progress(const Progress& progress) override {
    if (progress.what == "teacher labels") ++batches;
  }
  int batches = 0;
};

class LabelCache : public testing::Test {
 protected:
  LabelCache() {
    const InputSpec input{.height = 32, .width = 32};
    write_model(folder_ / "teacher.safetensors",
                lively_model(student_architecture({3, 3, 3, 3, 3}, input, 8), 5));
  }

  // The labels of a run of these neurons, and how many batches the teacher was asked for.
  Tensor labels_of(const std::string& neurons, const std::string& cache, int& batches) {
    Recipe recipe = tiny_recipe();
    recipe.neuron = neurons;
    recipe.teacher = {(folder_ / "teacher.safetensors").string()};
    if (!cache.empty()) recipe.run.label_cache = folder_ / cache;
    const RunDirectory run = RunDirectory::create(folder_ / ("run" + std::to_string(++runs_)));
    Counting observer;
    Materials materials(recipe, run, observer);
    const Tensor labels = materials.images().labels.clone();
    batches = observer.batches;
    return labels;
  }

  TemporaryFolder folder_;
  int runs_ = 0;
};

TEST_F(LabelCache, ServesRunsOfOtherNeuronsBitForBit) {
  int batches = 0;
  const Tensor alone = labels_of("3,1", "", batches);
  EXPECT_GT(batches, 0);
  const Tensor first = labels_of("0", "cache", batches);
  EXPECT_GT(batches, 0);
  const Tensor later = labels_of("3,1", "cache", batches);
  EXPECT_EQ(batches, 0) << "labelled again";
  EXPECT_TRUE(same_bits(later, alone));
  EXPECT_FALSE(same_bits(columns(later, std::vector<int64_t>{0}), first));
  const auto files = std::filesystem::directory_iterator(folder_ / "cache");
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

}  // namespace
}  // namespace secateur
