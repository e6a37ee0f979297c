#include "training/checkpoint.h"

#include <gtest/gtest.h>

#include "formats/atomic_file.h"
#include "formats/safetensors.h"
#include "tests/formats/expect_refused.h"
#include "tests/models/lively_model.h"
#include "tests/temporary_folder.h"
#include "tests/training/small_problem.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

class Checkpoint : public testing::Test {
 protected:
  Checkpoint() {
    hooks_.push_back(smoothing_hook(10, 0.5));
    for (const ParameterSpec& spec : model_.specs()) {
      if (spec.trainable) model_.parameter(spec.name).add_grad(model_.tensor(spec.name).clone());
    }
    adam_->step(model_, 1e-3);
  }

  void write(const std::string& key, int64_t step) {
    write_checkpoint(path(), key, model_, *adam_, hooks_, {.step = step, .last_loss = 0.1 * 3});
  }
  fs::path path() const { return folder_ / "loop.safetensors"; }
  std::string bytes() const { return read_file(path(), 1 << 30); }

  std::optional<LoopPlace> read(const std::string& key) {
    fresh_ = Model(small_student(), 99);
    fresh_adam_ = make_adam();
    return read_checkpoint(path(), key, fresh_, *fresh_adam_, hooks_);
  }
  void expect_damaged(const std::string& content) {
    write_file_atomically(path(), content);
    try {
      read("key");
      ADD_FAILURE() << "a damaged checkpoint was read";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kBadInput) << error.what();
      EXPECT_NE(std::string(error.what()).find("loop.safetensors"), std::string::npos);
    }
    EXPECT_TRUE(same_tensors(fresh_, Model(small_student(), 99))) << "half read";
    EXPECT_EQ(fresh_adam_->updates(), 0);
  }

  TemporaryFolder folder_;
  Model model_ = lively_model(small_student(), 1);
  std::unique_ptr<GradientOptimiser> adam_ = make_adam();
  Hooks hooks_;
  Model fresh_{small_student(), 99};
  std::unique_ptr<Optimiser> fresh_adam_;
};

TEST_F(Checkpoint, HoldsTheWholeState) {
  EXPECT_EQ(read("key"), std::nullopt);
  write("key", 41);
  const std::optional<LoopPlace> place = read("key");
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->step, 41);
  EXPECT_EQ(place->last_loss, 0.1 * 3);
  EXPECT_TRUE(same_tensors(fresh_, model_));
  EXPECT_EQ(fresh_adam_->updates(), 1);
  ASSERT_EQ(fresh_adam_->state().size(), adam_->state().size());
  for (const auto& [name, tensor] : adam_->state()) {
    EXPECT_TRUE(same_bits(fresh_adam_->state().at(name), tensor)) << name;
  }
}

TEST_F(Checkpoint, SameStateSameBytes) {
  write("key", 41);
  const std::string first = bytes();
  write("key", 41);
  EXPECT_EQ(bytes(), first);
}

TEST_F(Checkpoint, SaysItsContentInASha256) {
  write("key", 41);
  EXPECT_EQ(read_safetensors(path()).metadata.at("secateur.content").size(), 64u);
}

// 75757c59a1d177c4 is what such a checkpoint said of the state of this fixture.
TEST_F(Checkpoint, WithAHashOf64BitsIsReadAndHeldToIt) {
  write("key", 41);
  SafetensorsFile file = read_safetensors(path());
  file.metadata["secateur.content"] = "75757c59a1d177c4";
  write_safetensors(path(), file);
  EXPECT_EQ(read("key")->step, 41);
  EXPECT_TRUE(same_tensors(fresh_, model_));
  float& weight = file.tensors.at("model/layer2.bn.beta")[0];
  weight = std::nextafter(weight, 10.0f);
  write_safetensors(path(), file);
  expect_damaged(bytes());
}

TEST_F(Checkpoint, OfAnotherKeyIsRefused) {
  write("key", 41);
  expect_refused([&] { read("another key"); }, "loop.safetensors belongs to another run",
                 ErrorKind::kUsage);
}

TEST_F(Checkpoint, ThePreviousOneIsTakenWhenTheFileIsMissing) {
  write("key", 1);
  write("key", 2);
  EXPECT_EQ(read("key")->step, 2);
  fs::remove(path());
  EXPECT_EQ(read("key")->step, 1);
  remove_checkpoint(path());
  EXPECT_TRUE(fs::is_empty(folder_.path()));
  EXPECT_EQ(read("key"), std::nullopt);
}

TEST_F(Checkpoint, TruncatedIsRefusedAndThePreviousOneNotTaken) {
  write("key", 1);
  write("key", 2);
  const std::string whole = bytes();
  for (const double share : {0.0, 0.001, 0.1, 0.5, 0.99}) {
    expect_damaged(whole.substr(0, static_cast<size_t>(share * static_cast<double>(whole.size()))));
  }
  expect_damaged(whole.substr(0, whole.size() - 1));
  expect_damaged(whole + '\0');
}

TEST_F(Checkpoint, AnyFlippedBitIsRefused) {
  write("key", 2);
  const std::string whole = bytes();
  Rng rng(1, "flips");
  for (int i = 0; i < 200; ++i) {
    // Half of them in the header, which is short.
    const int64_t size = static_cast<int64_t>(i % 2 == 0 ? whole.size() : 2000);
    std::string flipped = whole;
    const size_t at = static_cast<size_t>(rng.below(size));
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << rng.below(8)));
    SCOPED_TRACE(fmt::format("byte {}", at));
    expect_damaged(flipped);
  }
}

TEST_F(Checkpoint, AnotherFileIsNoCheckpoint) {
  write_safetensors_model(path(), {.architecture = model_.architecture(),
                                   .tensors = model_.tensors(),
                                   .metadata = nlohmann::json::object()});
  expect_refused([&] { read("key"); }, "is not a checkpoint");
}

}  // namespace
}  // namespace secateur
