#include "training/trunk_member.h"

#include <gtest/gtest.h>

#include <cmath>

#include "data/image_batches.h"
#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "formats/safetensors.h"
#include "models/predictor.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"
#include "tests/training/small_problem.h"
#include "tests/training/square_trunk.h"
#include "training/labels.h"
#include "training/ridge_readout.h"
#include "training/trunk_features.h"
#include "training/trunk_on_images.h"

namespace secateur {
namespace {

constexpr int64_t kTrunkImages = 60;
const InputSpec kOfSquares{.height = 8, .width = 8, .mean = {100, 100, 100}};

std::shared_ptr<const Trunk> small_trunk(const std::string& name = "squares") {
  return trunk_on_images(std::make_shared<SquareTrunk>(kOfSquares, name), kSquareInput);
}

// Readouts of three neurons: of the brightness, the same upside down, and of its square.
class TrunkMemberTest : public testing::Test {
 protected:
  TrunkMemberTest() : responses_(Shape{kTrunkImages, 3}) {
    for (int64_t i = 0; i < kTrunkImages; ++i) {
      const float value = problem_.brightness[static_cast<size_t>(i)];
      responses_[3 * i] = value;
      responses_[3 * i + 1] = -value;
      responses_[3 * i + 2] = value * value;
    }
  }
  TrunkMember fitted(const std::shared_ptr<const Trunk>& trunk = small_trunk()) const {
    Observer nobody;
    const RidgeOnMaps found =
        fit_ridge(maps_of(*trunk, problem_.set->images(), "", nobody), responses_, nobody);
    return {.trunk = trunk,
            .readout = {.weight = found.weight,
                        .bias = found.bias,
                        .hidden_weight = {},
                        .hidden_bias = {},
                        .offset = {1, 2, 3},
                        .gain = {10, 20, 30}},
            .metadata = {{"member", 4}}};
  }
  Tensor inputs() const {
    return first_image_batches(problem_.set->images(), kSquareInput.mean, 5).front();
  }

  const SmallProblem problem_{kTrunkImages, 2, 4};
  Tensor responses_;
  const TemporaryFolder folder_;
};

// What was fitted is what labels are made of, on the scale of the recording.
TEST_F(TrunkMemberTest, AnswersAsItWasFitted) {
  const Tensor answers = respond_to_all(fitted(), problem_.set->images(), kSquareInput.mean);
  ASSERT_EQ(answers.shape(), (Shape{kTrunkImages, 3}));
  double worst = 0;
  for (int64_t i = 0; i < kTrunkImages; ++i) {
    worst = std::max<double>(worst, std::abs(answers[3 * i] - (1 + 10 * responses_[3 * i])));
    worst =
        std::max<double>(worst, std::abs(answers[3 * i + 1] - (2 + 20 * responses_[3 * i + 1])));
  }
  EXPECT_LE(worst, 0.8) << "of responses that reach from -20 to 20";
}

TEST_F(TrunkMemberTest, IsReadAsItWasWritten) {
  const TrunkMember member = fitted();
  const auto file = folder_ / "member.safetensors";
  write_trunk_member(file, member);
  const TrunkMember read = read_trunk_member(file, small_trunk());
  EXPECT_TRUE(same_bits(read(inputs()), member(inputs())));
  EXPECT_EQ(read.metadata, member.metadata);
  EXPECT_EQ(fingerprint(read), fingerprint(member));
  const std::string bytes = read_file(file, 1 << 20);
  write_trunk_member(file, read);
  EXPECT_EQ(read_file(file, 1 << 20), bytes);
}

TEST_F(TrunkMemberTest, IsRefusedOnAnotherTrunkAndWhereItIsNotWhole) {
  const auto file = folder_ / "member.safetensors";
  write_trunk_member(file, fitted());
  const auto refused = [&](const std::string& sentence) {
    expect_refused_naming([&] { read_trunk_member(file, small_trunk()); }, sentence, file.string());
  };
  expect_refused_naming(
      [&] { read_trunk_member(file, small_trunk("cubes")); },
      "was fitted on the trunk 'squares:of 16x16 less 116.222,109.27,100.381', the one given is "
      "cubes:of 16x16",
      file.string());
  // No other verb takes it for a model.
  expect_refused_naming([&] { read_safetensors_model(file); },
                        "is no model but a readout on the trunk 'squares:of 16x16", file.string());
  const SafetensorsFile whole = read_safetensors(file);
  const auto changed = [&](const std::function<void(SafetensorsFile&)>& change) {
    SafetensorsFile content = whole;
    change(content);
    write_safetensors(file, content);
  };
  changed([](SafetensorsFile& f) { f.tensors.erase("readout.bias"); });
  refused("has no readout.weight, readout.bias");
  changed([](SafetensorsFile& f) { f.doubles["readout.gain"].pop_back(); });
  refused("wanted one for maps [6, 8, 8]");
  changed([](SafetensorsFile& f) { f.tensors["readout.weight"] = Tensor::zeros({3, 6, 8, 4}); });
  refused("holds a readout [3, 6, 8, 4]");
  changed([](SafetensorsFile& f) { f.tensors["readout.bias"] = Tensor::full({3}, NAN); });
  refused("not finite");
  changed([](SafetensorsFile& f) { f.metadata["metadata"] = "[1]"; });
  refused("wanted metadata as an object");
  changed([](SafetensorsFile& f) { f.metadata["format"] = "another"; });
  refused("is not marked as a 'secateur trunk readout 1' file");
}

TEST_F(TrunkMemberTest, GivesSomeOfItsOutputs) {
  const TrunkMember whole = fitted();
  const Tensor all = whole(inputs());
  const TrunkMember part = select_outputs(whole, {2, 0});
  const Tensor some = part(inputs());
  ASSERT_EQ(some.shape(), (Shape{5, 2}));
  for (int64_t i = 0; i < 5; ++i) {
    EXPECT_EQ(some[2 * i], all[3 * i + 2]);
    EXPECT_EQ(some[2 * i + 1], all[3 * i]);
  }
  expect_refused([&] { select_outputs(whole, {3}); }, "wanted outputs of 3, got 3",
                 ErrorKind::kUsage);
}

// Beside a model in one teacher, and labelled likewise.
TEST_F(TrunkMemberTest, TeachesBesideAModel) {
  const TrunkMember member = fitted();
  const Model model(small_student(3), 5);
  const Teacher teacher({member, model});
  const Tensor answers = teacher(inputs());
  const Tensor of_member = member(inputs());
  const Tensor of_model = Predictor(model)(inputs());
  for (int64_t i = 0; i < answers.numel(); ++i) {
    EXPECT_EQ(answers[i], 0.5f * (of_member[i] + of_model[i])) << i;
  }
  EXPECT_EQ(teacher.input(), kSquareInput);
  // Variants, which exist as floats alone, go the same way as the pictures did.
  const Tensor labels = label_rows(Teacher({member}), *problem_.set, 0, problem_.set->size());
  EXPECT_TRUE(same_bits(labels.rows(0, 5), of_member));
  EXPECT_TRUE(labels.all_finite());
}

// Another trunk under the same readout makes other labels.
TEST_F(TrunkMemberTest, LabelsAreKeyedByTheTrunkToo) {
  TrunkMember other = fitted();
  const std::string key = label_key(Teacher({other}), *problem_.set, 10);
  EXPECT_EQ(key, label_key(Teacher({fitted()}), *problem_.set, 10));
  other.trunk = small_trunk("cubes");
  EXPECT_NE(key, label_key(Teacher({other}), *problem_.set, 10));
  other = fitted();
  other.readout.gain[1] = 20.5;
  EXPECT_NE(key, label_key(Teacher({other}), *problem_.set, 10));
}

}  // namespace
}  // namespace secateur
