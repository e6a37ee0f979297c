#include "tensor/part_observer.h"

#include <gtest/gtest.h>

#include "tests/watching.h"

namespace secateur {
namespace {

TEST(PartObserver, CountsOnTopOfWhatIsDone) {
  Watching whole;
  PartObserver part(whole, {.what = "whole", .unit = "images", .done = 30, .total = 50});
  part.progress({.what = "part", .unit = "steps", .done = 5, .total = 20, .detail = "loss 1"});
  ASSERT_EQ(whole.heard.size(), 1u);
  const Progress& heard = whole.heard.front();
  EXPECT_EQ(heard.what, "whole");
  EXPECT_EQ(heard.unit, "images");
  EXPECT_EQ(heard.done, 35);
  EXPECT_EQ(heard.total, 50);
  EXPECT_EQ(heard.detail, "loss 1");
}

TEST(PartObserver, PutsItsDetailInFront) {
  Watching whole;
  PartObserver part(whole, {.what = "whole", .unit = "images", .detail = "visit 2 of 5"});
  part.progress({.what = "part", .unit = "images", .detail = "loss 1"});
  part.progress({.what = "part", .unit = "images"});
  EXPECT_EQ(whole.heard.at(0).detail, "visit 2 of 5, loss 1");
  EXPECT_EQ(whole.heard.at(1).detail, "visit 2 of 5");
}

TEST(PartObserver, HandsOnQuestionsAndSentences) {
  Watching whole(2);
  PartObserver part(whole, {});
  EXPECT_NO_THROW(stop_if_asked(part));
  EXPECT_THROW(stop_if_asked(part), Stopped);
  part.say("done");
  EXPECT_EQ(whole.said, std::vector<std::string>{"done"});
}

TEST(ShareObserver, MapsTheScaleOfThePartToItsShare) {
  Watching whole;
  ShareObserver part(whole, {.what = "whole", .unit = "%", .done = 30, .total = 100}, 20);
  part.progress({.what = "part", .unit = "steps", .done = 5, .total = 20});
  part.progress({.what = "other", .unit = "images", .done = 5});
  EXPECT_EQ(whole.heard.at(0).done, 35);
  EXPECT_EQ(whole.heard.at(0).what, "whole");
  EXPECT_EQ(whole.heard.at(1).done, 30);
  part.say("done");
  EXPECT_EQ(whole.said, std::vector<std::string>{"done"});
}

}  // namespace
}  // namespace secateur
