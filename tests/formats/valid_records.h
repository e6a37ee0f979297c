#pragma once
// As valid_files.h, of the readers outside formats/.

#include <fmt/format.h>

#include <string>
#include <vector>

#include "chain/settings.h"
#include "compression/compact_file.h"
#include "formats/input_file.h"
#include "formats/safetensors.h"
#include "models/model.h"
#include "provenance/lineage.h"
#include "provenance/signature.h"
#include "pruning/ledger.h"
#include "tensor/sha256.h"
#include "tests/formats/fuzz/record_targets.h"

namespace secateur::fixture {

inline Architecture tiny_architecture(ReadoutKind readout, Norm norm) {
  Architecture a{.input = {.height = 8, .width = 8}, .blocks = {}, .readout = {}};
  a.blocks = {{.kind = BlockKind::kConv, .name = "layer0", .filters = 2, .kernel = 3, .stride = 2},
              {.kind = BlockKind::kSeparable, .name = "second", .filters = 2, .kernel = 3},
              {.kind = BlockKind::kResidual, .name = "layer2", .filters = 2, .middle = 1}};
  for (Block& block : a.blocks) block.norm = norm;
  a.readout = {.kind = readout, .outputs = 1, .offset = {1.5}, .gain = {0.25}};
  return a;
}

inline std::vector<std::string> valid_model() {
  const Architecture architecture = tiny_architecture(ReadoutKind::kFactorised, Norm::kBatch);
  SafetensorsFile content{.tensors = Model(architecture, 1).tensors()};
  content.metadata = {{"architecture", nlohmann::json(architecture).dump()},
                      {"metadata", R"({"split":[{"session":"a","test":true}]})"},
                      {"format", "secateur model 1"}};
  return {safetensors_bytes(content, "m")};
}

// Small codes of both signs; every second kernel that can be is transformed.
inline CompactModel tiny_compact(ReadoutKind readout) {
  CompactModel compact{.architecture = tiny_architecture(readout, Norm::kNone), .global_step = -64};
  for (const ParameterSpec& spec : parameter_specs(compact.architecture)) {
    CompactTensor tensor{.name = spec.name, .shape = spec.shape, .layout = layout_of(spec)};
    if (tensor.layout.transformable() && compact.tensors.size() % 2 == 0) {
      tensor.transform = Transform::kDct;
    }
    const auto zeros = [](int64_t count) { return std::vector<int>(static_cast<size_t>(count)); };
    tensor.filter_step = zeros(tensor.layout.filters);
    tensor.band_step = zeros(band_count(tensor.layout, tensor.transform));
    tensor.channel_step = zeros(tensor.layout.channels);
    for (int64_t i = 0; i < spec.shape.numel(); ++i) {
      tensor.codes.push_back(static_cast<int32_t>(i * 7 % 11) - 5);
    }
    compact.tensors.push_back(std::move(tensor));
  }
  return compact;
}

inline std::vector<std::string> valid_compact() {
  std::vector<std::string> files;
  for (const ReadoutKind readout : {ReadoutKind::kDense, ReadoutKind::kFactorised}) {
    const std::vector<uint8_t> bytes = encode(tiny_compact(readout));
    files.emplace_back(bytes.begin(), bytes.end());
  }
  return files;
}

inline std::vector<std::string> valid_recipe() {
  Recipe full;
  full.images = {"pictures", "more.zip"};
  full.sessions = {"190923"};
  return {"seed = 3\nteacher = \"a\\tb\"\n[distill]\nbatch = 32\nimages = 1_000\n",
          recipe_text(full)};
}

inline std::vector<std::string> valid_overrides() {
  return {"seed=3\ndistill.batch=32\nsessions=190923\nimages=[\"a\", \"b\"]\nteacher=a b.keras\n"};
}

inline std::vector<std::string> valid_seen() {
  const std::string thumbnail(2 * sizeof(PictureMark::thumbnail), '7');
  const std::string line = fmt::format("{} {} 'a.png' of session b\n", sha256_of("a"), thumbnail);
  return {"secateur seen pictures 1\n", "secateur seen pictures 1\nnot known: a\n" + line};
}

inline std::vector<std::string> valid_ledger() {
  const LedgerEntry kept{.layer = "layer1",
                         .filter = 4,
                         .rank = 2,
                         .score = 0.5,
                         .criterion = "pointwise variance",
                         .threshold = 0.9,
                         .reason = "because",
                         .student = {StudentIdentity::Kind::kFingerprint, "0123456789abcdef"}};
  LedgerEntry cut = kept;
  cut.removed = true;
  cut.cut = CutRecord{.cut = 3,
                      .cost = 20,
                      .parameters_before = 100,
                      .parameters_after = 80,
                      .next = NextInLine{"layer0", 5, 9, 0.125, 30}};
  nlohmann::json named = to_json(kept);
  named["neuron"] = "201025_neuron2";
  return {ledger_text({kept, kept}), ledger_text({cut}) + named.dump() + "\n"};
}

inline std::string small_statement() {
  const std::string digest(64, 'a');
  const Lineage lineage{.recipe = {{"seed", 1}},
                        .code = {{"revision", "1"}},
                        .promises = {{"threads", "any"}},
                        .stages = {{.stage = "labels",
                                    .neuron = "",
                                    .reads = {{"input:images/a.zip", digest}},
                                    .makes = {{"labels/l", digest}}},
                                   {.stage = "distill",
                                    .neuron = "n",
                                    .reads = {{"labels/l", digest}},
                                    .makes = {{"models/s", digest}},
                                    .machine = {{"processor", "one"}}}},
                        .subject = {{"models/s", digest}}};
  return to_json(lineage).dump();
}

inline std::vector<std::string> valid_lineage() { return {small_statement()}; }

inline std::vector<std::string> valid_envelope() {
  return {sign_statement("{}", fuzz::envelope_key()).dump(),
          sign_statement(small_statement(), fuzz::envelope_key()).dump(1)};
}

}  // namespace secateur::fixture
