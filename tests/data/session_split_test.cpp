// split.csv and images.csv: which pictures of a session of one's own fit, and which score.

#include "data/session_split.h"

#include <gtest/gtest.h>

#include <numeric>

#include "data/recording_split.h"
#include "formats/npy.h"
#include "tests/data/image_fixtures.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

using Places = std::vector<int64_t>;

// Six pictures, image1.png to image6.png; the response of neuron 0 to picture i is i, of neuron 1
// it is 10 i, with two repeats that differ by 1.
class SessionSplit : public testing::Test {
 protected:
  SessionSplit() {
    std::vector<double> trials;
    for (int64_t factor : {1, 10}) {
      for (int64_t image = 1; image <= 6; ++image) {
        const auto mean = static_cast<double>(factor * image);
        trials.insert(trials.end(), {mean - 0.5, mean + 0.5});
      }
    }
    for (int64_t image = 1; image <= 6; ++image) {
      fixture::write_text(root_ / fmt::format("images/image{}.png", image),
                          fixture::pattern_png(image, 40, 40));
    }
    write_npy(root_ / "responses.npy", Shape{2, 6, 2}, std::span<const double>(trials));
  }

  // A row for each of the six pictures.
  void table(const std::string& name, const std::string& header,
             const std::vector<std::string>& cells) {
    std::string text = header + "\n";
    for (size_t i = 0; i < cells.size(); ++i) text += fmt::format("image{},{}\n", i + 1, cells[i]);
    fixture::write_text(root_ / name, text);
  }
  Recording loaded(int64_t fold = kSmallestFold) const {
    return load_recording(root_, "mine", 32, fold);
  }
  void refused(const std::string& part, ErrorKind kind = ErrorKind::kBadInput,
               int64_t fold = kSmallestFold) const {
    expect_refused([&] { loaded(fold); }, part, kind);
  }
  // The numbers of the pictures in the order of the recording, which responses and pixels follow.
  static Places order_of(const Recording& recording) {
    Places order;
    for (int64_t i = 0; i < recording.images; ++i) {
      const auto number = static_cast<int64_t>(recording.mean_at(0, i));
      order.push_back(number);
      EXPECT_EQ(recording.mean_at(1, i), 10.0 * static_cast<double>(number));
      EXPECT_EQ(recording.trials[static_cast<size_t>(2 * i)], static_cast<double>(number) - 0.5);
      EXPECT_EQ(recording.image_source->name(i), fmt::format("image{}.png", number));
    }
    return order;
  }

  const TemporaryFolder folder_;
  const fs::path root_ = folder_ / "mine";
};

TEST_F(SessionSplit, IsTheHalfSplitWhereNothingElseIsSaid) {
  const Recording recording = loaded();
  EXPECT_FALSE(recording.split);
  EXPECT_EQ(order_of(recording), (Places{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(split_range(recording, Half::kFirst), (ImageRange{0, 3}));
  EXPECT_EQ(split_range(recording, Half::kSecond), (ImageRange{3, 6}));
  EXPECT_EQ(split_range(recording, Half::kAll), (ImageRange{0, 6}));
  EXPECT_EQ(validation_range(recording).count(), 0);
  EXPECT_EQ(split_of(recording).by, kSplitByHalf);
  EXPECT_EQ(place_in_responses(recording, 4), 4);
}

TEST_F(SessionSplit, TakesSidesFromATable) {
  table("split.csv", "image,split", {"score", "fit", "validation", "score", "fit", "validation"});
  const Recording recording = loaded();
  EXPECT_EQ(order_of(recording), (Places{2, 5, 3, 6, 1, 4}));
  EXPECT_EQ(split_range(recording, Half::kFirst), (ImageRange{0, 4}));
  EXPECT_EQ(validation_range(recording), (ImageRange{2, 4}));
  EXPECT_EQ(split_range(recording, Half::kSecond), (ImageRange{4, 6}));
  EXPECT_EQ(split_of(recording).by, "split.csv");
  EXPECT_EQ(split_of(recording).order.size(), 64u);
  EXPECT_EQ(place_in_responses(recording, 4), 0);
  EXPECT_EQ(place_in_responses(recording, 3), 5);
}

// One that keeps the order needs no other word for it: places mean the same images.
TEST_F(SessionSplit, InTheUsualOrderHasNoOrderOfItsOwn) {
  table("split.csv", "file,split", {"fit", "fit", "fit", "fit", "score", "score"});
  const Recording recording = loaded();
  EXPECT_EQ(split_range(recording, Half::kFirst), (ImageRange{0, 4}));
  EXPECT_EQ(split_of(recording).order, "");
}

TEST_F(SessionSplit, ScoresOneFold) {
  table("split.csv", "file,fold,note", {"2,", "1,x", "7,", "1,", "7,", "2,"});
  EXPECT_EQ(order_of(loaded()), (Places{1, 3, 5, 6, 2, 4}));
  EXPECT_EQ(split_of(loaded()).by, "fold 1 of split.csv");
  EXPECT_EQ(order_of(loaded(7)), (Places{1, 2, 4, 6, 3, 5}));
  EXPECT_NE(split_of(loaded(7)).order, split_of(loaded(1)).order);
  EXPECT_EQ(validation_range(loaded(7)).count(), 0);
  refused("there is no fold 3 in ", ErrorKind::kUsage, 3);
  refused("its folds are 1, 2, 7", ErrorKind::kUsage, 3);
}

TEST_F(SessionSplit, HasNoFoldsWithoutATableOfThem) {
  refused("session mine has no fold 0: it has no split.csv with a column 'fold'", ErrorKind::kUsage,
          0);
  table("split.csv", "file,split", {"fit", "fit", "fit", "fit", "score", "score"});
  refused("session mine has no fold 0", ErrorKind::kUsage, 0);
}

TEST_F(SessionSplit, HalvesWholeGroups) {
  table("images.csv", "file,group", {"film", "cat", "film", "film", "dog", "cat"});
  // film is half of them.
  EXPECT_EQ(order_of(loaded()), (Places{1, 3, 4, 2, 5, 6}));
  EXPECT_EQ(split_range(loaded(), Half::kFirst), (ImageRange{0, 3}));
  EXPECT_EQ(split_of(loaded()).by, "half of 3 groups");
  table("images.csv", "file,group", {"a", "b", "b", "b", "b", "c"});
  EXPECT_EQ(split_range(loaded(), Half::kFirst).count(), 1) << "5 are as far from half: the fewer";
  table("images.csv", "file,group", {"a", "a", "a", "a", "a", "c"});
  EXPECT_EQ(split_range(loaded(), Half::kFirst).count(), 5) << "something must fit";
  table("images.csv", "file,group", {"a", "b", "b", "c", "c", "c"});
  EXPECT_EQ(split_range(loaded(), Half::kFirst).count(), 3);
  EXPECT_EQ(split_of(loaded()).order, "") << "the order is the usual one";
}

// responses.npy goes by the indices; pixels and responses stay together.
TEST_F(SessionSplit, IndicesGiveTheOrder) {
  table("images.csv", "file,index", {"5", "4", "3", "2", "1", "0"});
  const Recording recording = loaded();
  for (int64_t i = 0; i < 6; ++i) {
    EXPECT_EQ(recording.mean_at(0, i), static_cast<double>(i + 1));
    EXPECT_EQ(recording.image_source->name(i), fmt::format("image{}.png", 6 - i));
  }
  EXPECT_EQ(split_of(recording).by, kSplitByHalf);
  EXPECT_FALSE(split_of(recording).order.empty());
  EXPECT_EQ(place_in_responses(recording, 2), 2);
  table("images.csv", "file,index,group", {"5,x", "4,y", "3,x", "2,y", "1,x", "0,y"});
  const Recording grouped = loaded();
  EXPECT_EQ(grouped.image_source->name(0), "image6.png") << "the group of index 0 comes first";
  EXPECT_EQ(grouped.image_source->name(1), "image4.png");
  EXPECT_EQ(grouped.mean_at(0, 1), 3);
  EXPECT_EQ(place_in_responses(grouped, 1), 2);
}

TEST_F(SessionSplit, RefusesTablesThatDoNotFit) {
  const std::vector<std::string> good = {"fit", "fit", "fit", "fit", "score", "score"};
  const auto with = [&](size_t place, const std::string& cell) {
    std::vector<std::string> cells = good;
    cells[place] = cell;
    return cells;
  };
  table("split.csv", "image,split", with(2, "test"));
  refused("split.csv: line 4: wanted fit, validation or score in column 'split', got 'test'");
  table("split.csv", "image,split", with(2, ""));
  refused("line 4: there is nothing in column 'split'");
  table("split.csv", "image,split", with(2, "validation"));
  refused("has one picture for validation, wanted none or at least 2");
  table("split.csv", "image,split", with(5, "score\nimage2,fit"));
  refused("line 8: 'image2' is there twice, first in line 3");
  table("split.csv", "image,split", with(5, "score\nimage9,fit"));
  refused("line 8: there is no picture 'image9' in images/");
  table("split.csv", "image,split", {"fit", "fit", "fit", "fit", "score"});
  refused("has no row for the picture 'image6.png'");
  table("split.csv", "image,part", good);
  refused("wanted a column 'split' or a column 'fold', got neither");
  table("split.csv", "image,split,fold", {"fit,1"});
  refused("has no row for the picture 'image2.png'");
  table("split.csv", "picture,split", good);
  refused("wanted a column 'image', the columns are 'picture, split'");
  table("split.csv", "image,split", {"fit", "fit", "fit", "fit", "fit", "fit"});
  refused("split.csv leaves nothing to score");
  table("split.csv", "image,split", {"score", "score", "score", "score", "score", "score"});
  refused("split.csv leaves nothing to fit");
  table("split.csv", "image,fold", {"1", "1", "1", "1", "1", "1"});
  refused("split.csv leaves nothing to fit");
  table("split.csv", "image,fold", {"1", "2", "1.5", "1", "1", "1"});
  refused("line 4: wanted a whole number in column 'fold', got '1.5'");
}

TEST_F(SessionSplit, RefusesGroupsOnTwoSides) {
  table("images.csv", "file,group", {"a", "a", "b", "b", "c", "c"});
  table("split.csv", "file,split", {"fit", "score", "fit", "fit", "score", "score"});
  refused("split.csv: line 3: the group 'a' of images.csv is among the pictures that score and");
  table("split.csv", "file,split", {"fit", "fit", "fit", "validation", "validation", "score"});
  refused("line 7: the group 'c' of images.csv");
  table("split.csv", "file,split", {"fit", "fit", "fit", "validation", "score", "score"});
  refused("has one picture for validation");  // a group may be in both of fit and validation
  table("split.csv", "file,fold", {"1", "1", "2", "3", "4", "4"});
  refused("line 5: the group 'b' of images.csv is in two folds", ErrorKind::kBadInput, 1);
  table("split.csv", "file,fold", {"1", "1", "2", "2", "3", "3"});
  EXPECT_EQ(order_of(loaded(2)), (Places{1, 2, 5, 6, 3, 4}));
}

TEST_F(SessionSplit, RefusesNotesThatDoNotFit) {
  table("images.csv", "file,kind", {"a", "a", "b", "b", "c", "c"});
  refused("images.csv: wanted a column 'group' or 'index', got neither");
  table("images.csv", "file,group", {"a", "a", "", "b", "c", "c"});
  refused("images.csv: line 4: there is nothing in column 'group'");
  table("images.csv", "file,group", {"a", "a", "a", "a", "a", "a"});
  refused("images.csv has all pictures in one group, 'a': nothing would be left to score");
  table("images.csv", "file,index", {"1", "2", "3", "4", "5", "6"});
  refused("line 7: wanted an index from 0 to 5 that no other picture has, got 6");
  table("images.csv", "file,index", {"0", "1", "1", "2", "3", "4"});
  refused("line 4: wanted an index from 0 to 5 that no other picture has, got 1");
  table("images.csv", "file,index", {"0", "1", "2", "3", "4"});
  refused("images.csv has no row for the picture 'image6.png'");
}

}  // namespace
}  // namespace secateur
