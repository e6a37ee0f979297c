#include "formats/torch_model.h"

#include <gtest/gtest.h>

#include <limits>

#include "formats/keras.h"
#include "tests/formats/expect_refused.h"
#include "tests/formats/pickle_fixture.h"

namespace secateur {
namespace {

using fixture::raw_of;
using fixture::Spec;
using fixture::TorchTensor;

StoredModel read_torch(const std::string& bytes) { return parse_torch_model(bytes, "m.pt"); }

void refuse_torch(const std::string& bytes, const std::string& part) {
  expect_refused_naming([&] { read_torch(bytes); }, part, "m.pt");
}

void refuse_tensors(const std::function<void(std::vector<TorchTensor>&)>& change,
                    const std::string& part) {
  std::vector<TorchTensor> tensors = fixture::torch_tensors({});
  change(tensors);
  refuse_torch(fixture::torch_file(tensors), part);
}

void refuse_archive(const fixture::ZipChange& more, const std::string& part) {
  const auto tensors = fixture::torch_tensors({});
  refuse_torch(fixture::torch_archive(fixture::torch_pickle(tensors), tensors, more), part);
}

// The same arrays through HDF5, by another writer and another reader.
TEST(TorchModel, IsTheModelOfTheWeightsFileButForEpsilon) {
  for (const Spec& spec : {Spec{}, Spec{.height = 16, .width = 16, .kernel = 3, .outputs = 3},
                           Spec{.filters = {2}, .strides = {1}}}) {
    StoredModel model = read_torch(fixture::torch_file(fixture::torch_tensors(spec)));
    const StoredModel wanted = parse_keras_h5(fixture::numbered_h5(spec), "w.h5");
    for (nlohmann::json& block : model.architecture["blocks"]) {
      EXPECT_EQ(block["epsilon"], 1e-5);
      block.erase("epsilon");
    }
    EXPECT_EQ(model.architecture, wanted.architecture);
    ASSERT_EQ(model.tensors.size(), wanted.tensors.size());
    for (const auto& [name, tensor] : wanted.tensors) {
      EXPECT_TRUE(same_bits(model.tensors.at(name), tensor)) << name;
    }
  }
}

TEST(TorchModel, RoundsOnceToFloat) {
  std::vector<TorchTensor> tensors = fixture::torch_tensors({});
  tensors[1].raw.replace(0, 8, raw_of(0.1));
  EXPECT_EQ(read_torch(fixture::torch_file(tensors)).tensors.at("layer0.conv.bias")[0], 0.1f);
}

TEST(TorchModel, IsToldByItsFirstMember) {
  EXPECT_TRUE(looks_like_torch(fixture::torch_file(fixture::torch_tensors({})).substr(0, 256)));
  EXPECT_FALSE(looks_like_torch(fixture::keras_file({}).substr(0, 256)));
  EXPECT_FALSE(looks_like_torch("PK"));
  EXPECT_FALSE(looks_like_torch(""));
}

TEST(TorchModel, RefusesStoragesThatDoNotFit) {
  refuse_tensors([](auto& t) { t[1].raw.pop_back(), t[1].elements = 3; }, "23 bytes, wanted 24");
  refuse_tensors([](auto& t) { t[1].raw += std::string(8, '\0'); }, "uses its whole storage");
  refuse_tensors([](auto& t) { t[1].elements = 1 << 30; }, "uses its whole storage");
  refuse_tensors(
      [](auto& t) {
        t[1].elements = 1 << 30;
        t[1].shape = {1 << 30};
      },
      "bytes, wanted 8589934592");
  refuse_tensors([](auto& t) { t[1].shape = {1 << 30, 1 << 30, 1 << 30}; }, "a stride for every");
  refuse_tensors(
      [](auto& t) {
        t[1].shape = {1 << 30, 1 << 30, 1 << 30};
        t[1].strides = {0, 0, 0};
      },
      "fewer elements");
  refuse_tensors([](auto& t) { t[1].first = 1; }, "the first element 0");
  refuse_tensors([](auto& t) { t[1].strides = {2}; }, "leave its storage or meet");
  refuse_tensors([](auto& t) { t[1].strides = {0}; }, "leave its storage or meet");
  refuse_tensors([](auto& t) { t[1].strides = {-1}; }, "strides");
  refuse_tensors([](auto& t) { t[1].strides = {0x7fffffff}; }, "leave its storage or meet");
  refuse_tensors([](auto& t) { t[1].type = "FloatStorage"; }, "the global 'torch FloatStorage'");
  refuse_tensors([](auto& t) { t[1].type = "LongStorage"; }, "integers only as scalars");
  refuse_tensors([](auto& t) { t[1].key = "2"; }, "in use already");
  refuse_tensors([](auto& t) { t[1].key = "../data.pkl"; }, "has no 'model/data/../data.pkl'");
  refuse_tensors([](auto& t) { t[1].key = "99"; }, "has no 'model/data/99'");
}

TEST(TorchModel, RefusesNumbersThatAreNone) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  refuse_tensors([&](auto& t) { t[1].raw.replace(0, 8, raw_of(nan)); }, "not finite");
  refuse_tensors([&](auto& t) { t[1].raw.replace(0, 8, raw_of(1e39)); }, "not finite in float32");
  refuse_tensors([&](auto& t) { t[5].raw.replace(0, 8, raw_of(-1.0)); }, "negative variance");
}

TEST(TorchModel, RefusesArraysOfAnotherModel) {
  refuse_tensors([](auto& t) { t[0].name = "layers.layer0.weight"; }, "no layers.layer0_conv");
  refuse_tensors([](auto& t) { t[1].name = t[2].name; }, "each name once");
  refuse_tensors([](auto& t) { t.pop_back(); }, "no layers.Beta.bias");
  refuse_tensors([](auto& t) { t.push_back({"more", {1}, {1}, raw_of(1.0)}); }, "has 'more'");
  refuse_tensors(
      [](auto& t) {
        t.push_back({"more", {}, {}, raw_of(int64_t{1}), "LongStorage"});
      },
      "has 'more'");
  refuse_tensors([](auto& t) { t.erase(t.begin() + 6); }, "num_batches_tracked");
  refuse_tensors([](auto& t) { t[0].shape = {675}, t[0].strides = {1}; }, "");
  refuse_tensors([](auto& t) { t[0].shape = {3, 3, 1, 25}; }, "layer0_conv.weight");
}

TEST(TorchModel, RefusesMembersThatDoNotFit) {
  constexpr auto kStored = ZipWriter::Method::kStored;
  refuse_archive([](ZipWriter& zip) { zip.add("model/data/1000", "x", kStored); }, "nothing uses");
  refuse_archive([](ZipWriter& zip) { zip.add("model/code.py", "x", kStored); }, "nothing uses");
  refuse_archive([](ZipWriter& zip) { zip.add("other/data/0", "x", kStored); }, "nothing uses");
  const auto one = [](const char* byteorder, const char* version) {
    ZipWriter zip;
    zip.add("m/data.pkl", fixture::torch_pickle({}), kStored);
    zip.add("m/byteorder", byteorder, kStored);
    zip.add("m/version", version, kStored);
    zip.add("m/.data/serialization_id", "1", kStored);
    return zip.bytes();
  };
  refuse_torch(one("big", "3\n"), "byteorder 'big'");
  refuse_torch(one("little", "4\n"), "version '4?'");
  refuse_torch(one("little", "3\n"), "no layers.layer0_conv.weight");
  ZipWriter flat;
  flat.add("data.pkl", fixture::torch_pickle({}), kStored);
  refuse_torch(flat.bytes(), "wanted a folder");
  refuse_torch(ZipWriter().bytes(), "empty");
}

TEST(TorchModel, RunsNothing) {
  fixture::Pickler p(2);
  p.global("builtins", "eval").text("1").op("\x85R");
  refuse_torch(fixture::torch_archive(p.done(), {}), "the global 'builtins eval'");
  fixture::Pickler callable(2);  // a listed global in another place
  callable.global("torch", "DoubleStorage").op(")R");
  refuse_torch(fixture::torch_archive(callable.done(), {}), "a state dictionary");
}

}  // namespace
}  // namespace secateur
