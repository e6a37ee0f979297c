#include "formats/numpy_model.h"

#include <gtest/gtest.h>

#include <limits>

#include "formats/keras.h"
#include "tests/formats/expect_refused.h"
#include "tests/formats/pickle_fixture.h"

namespace secateur {
namespace {

using fixture::NumpyArray;
using fixture::Spec;

StoredModel read_numpy(const std::string& bytes) { return parse_numpy_model(bytes, "w.npy"); }

void refuse_numpy(const std::string& bytes, const std::string& part) {
  expect_refused_naming([&] { read_numpy(bytes); }, part, "w.npy");
}

void refuse_arrays(const std::function<void(std::vector<NumpyArray>&)>& change,
                   const std::string& part) {
  std::vector<NumpyArray> arrays = fixture::numpy_arrays({});
  change(arrays);
  refuse_numpy(fixture::numpy_file(arrays), part);
}

// The same arrays through HDF5, by another writer and another reader.
TEST(NumpyModel, IsTheModelOfTheWeightsFile) {
  for (const Spec& spec : {Spec{}, Spec{.height = 16, .width = 16, .kernel = 3, .outputs = 3},
                           Spec{.filters = {2}, .strides = {1}}}) {
    const StoredModel model = read_numpy(fixture::numpy_file(fixture::numpy_arrays(spec)));
    const StoredModel wanted = parse_keras_h5(fixture::numbered_h5(spec), "w.h5");
    EXPECT_EQ(model.architecture, wanted.architecture);
    ASSERT_EQ(model.tensors.size(), wanted.tensors.size());
    for (const auto& [name, tensor] : wanted.tensors) {
      EXPECT_TRUE(same_bits(model.tensors.at(name), tensor)) << name;
    }
  }
}

TEST(NumpyModel, RefusesOtherNumberArrays) {
  refuse_numpy(npy_header_text("<f4", {2}) + std::string(8, '\0'), "is not a model");
  refuse_numpy(npy_header_text("|O", {2, 18}) + "x", "one row of objects");
  refuse_numpy(fixture::numpy_header(0), "wanted 1 to");
  refuse_numpy(fixture::numpy_header(1 << 30) + fixture::numpy_pickle({}), "wanted 1 to");
  const auto arrays = fixture::numpy_arrays({});
  refuse_numpy(fixture::numpy_header(35) + fixture::numpy_pickle(arrays),
               "the shape of the header");
  refuse_numpy(fixture::numpy_file(arrays) + "N", "nothing behind the end");
  const std::string whole = fixture::numpy_file(arrays);
  refuse_numpy(whole.substr(0, whole.size() - 1), "ends at byte");
}

TEST(NumpyModel, RefusesArraysThatDoNotFit) {
  refuse_arrays([](auto& a) { a.pop_back(); }, "35 arrays");
  refuse_arrays([](auto& a) { a.resize(6); }, "6 arrays");
  refuse_arrays([](auto& a) { std::swap(a[6], a[7]); }, "array 6");
  refuse_arrays([](auto& a) { a[0].shape = {225}; }, "wanted 4 axes");
  refuse_arrays([](auto& a) { a[34].shape = {1, 12, 1}; }, "wanted 2 axes");
  refuse_arrays([](auto& a) { a[1].type = "f8"; }, "the type <f4");
  refuse_arrays([](auto& a) { a[1].type = "O8"; }, "the type <f4");
  refuse_arrays([](auto& a) { a[1].raw.pop_back(); }, "as many bytes");
  refuse_arrays([](auto& a) { a[1].raw += std::string(4, '\0'); }, "as many bytes");
  refuse_arrays([](auto& a) { a[1].shape = {1 << 30, 1 << 30, 1 << 30}; }, "as many bytes");
  refuse_arrays([](auto& a) { a[1].shape = {0}; }, "a shape");
  refuse_arrays([](auto& a) { a[1].shape = {-1}; }, "a shape");
  refuse_arrays([](auto& a) { a[1].shape = {3, 1, 1, 1, 1, 1, 1}; }, "a shape");
  refuse_arrays([](auto& a) { a[5].raw.replace(0, 4, fixture::raw_of(-1.0f)); }, "negative");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  refuse_arrays([&](auto& a) { a[2].raw.replace(0, 4, fixture::raw_of(nan)); }, "not finite");
}

TEST(NumpyModel, RefusesArraysUsedAgain) {
  fixture::Pickler p;
  fixture::numpy_empty(p);
  p.op("(").small(1).extents({8});
  fixture::numpy_type(p, "O8", "|", 63);
  p.op("\x89](");
  fixture::numpy_empty(p);
  p.op("(").small(1).extents({256});
  fixture::numpy_type(p, "f4", "<", 0);
  p.op("\x89").raw(std::string(1024, '\0')).op("tb").put(0);
  for (int i = 1; i < 8; ++i) p.get(0);
  refuse_numpy(fixture::numpy_header(8) + p.op("etb").done(), "more than once");
}

TEST(NumpyModel, RunsNothing) {
  fixture::Pickler p;
  p.global("os", "system").text("true").op("\x85R");
  refuse_numpy(fixture::numpy_header(1) + p.done(), "the global 'os system'");
  fixture::Pickler callable;  // a listed global in another place
  callable.global("numpy", "dtype").op(")R");
  refuse_numpy(fixture::numpy_header(1) + callable.done(), "an array");
}

}  // namespace
}  // namespace secateur
