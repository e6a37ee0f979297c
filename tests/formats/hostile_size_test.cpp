// Files that claim to be enormous are refused before anything of that size is parsed, allocated or
// read: each at once, whatever it claims.

#include <gtest/gtest.h>

#include <ctime>
#include <filesystem>
#include <map>

#include "data/recording.h"
#include "formats/atomic_file.h"
#include "formats/npy.h"
#include "formats/safetensors.h"
#include "model_files/model_files.h"
#include "models/architecture.h"
#include "tests/formats/expect_refused.h"
#include "tests/formats/keras_fixture.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

template <class F>
void expect_refused_at_once(F&& call, const std::string& part) {
  const std::clock_t start = std::clock();  // of this process: other ones may be busy
  expect_refused(call, part);
#ifdef __SANITIZE_ADDRESS__
  constexpr double kSeconds = 5;
#else
  constexpr double kSeconds = 2;
#endif
  EXPECT_LE(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, kSeconds) << part;
}

std::string with_length(const std::string& header, const std::string& data) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> (8 * i));
  return bytes + header + data;
}

// A header of `count` empty tensors.
std::string header_of(int count) {
  std::string header = "{";
  for (int i = 0; i < count; ++i) {
    header += fmt::format(R"({}"t{}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})",
                          i == 0 ? "" : ",", i);
  }
  return header + "}";
}

std::string many_blocks(int count) {
  nlohmann::json architecture = student_architecture({2, 2, 2, 2, 2}, InputSpec{});
  const nlohmann::json block = architecture["blocks"][1];
  for (int i = 0; i < count; ++i) architecture["blocks"].push_back(block);
  return architecture.dump();
}

TEST(HostileSize, TensorsOfASafetensorsHeader) {
  for (const auto& [tensors, part] : std::map<int, const char*>{{1000000, "claims a header of"},
                                                                {200000, "x holds more than"},
                                                                {4098, "at most 4096 tensors"}}) {
    const std::string bytes = with_length(header_of(tensors), "");
    expect_refused_at_once([&] { parse_safetensors(bytes, "x"); }, part);
  }
  EXPECT_EQ(parse_safetensors(with_length(header_of(4096), ""), "x").tensors.size(), 4096u);
}

TEST(HostileSize, ASparseSafetensorsFile) {
  const TemporaryFolder folder;
  const fs::path path = folder / "big.safetensors";
  const uint64_t bytes = uint64_t{1} << 38;
  write_file_atomically(path, with_length(fmt::format(R"({{"a":{{"dtype":"F32","shape":[{}],)"
                                                      R"("data_offsets":[0,{}]}}}})",
                                                      bytes / 4, bytes),
                                          ""));
  fs::resize_file(path, fs::file_size(path) + bytes);
  expect_refused_at_once([&] { read_safetensors(path); }, "wanted at most");
  expect_refused_at_once([&] { read_model(path); }, "wanted at most");
  // Within the cap of labels, but its header is of no model and is read first.
  fs::resize_file(path, uint64_t{1} << 33);
  expect_refused_at_once([&] { read_safetensors(path); }, "bytes of data, its header describes");
}

TEST(HostileSize, BlocksOfAnArchitecture) {
  const TemporaryFolder folder;
  const fs::path path = folder / "deep.safetensors";
  for (const auto& [blocks, part] : std::map<int, const char*>{
           {100000, "architecture holds more than"},
           {20000, "wanted a list of at most 256 for blocks, got a list of 20005"}}) {
    write_safetensors(path, {.tensors = {},
                             .doubles = {},
                             .blobs = {},
                             .metadata = {{"architecture", many_blocks(blocks)},
                                          {"format", "secateur model 1"},
                                          {"metadata", "{}"}}});
    expect_refused_at_once([&] { read_model(path); }, part);
  }
}

TEST(HostileSize, LayersOfAKerasDescription) {
  const TemporaryFolder folder;
  const fs::path path = folder / "deep.keras";
  nlohmann::json config = fixture::config_of({});
  const nlohmann::json layer = config["config"]["layers"][1];
  for (int i = 0; i < 20000; ++i) config["config"]["layers"].push_back(layer);
  ZipWriter zip;
  zip.add("metadata.json", "{}", ZipWriter::Method::kStored);
  zip.add("config.json", config.dump(), ZipWriter::Method::kDeflated);
  zip.add("model.weights.h5", "", ZipWriter::Method::kStored);
  zip.write(path);
  expect_refused_at_once([&] { read_model(path); }, "a list of 1 to 1024 layers");
}

TEST(HostileSize, SparseArrays) {
  const TemporaryFolder folder;
  const auto sparse = [&](const fs::path& path, const char* type, const Shape& shape,
                          uint64_t bytes) {
    fs::create_directories(path.parent_path());
    const std::string header = npy_header_text(type, shape);
    write_file_atomically(path, header);
    fs::resize_file(path, header.size() + bytes);
  };
  const int64_t many = int64_t{300} << 30;  // 300 GB
  sparse(folder / "big.npy", "|u1", {many}, static_cast<uint64_t>(many));
  expect_refused_at_once([&] { read_npy_doubles(folder / "big.npy"); }, "wanted at most");
  expect_refused_at_once([&] { read_npy_tensor(folder / "big.npy"); }, "wanted at most");
  expect_refused_at_once([&] { read_model(folder / "big.npy"); }, "wanted at most");
  sparse(folder / "recordings/responses_repeat_averaged/responses_s1.npy", "<f8", {33, many / 264},
         static_cast<uint64_t>(many / 264 * 264));
  expect_refused_at_once([&] { load_recording(folder / "recordings", "s1"); }, "responses");
}

}  // namespace
}  // namespace secateur
