// The seeds of the fuzz programs, tests/formats/fuzz/corpus/<reader>/: files that their reader
// accepts, so that the damage begins behind the first check.

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "tests/formats/fuzz/record_targets.h"
#include "tests/formats/valid_files.h"
#include "tests/formats/valid_records.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

const fs::path kFuzz = SECATEUR_SOURCE_DIR "/tests/formats/fuzz";

struct Seeds {
  bool (*target)(std::string_view);
  std::vector<std::string> files;
};

// By the name of the reader: npy of npy_fuzz.cpp.
std::map<std::string, Seeds> seeds() {
  return {{"compact", {fuzz::compact, fixture::valid_compact()}},
          {"csv", {fuzz::csv, fixture::valid_csv()}},
          {"envelope", {fuzz::envelope, fixture::valid_envelope()}},
          {"jpeg", {fuzz::jpeg, fixture::valid_jpeg()}},
          {"keras", {fuzz::keras, fixture::valid_keras()}},
          {"keras_h5", {fuzz::keras_h5, fixture::valid_keras_h5()}},
          {"layer_arrays", {fuzz::layer_arrays, fixture::valid_layer_arrays()}},
          {"ledger", {fuzz::ledger, fixture::valid_ledger()}},
          {"seen", {fuzz::seen, fixture::valid_seen()}},
          {"lineage", {fuzz::lineage, fixture::valid_lineage()}},
          {"model", {fuzz::model, fixture::valid_model()}},
          {"npy", {fuzz::npy, fixture::valid_npy()}},
          {"numpy_model", {fuzz::numpy_model, fixture::valid_numpy_model()}},
          {"overrides", {fuzz::overrides, fixture::valid_overrides()}},
          {"pickle", {fuzz::pickle, fixture::valid_pickle()}},
          {"recipe", {fuzz::recipe, fixture::valid_recipe()}},
          {"safetensors", {fuzz::safetensors, fixture::valid_safetensors()}},
          {"torch_model", {fuzz::torch_model, fixture::valid_torch_model()}},
          {"zip", {fuzz::zip, fixture::valid_zip()}}};
}

// By hand, when a reader is new: --gtest_also_run_disabled_tests --gtest_filter=FuzzCorpus.*
TEST(FuzzCorpus, DISABLED_Write) {
  for (const auto& [reader, of_reader] : seeds()) {
    fs::create_directories(kFuzz / "corpus" / reader);
    for (size_t i = 0; i < of_reader.files.size(); ++i) {
      write_file_atomically(kFuzz / "corpus" / reader / std::to_string(i), of_reader.files[i]);
    }
  }
}

TEST(FuzzCorpus, EveryReaderHasAProgramAndSeedsThatItAccepts) {
  const std::map<std::string, Seeds> all = seeds();
  size_t programs = 0;
  for (const auto& entry : fs::directory_iterator(kFuzz)) {
    const std::string stem = entry.path().stem().string();
    if (!stem.ends_with("_fuzz")) continue;
    ++programs;
    EXPECT_TRUE(all.contains(stem.substr(0, stem.size() - 5))) << stem;
  }
  EXPECT_EQ(programs, all.size());
  uintmax_t bytes = 0;
  for (const auto& [reader, of_reader] : all) {
    size_t files = 0;
    for (const auto& entry : fs::directory_iterator(kFuzz / "corpus" / reader)) {
      ++files;
      bytes += entry.file_size();
      EXPECT_TRUE(of_reader.target(read_file(entry.path().string(), 1 << 20))) << entry.path();
    }
    EXPECT_GE(files, of_reader.files.size()) << reader;
  }
  EXPECT_LE(bytes, 300u << 10);
}

}  // namespace
}  // namespace secateur
