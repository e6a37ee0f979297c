#pragma once
// As targets.h, of the readers outside formats/: compact models, recipes, and the records of a run.

#include <algorithm>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "apps/config/recipe_toml.h"
#include "chain/settings.h"
#include "compression/compact_file.h"
#include "data/seen_manifest.h"
#include "formats/compact_container.h"
#include "models/architecture.h"
#include "provenance/lineage.h"
#include "provenance/signature.h"
#include "pruning/ledger.h"
#include "tensor/json_text.h"
#include "tests/formats/fuzz/targets.h"

namespace secateur::fuzz {

// What a reader has taken comes back the same through the writer.
inline void expect(bool condition, const char* what) {
  if (!condition) throw std::logic_error(what);
}

// A model file of ours as the program reads it: its architecture is described in it.
inline bool model(std::string_view bytes) {
  return accepted([&] {
    const StoredModel stored = parse_safetensors_model(bytes, "fuzz.safetensors");
    const Model made(stored.architecture.get<Architecture>(), stored.tensors);
    expect(nlohmann::json(made.architecture()).get<Architecture>() == made.architecture(),
           "another architecture came back");
  });
}

// As they are, and with the check sum that they should have, so that damage gets behind it.
inline bool compact(std::string_view bytes) {
  std::vector<uint8_t> file(bytes.begin(), bytes.end());
  const auto read = [&] {
    return accepted([&] {
      const CompactModel model = parse(file, "fuzz.secateur");
      decode(model);
      expect(parse(encode(model), "again.secateur") == model, "another compact model came back");
    });
  };
  const bool as_it_is = read();
  constexpr size_t kCheckSum = 4;
  if (file.size() < kCheckSum) return as_it_is;
  uint32_t crc = crc32(std::span(file).first(file.size() - kCheckSum));
  for (size_t i = file.size() - kCheckSum; i < file.size(); ++i, crc >>= 8) {
    file[i] = static_cast<uint8_t>(crc);
  }
  return read() || as_it_is;
}

inline void expect_same_recipe_again(const Recipe& recipe) {
  const std::string text = recipe_text(recipe);
  Recipe again;
  read_recipe_text(text, "again.toml", again);
  expect(recipe_text(again) == text, "another recipe came back");
}

inline bool recipe(std::string_view bytes) {
  Recipe read;
  if (!accepted([&] { read_recipe_text(std::string(bytes), "fuzz.toml", read); })) return false;
  expect_same_recipe_again(read);
  return true;
}

// key=value, one a line.
inline bool overrides(std::string_view bytes) {
  std::vector<std::string> assignments;
  while (!bytes.empty()) {
    const size_t length = std::min(bytes.find('\n'), bytes.size());
    assignments.emplace_back(bytes.substr(0, length));
    bytes.remove_prefix(std::min(length + 1, bytes.size()));
  }
  Recipe read;
  if (!accepted([&] { apply_overrides(assignments, read); })) return false;
  expect_same_recipe_again(read);
  return true;
}

inline bool ledger(std::string_view bytes) {
  std::vector<NeuronLedger> read;
  if (!accepted([&] { read = parse_ledger(bytes, "fuzz.jsonl"); })) return false;
  for (const NeuronLedger& neuron : read) {
    const std::string text = ledger_text(neuron.entries);
    expect(ledger_text(parse_ledger(text, "again.jsonl").at(0).entries) == text,
           "another ledger came back");
  }
  return true;
}

inline bool lineage(std::string_view bytes) {
  Lineage read;
  if (!accepted([&] { read = lineage_of(parse_json(bytes, "fuzz.json"), "fuzz.json"); })) {
    return false;
  }
  broken_links(read);
  expect(to_json(lineage_of(to_json(read), "again.json")) == to_json(read),
         "another lineage came back");
  return true;
}

// The list of pictures seen.
inline bool seen(std::string_view bytes) {
  SeenManifest read;
  if (!accepted([&] { read = SeenManifest::parse(std::string(bytes), "fuzz.txt"); })) return false;
  expect(SeenManifest::parse(read.text(), "again.txt").text() == read.text(),
         "another list came back");
  return true;
}

// Whose envelopes are accepted: the same key every time.
inline SecretKey envelope_key() {
  constexpr size_t kSecretBytes = 64;
  return SecretKey(std::string(kSecretBytes, '\x2a'));
}

// Accepted is what holds a signature, be it of this key or not.
inline bool envelope(std::string_view bytes) {
  static const PublicKey key = envelope_key().public_key();
  try {
    verified_statement(parse_json(bytes, "fuzz.json"), key, "fuzz.json");
    return true;
  } catch (const Error& error) {
    return error.kind() == ErrorKind::kVerification;
  }
}

}  // namespace secateur::fuzz
