#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>

#include "models/architecture.h"
#include "tests/formats/expect_refused.h"

namespace secateur {
namespace {

using nlohmann::json;

Architecture random_architecture() {
  const int64_t outputs = *rc::gen::inRange<int64_t>(1, 5);
  Architecture a;
  a.input.height = 4 * *rc::gen::inRange<int64_t>(1, 30);
  a.input.width = 4 * *rc::gen::inRange<int64_t>(1, 30);
  a.input.mean = {0.1f, *rc::gen::element(116.222f, -3.0f, 1e-30f), 100.381f};
  int64_t channels = 3;
  const int count = *rc::gen::inRange(1, 6);
  for (int i = 0; i < count; ++i) {
    Block b{.name = fmt::format("block {}", i)};
    b.kind = *rc::gen::element(BlockKind::kConv, BlockKind::kSeparable, BlockKind::kPointwise,
                               BlockKind::kResidual);
    const bool residual = b.kind == BlockKind::kResidual;
    b.filters = residual ? channels : *rc::gen::inRange<int64_t>(1, 200);
    b.kernel = *rc::gen::inRange<int64_t>(1, 32);
    b.stride = residual ? 1 : *rc::gen::inRange<int64_t>(1, 9);
    b.middle = residual ? *rc::gen::inRange<int64_t>(1, 50) : 0;
    b.norm = *rc::gen::element(Norm::kBatch, Norm::kNone);
    b.epsilon = *rc::gen::element(kPublishedEpsilon, 1e-5, 1.0 / 3.0);
    b.activation = *rc::gen::element(Activation::kRelu, Activation::kLinear);
    a.blocks.push_back(b);
    channels = b.filters;
  }
  a.readout.kind = *rc::gen::element(ReadoutKind::kDense, ReadoutKind::kFactorised);
  a.readout.outputs = outputs;
  if (*rc::gen::arbitrary<bool>()) {
    a.readout.offset.assign(static_cast<size_t>(outputs), 1.0 / 3.0);
    a.readout.gain.assign(static_cast<size_t>(outputs), 1e-7);
  }
  return a;
}

TEST(ArchitectureJson, ComesBackAsItWas) {
  const bool holds = rc::check([] {
    const Architecture a = random_architecture();
    RC_ASSERT(json::parse(json(a).dump()).get<Architecture>() == a);
  });
  EXPECT_TRUE(holds);
}

TEST(ArchitectureJson, LeavesMayBeLeftOut) {
  json j = student_architecture({1, 2, 3, 4, 5}, InputSpec{});
  for (const char* key : {"norm", "activation"}) j["blocks"][1].erase(key);
  EXPECT_EQ(j.get<Architecture>(), student_architecture({1, 2, 3, 4, 5}, InputSpec{}));
}

TEST(ArchitectureJson, RefusesWhatItDoesNotKnow) {
  const json good = member_architecture({.residual_blocks = 1}, InputSpec{}, 2);
  const auto refuse = [&](const std::string& part, auto&& spoil) {
    json bad = good;
    spoil(bad);
    SCOPED_TRACE(bad.dump());
    expect_refused([&] { bad.get<Architecture>(); }, part);
  };
  refuse("unknown key 'colour'", [](json& j) { j["colour"] = 1; });
  refuse("unknown key 'bias' in blocks[2]", [](json& j) { j["blocks"][2]["bias"] = true; });
  refuse("unknown key 'depth' in input", [](json& j) { j["input"]["depth"] = 1; });
  refuse("unknown key 'scale' in readout", [](json& j) { j["readout"]["scale"] = 1; });
  refuse("unknown block kind 'dense'", [](json& j) { j["blocks"][0]["kind"] = "dense"; });
  refuse("unknown norm 'layer'", [](json& j) { j["blocks"][0]["norm"] = "layer"; });
  refuse("unknown activation 'gelu'", [](json& j) { j["blocks"][0]["activation"] = "gelu"; });
  refuse("unknown readout kind 'sparse'", [](json& j) { j["readout"]["kind"] = "sparse"; });
  refuse("wanted an object for readout, got nothing", [](json& j) { j.erase("readout"); });
  refuse("wanted a whole number for blocks[0].filters, got nothing",
         [](json& j) { j["blocks"][0].erase("filters"); });
  refuse("wanted a whole number for blocks[0].filters, got 'many'",
         [](json& j) { j["blocks"][0]["filters"] = "many"; });
  refuse("wanted a whole number for blocks[0].filters, got 1e+308",
         [](json& j) { j["blocks"][0]["filters"] = 1e308; });
  refuse("wanted a whole number for blocks[0].stride, got true",
         [](json& j) { j["blocks"][0]["stride"] = true; });
  refuse("wanted a list of 3 numbers for input.mean, got a list of 2", [](json& j) {
    j["input"]["mean"] = json::array({1, 2});
  });
  refuse("wanted a number for input.mean[2], got null", [](json& j) {
    j["input"]["mean"] = {1, 2, nullptr};
  });
  refuse("for input.mean[0], got 1e+308", [](json& j) { j["input"]["mean"][0] = 1e308; });
  refuse("wanted an object for readout, got 3", [](json& j) { j["readout"] = 3; });
  refuse("wanted a list for readout.gain, got an object",
         [](json& j) { j["readout"]["gain"] = json::object(); });
  refuse("wanted an object for blocks[0], got 'conv'", [](json& j) { j["blocks"][0] = "conv"; });
  refuse("wanted a list of at most 256 for blocks, got a list of 257", [](json& j) {
    j["blocks"] = json::array();
    for (int i = 0; i < 257; ++i) j["blocks"].push_back("conv");
  });
  refuse("printable characters, got 'a?[2Jb'",
         [](json& j) { j["blocks"][0]["name"] = "a\x1b[2Jb"; });
  refuse("unknown block kind 'a?b'", [](json& j) { j["blocks"][0]["kind"] = "a\nb"; });
  refuse("unknown key 'a?b' in blocks[0]", [](json& j) { j["blocks"][0]["a\nb"] = 1; });
  refuse("unknown activation '" + std::string(80, 'x') + "...'",
         [](json& j) { j["blocks"][0]["activation"] = std::string(10000, 'x'); });
  refuse("stem0: wanted 1 to 16384 filters", [](json& j) { j["blocks"][0]["filters"] = -5; });
  refuse("for each of 2 outputs", [](json& j) { j["readout"]["gain"] = {1.0}; });
  expect_refused([] { json(3).get<Architecture>(); }, "wanted an object, got 3");
}

}  // namespace
}  // namespace secateur
