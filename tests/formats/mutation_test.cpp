// Thousands of damaged files per reader, made from valid ones by a seeded generator: each must be
// read or refused with an Error, in bounded time and memory.

#include <gtest/gtest.h>

#include <chrono>

#include "tensor/rng.h"
#include "tests/formats/fuzz/targets.h"
#include "tests/formats/valid_files.h"

namespace secateur {
namespace {

char interesting_byte(Rng& rng, char old) {
  switch (rng.below(4)) {
    case 0:
      return '\0';
    case 1:
      return '\xff';
    case 2:
      return static_cast<char>(old ^ (1 << rng.below(8)));
    default:
      return static_cast<char>(rng.below(256));
  }
}

size_t place(Rng& rng, size_t size) {
  return static_cast<size_t>(rng.below(static_cast<int64_t>(size)));
}

// Overwrites a field of 1, 2, 4 or 8 bytes by a number at the edge of some range.
void overwrite_number(Rng& rng, std::string& bytes) {
  const size_t width = size_t{1} << rng.below(4);
  const size_t at = place(rng, bytes.size());
  const uint64_t value = (uint64_t{1} << rng.below(64)) - static_cast<uint64_t>(rng.below(2));
  for (size_t i = 0; i < width && at + i < bytes.size(); ++i) {
    bytes[at + i] = static_cast<char>(value >> (8 * i));
  }
}

std::string mutate(Rng& rng, std::string bytes) {
  const int64_t changes = int64_t{1} << rng.below(5);
  for (int64_t i = 0; i < changes && !bytes.empty(); ++i) {
    const size_t at = place(rng, bytes.size());
    switch (rng.below(12)) {
      case 0:
        bytes.resize(at);
        break;
      case 1:
        bytes.erase(at, place(rng, 16));
        break;
      case 2:
        bytes.insert(at, bytes.substr(place(rng, bytes.size()), place(rng, 64)));
        break;
      case 3:
        overwrite_number(rng, bytes);
        break;
      default:
        bytes[at] = interesting_byte(rng, bytes[at]);
    }
  }
  return bytes;
}

struct Tally {
  int accepted = 0;
  int refused = 0;
};

Tally run(bool (*target)(std::string_view), const std::vector<std::string>& corpus, int count) {
  Tally tally;
  const auto start = std::chrono::steady_clock::now();
  Rng rng(2026, "mutation");
  for (const std::string& valid : corpus) EXPECT_TRUE(target(valid));
  for (int i = 0; i < count; ++i) {
    const std::string bytes = mutate(rng, corpus[static_cast<size_t>(i) % corpus.size()]);
    target(bytes) ? ++tally.accepted : ++tally.refused;
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  EXPECT_LE(seconds.count(), 60.0);
  EXPECT_GE(tally.refused, count / 10);  // the mutations do reach what is checked
  return tally;
}

constexpr int kMutations = 3000;

TEST(Mutation, Npy) { run(fuzz::npy, fixture::valid_npy(), kMutations); }

TEST(Mutation, Zip) { run(fuzz::zip, fixture::valid_zip(), kMutations); }

TEST(Mutation, Jpeg) { run(fuzz::jpeg, fixture::valid_jpeg(), kMutations); }

TEST(Mutation, Keras) { run(fuzz::keras, fixture::valid_keras(), kMutations); }

// The archive's checksums stop most of the above; here the damage gets through to the layers.
TEST(Mutation, KerasBehindSoundChecksums) {
  const std::string config = fixture::config_of(fixture::smallest()).dump();
  const std::string weights = fixture::numbered_h5(fixture::smallest());
  Rng rng(2026, "mutation behind checksums");
  int refused = 0;
  for (int i = 0; i < kMutations; ++i) {
    ZipWriter zip;
    zip.add("metadata.json", "{}", ZipWriter::Method::kStored);
    zip.add("config.json", i % 2 == 0 ? mutate(rng, config) : config, ZipWriter::Method::kStored);
    zip.add("model.weights.h5", i % 2 == 1 ? mutate(rng, weights) : weights,
            ZipWriter::Method::kStored);
    if (!fuzz::keras(zip.bytes())) ++refused;
  }
  EXPECT_GE(refused, kMutations / 10);
}

TEST(Mutation, KerasH5) { run(fuzz::keras_h5, fixture::valid_keras_h5(), 2 * kMutations); }

TEST(Mutation, LayerArrays) { run(fuzz::layer_arrays, fixture::valid_layer_arrays(), kMutations); }

TEST(Mutation, Pickle) { run(fuzz::pickle, fixture::valid_pickle(), 4 * kMutations); }

TEST(Mutation, NumpyModel) { run(fuzz::numpy_model, fixture::valid_numpy_model(), kMutations); }

TEST(Mutation, TorchModel) { run(fuzz::torch_model, fixture::valid_torch_model(), kMutations); }

TEST(Mutation, TorchModelBehindSoundChecksums) {
  const auto tensors = fixture::torch_tensors(fixture::smallest());
  const std::string pickle = fixture::torch_pickle(tensors);
  Rng rng(2026, "mutation behind checksums");
  int refused = 0;
  for (int i = 0; i < kMutations; ++i) {
    if (!fuzz::torch_model(fixture::torch_archive(mutate(rng, pickle), tensors))) ++refused;
  }
  EXPECT_GE(refused, kMutations / 10);
}

TEST(Mutation, Safetensors) { run(fuzz::safetensors, fixture::valid_safetensors(), kMutations); }

}  // namespace
}  // namespace secateur
