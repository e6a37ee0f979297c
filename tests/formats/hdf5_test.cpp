#include "formats/hdf5.h"

#include <gtest/gtest.h>

#include "tests/formats/expect_refused.h"
#include "tests/formats/keras_fixture.h"

namespace secateur {
namespace {

using fixture::Hdf5Image;

const std::vector<float> kFour = {1.5f, -2.0f, 3.25f, 4.0f};

TEST(Hdf5, ReadsWhatTheLibraryWrites) {
  Hdf5Image image;
  image.floats("a/b/c", {2, 2}, kFour);
  image.floats("a/scalar", {}, {7.0f});
  image.floats("a/nothing", {0, 3}, {});
  Hdf5File file(image.bytes(), "f.h5");
  EXPECT_TRUE(same_bits(file.tensor("a/b/c"), Tensor::of({2, 2}, kFour)));
  EXPECT_EQ(file.tensor("a/scalar")[0], 7.0f);
  EXPECT_EQ(file.tensor("a/nothing").shape(), Shape({0, 3}));
  EXPECT_EQ(file.children("a"), (std::vector<std::string>{"b", "nothing", "scalar"}));
  EXPECT_TRUE(file.has("a/b"));
  EXPECT_FALSE(file.has("a/x"));
}

TEST(Hdf5, ReadsGroupsOfManyMembers) {
  Hdf5Image image;
  constexpr int kMembers = 700;  // several levels of the tree
  for (int i = 0; i < kMembers; ++i) {
    image.floats("g/" + std::to_string(i), {1}, {static_cast<float>(i)});
  }
  Hdf5File file(image.bytes(), "f.h5");
  EXPECT_EQ(file.children("g").size(), static_cast<size_t>(kMembers));
  for (const int i : {0, 1, 255, 698, 699}) {
    EXPECT_EQ(file.tensor("g/" + std::to_string(i))[0], static_cast<float>(i));
  }
}

TEST(Hdf5, ReadsTextOfFixedAndVariableLength) {
  Hdf5Image image;
  image.group("g");
  const std::string long_text(50000, 'x');
  image.text("g", "long", long_text);
  image.texts("g", "list", {"a", "bcd", ""});
  image.texts("g", "none", {});
  const Hdf5File file(image.bytes(), "f.h5");
  EXPECT_EQ(file.strings("g", "long"), std::vector<std::string>{long_text});
  EXPECT_EQ(file.strings("g", "list"), (std::vector<std::string>{"a", "bcd", ""}));
  EXPECT_EQ(file.strings("g", "none"), std::vector<std::string>());
  EXPECT_EQ(file.strings("g", "absent"), std::nullopt);
}

TEST(Hdf5, ReadsCompactData) {
  Hdf5Image image;
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_layout(creation, H5D_COMPACT);
  image.floats("c", {4}, kFour, creation);
  H5Pclose(creation);
  EXPECT_TRUE(same_bits(Hdf5File(image.bytes(), "f.h5").tensor("c"), Tensor::of({4}, kFour)));
}

void expect_dataset_refused(const Hdf5Image& image, const char* part) {
  expect_refused_naming([&] { Hdf5File(image.bytes(), "f.h5").tensor("d"); }, part, "f.h5");
}

TEST(Hdf5, RefusesChunksAndFilters) {
  for (const bool filter : {false, true}) {
    Hdf5Image image;
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t chunk = 2;
    H5Pset_chunk(creation, 1, &chunk);
    if (filter) H5Pset_shuffle(creation);
    image.floats("d", {4}, kFour, creation);
    H5Pclose(creation);
    expect_dataset_refused(image, filter ? "filters" : "chunks");
  }
}

TEST(Hdf5, RefusesExternalStorage) {
  Hdf5Image image;
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_external(creation, "elsewhere.bin", 0, 16);
  const hsize_t four = 4;
  const hid_t space = H5Screate_simple(1, &four, nullptr);
  H5Dclose(
      H5Dcreate2(image.file(), "d", H5T_IEEE_F32LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Sclose(space);
  H5Pclose(creation);
  expect_dataset_refused(image, "other files");
}

TEST(Hdf5, RefusesLinks) {
  Hdf5Image soft;
  soft.floats("real", {4}, kFour);
  H5Lcreate_soft("real", soft.file(), "d", H5P_DEFAULT, H5P_DEFAULT);
  expect_dataset_refused(soft, "soft link");
  Hdf5Image external;
  H5Lcreate_external("elsewhere.h5", "x", external.file(), "d", H5P_DEFAULT, H5P_DEFAULT);
  expect_dataset_refused(external, "f.h5");
}

TEST(Hdf5, RefusesOtherTypes) {
  for (const hid_t type : {H5T_IEEE_F64LE, H5T_IEEE_F32BE, H5T_STD_I32LE}) {
    Hdf5Image image;
    image.floats("d", {4}, kFour, H5P_DEFAULT, type);
    expect_dataset_refused(image, "float32");
  }
}

TEST(Hdf5, RefusesAFileShorterThanItSays) {
  Hdf5Image image;
  image.floats("d", {4}, kFour);
  std::string bytes = image.bytes();
  constexpr size_t kEndOfFile = 40;  // of superblock 0
  bytes[kEndOfFile + 3] = 1;
  expect_refused([&] { Hdf5File(bytes, "f.h5"); }, "superblock says");
}

TEST(Hdf5, RefusesEveryTruncation) {
  Hdf5Image image;
  image.floats("d", {4}, kFour);
  const std::string bytes = image.bytes();
  for (size_t size = 0; size < bytes.size(); ++size) {
    expect_refused([&] { Hdf5File(bytes.substr(0, size), "f.h5").tensor("d"); }, "f.h5");
  }
}

}  // namespace
}  // namespace secateur
