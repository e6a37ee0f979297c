#include "models/canonical_bytes.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>

#include "models/difference.h"
#include "tests/formats/expect_refused.h"
#include "tests/models/lively_model.h"

namespace secateur {
namespace {

const InputSpec kTiny{.height = 4, .width = 4, .mean = {1.0f, 0.5f, -2.0f}};

Architecture tiny() {
  Architecture a{.input = kTiny, .blocks = {}, .readout = {}};
  a.blocks.push_back(
      {.kind = BlockKind::kPointwise, .name = "p", .filters = 1, .norm = Norm::kNone});
  return a;
}

// The documented bytes, spelt out: a change of any of them gives every model another fingerprint.
TEST(CanonicalBytes, AreAsDocumented) {
  Model model(tiny(), 1);
  model.tensor("p.pointwise.weight") = Tensor::of({1, 3, 1, 1}, {1.0f, -0.0f, 2.0f});
  model.tensor("p.pointwise.bias") = Tensor::of({1}, {0.5f});
  model.tensor("readout.weight") = Tensor::full({1, 1, 4, 4}, 1.0f);
  model.tensor("readout.bias") = Tensor::of({1}, {0.0f});
  const std::string one("\x00\x00\x80\x3f", 4);
  std::string wanted =
      "secateur fingerprint 1\n"
      "input 3 4 4 3f800000 3f000000 c0000000\n"
      "blocks 1\n"
      "pointwise 1:p 1 1 1 0 relu none\n"
      "readout dense 1 plain\n"
      "tensors 4\n"
      "16:p.pointwise.bias 1 1\n";
  wanted += std::string("\x00\x00\x00\x3f", 4) + "18:p.pointwise.weight 4 1 3 1 1\n";
  wanted += one + std::string("\x00\x00\x00\x80\x00\x00\x00\x40", 8) + "12:readout.bias 1 1\n";
  wanted += std::string(4, '\0') + "14:readout.weight 4 1 1 4 4\n";
  for (int i = 0; i < 16; ++i) wanted += one;
  EXPECT_EQ(canonical_bytes(model), wanted);

  model.set_output_scale({0.0}, {2.0});
  EXPECT_NE(canonical_bytes(model).find("readout dense 1 scaled\n"
                                        "0000000000000000 4000000000000000\n"
                                        "tensors"),
            std::string::npos);
  const Model student(student_architecture({1, 1, 1, 1, 1}, InputSpec{}), 1);
  EXPECT_NE(
      canonical_bytes(student).find("separable 6:layer1 1 5 2 0 relu batch 3f50624dd2f1a9fc\n"),
      std::string::npos);
}

TEST(CanonicalBytes, LeaveOutWhatChangesNoPrediction) {
  const auto with = [](const std::function<void(Model&, Architecture&)>& change) {
    Architecture a = member_architecture({.stem = 1, .width = 2, .middle = 1}, kTiny, 2);
    a.blocks.back().norm = Norm::kNone;
    const Model plain(a, 3);
    Model other(a, 3);
    change(other, a);
    Model changed(a, other.tensors());
    changed.metadata = other.metadata;
    EXPECT_EQ(canonical_bytes(changed), canonical_bytes(plain));
    EXPECT_TRUE(difference_of(changed, plain).none());
  };
  with([](Model& m, Architecture&) { m.metadata["stage"] = "student"; });
  with([](Model&, Architecture& a) { a.blocks[2].kernel = 7; });  // pointwise
  with([](Model&, Architecture& a) { a.blocks[0].middle = 7; });  // no residual block
  with([](Model&, Architecture& a) { a.blocks.back().activation = Activation::kLinear; });
  with([](Model&, Architecture& a) { a.blocks.back().epsilon = 0.5; });  // without a batch norm
  with([](Model&, Architecture& a) {
    a.readout.offset = {0.0, -0.0};
    a.readout.gain = {1.0, 1.0};
  });
}

TEST(CanonicalBytes, HoldEverythingElse) {
  const Architecture a = student_architecture({2, 2, 1, 1, 1}, kTiny, 2);
  const Model plain = lively_model(a, 3);
  const auto expect_other = [&](const std::function<void(Architecture&)>& change) {
    Architecture changed = a;
    change(changed);
    const Model other(changed, plain.tensors());
    EXPECT_NE(canonical_bytes(other), canonical_bytes(plain));
    const ModelDifference difference = difference_of(other, plain);
    EXPECT_FALSE(difference.architecture.empty());
    EXPECT_TRUE(difference.tensors.empty());
  };
  expect_other([](Architecture& x) { x.input.mean[2] += 0.25f; });
  expect_other([](Architecture& x) { x.blocks[3].activation = Activation::kLinear; });
  expect_other([](Architecture& x) { x.blocks[3].epsilon = 1e-5; });
  expect_other([](Architecture& x) { std::swap(x.blocks[1].stride, x.blocks[3].stride); });
  expect_other([](Architecture& x) {
    x.readout.offset = {0.0, 0.0};
    x.readout.gain = {1.0, 2.0};
  });
  // The same numbers under other names, and at other places.
  Architecture renamed = a;
  renamed.blocks[0].name = "first";
  std::map<std::string, Tensor> tensors;
  for (const auto& [name, tensor] : plain.tensors()) {
    tensors[name.starts_with("layer0.") ? "first" + name.substr(6) : name] = tensor;
  }
  EXPECT_NE(canonical_bytes(Model(renamed, tensors)), canonical_bytes(plain));
}

TEST(CanonicalBytes, RefuseNumbersThatAreNone) {
  Model model(tiny(), 1);
  model.tensor("readout.bias")[0] = std::numeric_limits<float>::quiet_NaN();
  expect_refused([&] { canonical_bytes(model); }, "readout.bias");
}

// Any one bit of any element: other bytes, and the difference is found where it was made.
TEST(ModelDifference, IsFoundWhereItIs) {
  const Architecture a = student_architecture({3, 2, 3, 1, 2}, kTiny, 2);
  const Model plain = lively_model(a, 5);
  const bool holds = rc::check([&] {
    Model other = plain.clone();
    const auto specs = plain.specs();
    const auto& spec = specs[*rc::gen::inRange<size_t>(0, specs.size())];
    const int64_t i = *rc::gen::inRange<int64_t>(0, spec.shape.numel());
    const float before = other.tensor(spec.name)[i];
    const float after = std::nextafter(before, *rc::gen::element(-4.0f, 4.0f));
    other.tensor(spec.name)[i] = after;
    RC_ASSERT(canonical_bytes(other) != canonical_bytes(plain));
    const ModelDifference difference = difference_of(plain, other);
    RC_ASSERT(difference.architecture.empty());
    RC_ASSERT(difference.tensors.size() == 1u);
    const TensorDifference& d = difference.tensors[0];
    RC_ASSERT(d.name == spec.name && d.values == spec.shape.numel() && d.different == 1);
    RC_ASSERT(d.first == before && d.second == after);
    RC_ASSERT(d.largest == std::abs(double{after} - double{before}));
    int64_t flat = 0;
    for (int axis = 0; axis < spec.shape.rank(); ++axis) {
      flat = flat * spec.shape[axis] + d.at[static_cast<size_t>(axis)];
    }
    RC_ASSERT(flat == i);
  });
  EXPECT_TRUE(holds);
}

TEST(ModelDifference, CountsAndMeasures) {
  const Architecture a = student_architecture({3, 2, 3, 1, 2}, kTiny, 2);
  const Model plain = lively_model(a, 5);
  EXPECT_TRUE(difference_of(plain, plain.clone()).none());
  Model first = plain.clone();
  Model second = plain.clone();
  first.tensor("layer1.bn.beta") = Tensor::of({2}, {-8.0f, 0.0f});
  second.tensor("layer1.bn.beta") = Tensor::of({2}, {-6.0f, -0.0f});
  const ModelDifference difference = difference_of(first, second);
  ASSERT_EQ(difference.tensors.size(), 1u);
  const TensorDifference& d = difference.tensors[0];
  EXPECT_EQ(d.different, 2);  // 0 and -0 too
  EXPECT_EQ(d.largest, 2.0);
  EXPECT_EQ(d.relative, 0.25);
  EXPECT_EQ(d.at, std::vector<int64_t>{0});
}

TEST(ModelDifference, NamesWhatOnlyOneHas) {
  const Model wide(student_architecture({3, 2, 3, 1, 2}, kTiny), 5);
  Architecture a = student_architecture({3, 2, 3, 1, 2}, kTiny);
  a.blocks[1].filters = 4;
  a.blocks[4].norm = Norm::kNone;
  const ModelDifference difference = difference_of(wide, Model(a, 5));
  std::map<std::string, std::pair<nlohmann::json, nlohmann::json>> places;
  for (const auto& d : difference.architecture) places[d.where] = {d.first, d.second};
  EXPECT_EQ(places["blocks/1/filters"], (std::pair<nlohmann::json, nlohmann::json>(2, 4)));
  EXPECT_EQ(places["blocks/4/norm"].second, "none");
  EXPECT_EQ(places["blocks/4/epsilon"].first, kPublishedEpsilon);
  EXPECT_EQ(places.size(), 3u);
  std::map<std::string, TensorDifference> tensors;
  for (const auto& d : difference.tensors) tensors[d.name] = d;
  EXPECT_EQ(tensors.at("layer1.bn.gamma").first_shape, nlohmann::json({2}));
  EXPECT_EQ(tensors.at("layer1.bn.gamma").second_shape, nlohmann::json({4}));
  EXPECT_TRUE(tensors.at("layer4.bn.gamma").second_shape.is_null());
  EXPECT_FALSE(tensors.contains("layer0.conv.weight"));
}

}  // namespace
}  // namespace secateur
