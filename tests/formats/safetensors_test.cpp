#include "formats/safetensors.h"

#include <gtest/gtest.h>

#include <limits>

#include "formats/input_file.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

SafetensorsFile content() {
  SafetensorsFile file;
  file.tensors["layer.weight"] = Tensor::of({2, 3}, {1, 2, 3, 4, 5, 6});
  file.tensors["a.scalar"] = Tensor::full({}, 0.5f);
  file.tensors["z.nothing"] = Tensor(Shape{0, 4});
  file.doubles["d"] = {0.1, -2.0};
  file.blobs["raw"] = std::string("\0\xff!", 3);
  file.metadata["note"] = "two\nlines";
  return file;
}

std::string bytes_of(const std::string& header, const std::string& data) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> (8 * i));
  return bytes + header + data;
}

TEST(Safetensors, ReadsWhatItWrites) {
  const TemporaryFolder folder;
  const auto path = folder / "x.safetensors";
  write_safetensors(path, content());
  const SafetensorsFile read = read_safetensors(path);
  const SafetensorsFile wanted = content();
  ASSERT_EQ(read.tensors.size(), wanted.tensors.size());
  for (const auto& [name, tensor] : wanted.tensors) {
    EXPECT_TRUE(same_bits(tensor, read.tensors.at(name))) << name;
  }
  EXPECT_EQ(read.doubles, wanted.doubles);
  EXPECT_EQ(read.blobs, wanted.blobs);
  EXPECT_EQ(read.metadata, wanted.metadata);
}

TEST(Safetensors, WritesSortedAlignedBytes) {
  SafetensorsFile file;
  file.tensors["b"] = Tensor::of({1}, {1.0f});
  file.tensors["a"] = Tensor::of({1}, {2.0f});
  const std::string bytes = safetensors_bytes(file, "x");
  EXPECT_EQ(static_cast<uint8_t>(bytes[0]) % 8, 0);
  std::string header = R"({"a":{"data_offsets":[0,4],"dtype":"F32","shape":[1]},)"
                       R"("b":{"data_offsets":[4,8],"dtype":"F32","shape":[1]}})";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  EXPECT_EQ(bytes.substr(8, header.size()), header);
  EXPECT_EQ(bytes.size(), 8 + header.size() + 8);
  EXPECT_EQ(bytes, safetensors_bytes(file, "x"));
}

TEST(Safetensors, RefusesBadFiles) {
  const auto refuse = [](const std::string& bytes, const char* part) {
    SCOPED_TRACE(part);
    expect_refused([&] { parse_safetensors(bytes, "x.st"); }, part);
  };
  const auto one = [](const char* entry, const char* data) {
    return bytes_of(std::string("{\"a\":") + entry + "}", data);
  };
  EXPECT_NO_THROW(
      parse_safetensors(one(R"({"dtype":"U8","shape":[2],"data_offsets":[0,2]})", "xy"), "x.st"));
  refuse("", "x.st");
  refuse(std::string(8, '\xff'), "header");
  refuse(bytes_of("{", ""), "JSON");
  refuse(bytes_of("[]", ""), "object");
  refuse(bytes_of("{}", "x"), "1 bytes of data");
  refuse(one(R"({"dtype":"U8","shape":[2],"data_offsets":[0,2]})", "x"), "bytes of data");
  refuse(one(R"({"dtype":"U8","shape":[2],"data_offsets":[1,3]})", "xyz"), "hole");
  refuse(one(R"({"dtype":"U8","shape":[2],"data_offsets":[2,0]})", "xy"), "begin");
  refuse(one(R"({"dtype":"U8","shape":[3],"data_offsets":[0,2]})", "xy"), "2 bytes for [3]");
  refuse(one(R"({"dtype":"BF16","shape":[1],"data_offsets":[0,2]})", "xy"), "BF16");
  refuse(one(R"({"dtype":"U8","shape":[-2],"data_offsets":[0,2]})", "xy"), "counts");
  refuse(one(R"({"dtype":"U8","shape":[2.0],"data_offsets":[0,2]})", "xy"), "counts");
  refuse(one(R"({"dtype":"U8","shape":[2],"data_offsets":[0,2],"x":1})", "xy"), "wanted dtype");
  refuse(one(R"({"dtype":"F32","shape":[4611686018427387904,16],"data_offsets":[0,0]})", ""),
         "counted");
  refuse(bytes_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                  R"("b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})",
                  "xy"),
         "overlap");
  refuse(bytes_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                  R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                  "xy"),
         "repeats");
  refuse(bytes_of(R"({"__metadata__":{"a":1}})", ""), "no text");
  refuse(bytes_of(std::string(200, '[') + std::string(200, ']'), ""), "deeper");
}

TEST(Safetensors, RefusesNamesUsedTwice) {
  SafetensorsFile file = content();
  file.blobs["d"] = "again";
  expect_refused([&] { safetensors_bytes(file, "x.st"); }, "twice");
  file.blobs.erase("d");
  file.metadata["bad"] = "\xff";
  expect_refused([&] { safetensors_bytes(file, "x.st"); }, "UTF-8");
}

StoredModel model() {
  StoredModel stored;
  stored.architecture = {{"blocks", nlohmann::json::array()}};
  stored.tensors["w"] = Tensor::of({2}, {1.0f, 2.0f});
  stored.metadata = {{"neuron", 3}};
  return stored;
}

TEST(SafetensorsModel, ReadsWhatItWrites) {
  const TemporaryFolder folder;
  const auto path = folder / "model.safetensors";
  write_safetensors_model(path, model());
  const StoredModel read = read_safetensors_model(path);
  EXPECT_EQ(read.architecture, model().architecture);
  EXPECT_EQ(read.metadata, model().metadata);
  EXPECT_TRUE(same_bits(read.tensors.at("w"), model().tensors.at("w")));
}

TEST(SafetensorsModel, RefusesWhatIsNoModel) {
  const TemporaryFolder folder;
  const auto path = folder / "other.safetensors";
  write_safetensors(path, content());
  expect_refused([&] { read_safetensors_model(path); }, "other.safetensors");
  StoredModel bad = model();
  bad.tensors["w"][1] = std::numeric_limits<float>::quiet_NaN();
  expect_refused([&] { write_safetensors_model(path, bad); }, "not finite");
  SafetensorsFile file;
  file.tensors = bad.tensors;
  file.metadata = {{"format", "secateur model 1"}, {"architecture", "{}"}, {"metadata", "{}"}};
  const std::string bytes = safetensors_bytes(file, "x");
  expect_refused([&] { parse_safetensors_model(bytes, "x.st"); }, "not finite");
}

}  // namespace
}  // namespace secateur
