// The settings of the controls: what they leave in a run.

#include <gtest/gtest.h>

#include "chain/chain.h"
#include "model_files/model_files.h"
#include "models/initialisation.h"
#include "tests/chain/tiny_recipe.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

TEST(ControlSettings, ALinearStudentStaysLinearToTheCompactFile) {
  const TemporaryFolder folder;
  Recipe recipe = tiny_recipe();
  recipe.distill.activation = "linear";
  ChainObserver observer;
  const RunDirectory run = RunDirectory::create(folder / "run");
  run_stages(run, recipe, observer, "compress");
  for (const char* file : {"oriented_edge_student.safetensors", "oriented_edge_pruned.safetensors",
                           "oriented_edge_compact.secateur"}) {
    for (const Block& block : read_model(run.model(file)).architecture().blocks) {
      EXPECT_EQ(block.activation, Activation::kLinear) << file << ", " << block.name;
    }
  }
  recipe.start = "somewhere.safetensors";
  expect_refused([&] { run_stages(run, recipe, observer, "distill"); },
                 "distill.activation wants relu with start=", ErrorKind::kUsage);
}

// Random filters that stay as they are drawn, in the retrained network those of them that are left.
TEST(ControlSettings, FixedLayersKeepTheirFirstKernels) {
  const TemporaryFolder folder;
  Recipe recipe = tiny_recipe();
  recipe.distill.fixed_layers = 2;
  recipe.distill.smooth_every = 16;
  ChainObserver observer;
  const RunDirectory run = RunDirectory::create(folder / "run");
  run_stages(run, recipe, observer, "retrain");
  const Model student = read_model(run.model("oriented_edge_student.safetensors"));
  for (const ParameterSpec& spec : student.specs()) {
    if (spec.role != ParameterRole::kKernel) continue;
    const bool fixed = spec.name.starts_with("layer0.") || spec.name.starts_with("layer1.");
    EXPECT_EQ(same_bits(student.tensor(spec.name),
                        initial_value(spec, static_cast<uint64_t>(recipe.seed))),
              fixed)
        << spec.name;
  }
  const Model pruned = read_model(run.model("oriented_edge_pruned.safetensors"));
  const Model retrained = read_model(run.model("oriented_edge_retrained.safetensors"));
  for (const char* name :
       {"layer0.conv.weight", "layer1.depthwise.weight", "layer1.pointwise.weight"}) {
    EXPECT_TRUE(same_bits(retrained.tensor(name), pruned.tensor(name))) << name;
  }
  EXPECT_FALSE(same_bits(retrained.tensor("readout.weight"), pruned.tensor("readout.weight")));
}

}  // namespace
}  // namespace secateur
