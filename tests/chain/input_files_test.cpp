#include "chain/input_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/atomic_file.h"
#include "tensor/error.h"
#include "tensor/sha256.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class InputFiles : public testing::Test {
 protected:
  InputFiles() { recipe_.source = "recordings"; }

  void put(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    write_file_atomically(folder_ / name, text);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const ManifestFile& file : input_files(recipe_, {})) names.push_back(file.name);
    return names;
  }
  std::string list() const { return list_of_inputs(input_files(recipe_, {})); }

  TemporaryFolder folder_;
  Recipe recipe_;
};

TEST_F(InputFiles, AFolderOfPicturesIsListedPictureByPicture) {
  put("pictures/1.png", "one");
  put("pictures/2.png", "two");
  put("more.zip", "zip");
  recipe_.images = {(folder_ / "pictures").string(), (folder_ / "more.zip").string()};
  EXPECT_THAT(names(), ElementsAre("images/pictures/", "images/more.zip"));
  const std::string before = list();
  EXPECT_EQ(before, sha256_of("one") + "  images/pictures/1.png\n" + sha256_of("two") +
                        "  images/pictures/2.png\n" + sha256_of("zip") + "  images/more.zip\n");
  EXPECT_EQ(digest_in_list(before, "images/more.zip"), sha256_of("zip"));
  EXPECT_EQ(digest_in_list(before, "images/other.zip"), "");

  put("pictures/2.png", "TWO");
  put("pictures/3.png", "three");
  const std::string after = list();
  EXPECT_NE(digest_in_list(after, "images/pictures/"), digest_in_list(before, "images/pictures/"));
  EXPECT_THAT(changed_in_lists(before, after, "images/pictures/"),
              ElementsAre("images/pictures/2.png", "images/pictures/3.png"));
  EXPECT_THAT(changed_in_lists(before, after, "images/more.zip"), ElementsAre());
}

TEST_F(InputFiles, TablesBesideTheResponsesAreListed) {
  for (const char* name : {"responses.npy", "split.csv", "images.csv", "neurons.csv"}) {
    put(std::string("mine/") + name, name);
  }
  put("mine/images/1.png", "one");
  recipe_.recordings = (folder_ / "mine").string();
  recipe_.neuron = "mine/all";
  EXPECT_THAT(names(), ElementsAre("recordings/mine/responses.npy", "recordings/mine/images/",
                                   "recordings/mine/split.csv", "recordings/mine/images.csv",
                                   "recordings/mine/neurons.csv"));
  const std::string before = list();
  EXPECT_THAT(gone_from_list(before, input_files(recipe_, {})), ElementsAre());
  std::filesystem::remove(folder_ / "mine/split.csv");
  EXPECT_THAT(gone_from_list(before, input_files(recipe_, {})),
              ElementsAre("recordings/mine/split.csv"));
}

TEST_F(InputFiles, TwoOfOneNameAreBothListed) {
  put("a/pictures/1.png", "one");
  put("b/pictures/1.png", "other");
  recipe_.images = {(folder_ / "a/pictures").string(), (folder_ / "b/pictures/").string(),
                    (folder_ / "a/pictures").string()};
  EXPECT_THAT(names(), ElementsAre("images/pictures/", "images/2/pictures/"));
}

TEST_F(InputFiles, OneFileMayHaveTwoRoles) {
  put("shared.keras", "weights");
  recipe_.teacher = {(folder_ / "shared.keras").string()};
  recipe_.start = recipe_.teacher.front();
  recipe_.neuron = "a/0";
  std::vector<std::string> names;
  for (const ManifestFile& file : input_files(recipe_, {recorded_neuron("a", 0)})) {
    names.push_back(file.name);
  }
  EXPECT_THAT(names, ElementsAre("teacher/shared.keras", "start/shared.keras"));
}

TEST_F(InputFiles, ANameThatNoListCanHoldIsRefused) {
  put("pictures/1\n2.png", "one");
  recipe_.images = {(folder_ / "pictures").string()};
  EXPECT_THROW(list(), Error);
}

}  // namespace
}  // namespace secateur
