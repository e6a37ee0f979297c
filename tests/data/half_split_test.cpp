#include "data/half_split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "tensor/error.h"

namespace secateur {
namespace {

using testing::HasSubstr;

// What the call threw: the kind's exit code and the sentence; "accepted" when nothing.
std::string verdict(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& e) {
    return std::to_string(static_cast<int>(e.kind())) + " " + e.what();
  }
  return "accepted";
}

TEST(HalfSplit, HalvesMeetAndCoverAllImages) {
  EXPECT_EQ(half_range(Half::kFirst, 1200), (ImageRange{0, 600}));
  EXPECT_EQ(half_range(Half::kSecond, 1200), (ImageRange{600, 1200}));
  EXPECT_EQ(half_range(Half::kFirst, 7), (ImageRange{0, 3}));
  EXPECT_EQ(half_range(Half::kSecond, 7), (ImageRange{3, 7}));
  EXPECT_EQ(half_range(Half::kAll, 7), (ImageRange{0, 7}));
  EXPECT_EQ(half_range(Half::kSecond, 7).count(), 4);
  EXPECT_EQ(half_range(Half::kFirst, 0), (ImageRange{0, 0}));
  EXPECT_THROW(half_range(Half::kAll, -1), Error);
}

TEST(HalfSplit, NamesGoBothWays) {
  for (Half half : {Half::kFirst, Half::kSecond, Half::kAll}) {
    EXPECT_EQ(parse_half(half_name(half)), half);
  }
  EXPECT_THAT(verdict([] { parse_half("third"); }), HasSubstr("\"third\""));
}

TEST(SplitGuard, FirstHalfFitsSecondHalfScores) {
  for (const char* session : {"190923", "201025", "210225", "211022"}) {
    SplitGuard guard;
    guard.fitted(session, half_range(Half::kFirst, 1201));
    guard.scored(session, half_range(Half::kSecond, 1201));
    const std::string said = verdict([&] { guard.scored(session, half_range(Half::kAll, 1201)); });
    EXPECT_THAT(said, HasSubstr("2 [half_split]"));
    EXPECT_THAT(said, HasSubstr(std::string("images 0 to 1200 of session ") + session));
    EXPECT_THAT(said, HasSubstr("a model that was fitted on images 0 to 599 of it"));
  }
}

TEST(SplitGuard, OneSharedImageIsEnough) {
  SplitGuard guard;
  guard.fitted("190923", {0, 100});
  EXPECT_THAT(verdict([&] { guard.scored("190923", {99, 200}); }), HasSubstr("2 "));
  EXPECT_EQ(verdict([&] { guard.scored("190923", {100, 200}); }), "accepted");
  EXPECT_EQ(verdict([&] { guard.scored("201025", {0, 100}); }), "accepted");
}

TEST(SplitGuard, AFitAfterAScoreIsRefusedToo) {
  SplitGuard guard;
  guard.scored("190923", {600, 1200});
  EXPECT_THAT(verdict([&] { guard.fitted("190923", {0, 1200}); }), HasSubstr("2 "));
  EXPECT_EQ(guard.entries().size(), 1u);  // the refused fit left no trace
  EXPECT_EQ(verdict([&] { guard.fitted("190923", {0, 600}); }), "accepted");
}

TEST(SplitGuard, OtherSessionsAreFree) {
  SplitGuard guard;
  guard.fitted("210305", {0, 500});
  EXPECT_EQ(verdict([&] { guard.scored("210305", {0, 500}); }), "accepted");
}

TEST(SplitGuard, SimulatedTestSessionsAreDeclared) {
  SplitGuard guard;
  guard.declare_test_session("simulated_3");
  guard.fitted("simulated_3", {0, 50});
  EXPECT_THAT(verdict([&] { guard.scored("simulated_3", {49, 60}); }), HasSubstr("2 "));

  SplitGuard late;
  late.fitted("simulated_3", {0, 50});
  late.scored("simulated_3", {40, 60});
  EXPECT_THAT(verdict([&] { late.declare_test_session("simulated_3"); }), HasSubstr("2 "));
  EXPECT_FALSE(late.is_test_session("simulated_3"));
}

TEST(SplitGuard, RefusesImpossibleRanges) {
  SplitGuard guard;
  for (ImageRange range : {ImageRange{5, 5}, ImageRange{-1, 5}, ImageRange{6, 5}}) {
    EXPECT_THAT(verdict([&] { guard.fitted("190923", range); }), HasSubstr("3 "));
    EXPECT_THAT(verdict([&] { guard.scored("190923", range); }), HasSubstr("3 "));
  }
  EXPECT_THAT(verdict([&] { guard.fitted("", {0, 5}); }), HasSubstr("3 "));
  EXPECT_TRUE(guard.entries().empty());
}

TEST(SplitGuard, RepeatedAndTouchingUsesAreOneEntry) {
  SplitGuard guard;
  guard.fitted("210305", {10, 20});
  guard.fitted("210305", {0, 10});
  EXPECT_EQ(guard.entries().size(), 1u);
  guard.fitted("210305", {5, 15});
  guard.fitted("190923", {0, 4});
  ASSERT_EQ(guard.entries().size(), 2u);
  EXPECT_EQ(guard.entries()[0].session, "190923");
  EXPECT_TRUE(guard.entries()[0].test);
  EXPECT_EQ(guard.entries()[1].images, (ImageRange{0, 20}));
  EXPECT_FALSE(guard.entries()[1].test);
}

TEST(SplitGuard, TravelsAsJson) {
  SplitGuard guard;
  guard.declare_test_session("simulated_3");
  guard.declare_test_session("simulated_4");
  guard.fitted("190923", {0, 600});
  guard.fitted("simulated_3", {0, 50});
  guard.scored("simulated_3", {50, 100});
  const nlohmann::json json = guard.to_json();
  EXPECT_EQ(json[0].dump(), R"({"begin":0,"end":600,"session":"190923","test":true,"use":"fit"})");
  SplitGuard read = SplitGuard::from_json(nlohmann::json::parse(json.dump()), "model.sec");
  EXPECT_EQ(read, guard);
  EXPECT_THAT(verdict([&] { read.scored("190923", {599, 700}); }), HasSubstr("2 "));
  EXPECT_THAT(verdict([&] { read.scored("simulated_3", {0, 1}); }), HasSubstr("2 "));
  EXPECT_TRUE(read.is_test_session("simulated_4"));
}

TEST(SplitGuard, AFileCannotLoosenTheRule) {
  const auto json = nlohmann::json::parse(
      R"([{"session":"190923","begin":0,"end":600,"use":"fit","test":false}])");
  SplitGuard guard = SplitGuard::from_json(json, "model.sec");
  EXPECT_THAT(verdict([&] { guard.scored("190923", {0, 600}); }), HasSubstr("2 "));
}

TEST(SplitGuard, RefusesMalformedJson) {
  for (const char* text :
       {R"({})", R"("fit")", R"([3])", R"([{}])", R"([{"session":"a"}])",
        R"([{"session":"a","begin":0,"end":5,"use":"look","test":false}])",
        R"([{"session":"a","begin":0.5,"end":5,"use":"fit","test":false}])",
        R"([{"session":"a","begin":0,"end":18446744073709551615,"use":"fit","test":false}])",
        R"([{"session":"a","begin":5,"end":0,"use":"fit","test":false}])",
        R"([{"session":"a","begin":0,"use":"fit","test":false}])",
        R"([{"session":"","begin":0,"end":5,"use":"fit","test":false}])",
        R"([{"session":7,"begin":0,"end":5,"use":"fit","test":false}])",
        R"([{"session":"a","begin":0,"end":5,"use":"fit","test":1}])"}) {
    const auto json = nlohmann::json::parse(text);
    EXPECT_THAT(verdict([&] { SplitGuard::from_json(json, "model.sec"); }), HasSubstr("3 "))
        << text;
  }
  nlohmann::json many = nlohmann::json::array();
  for (int i = 0; i < 1001; ++i) many.push_back({{"session", "a"}, {"test", true}});
  EXPECT_THAT(verdict([&] { SplitGuard::from_json(many, "model.sec"); }), HasSubstr("at most"));
}

TEST(SplitGuard, MergeTakesBothOrNeither) {
  SplitGuard teacher, readout;
  teacher.fitted("210305", {0, 500});
  teacher.scored("190923", {600, 1200});
  readout.declare_test_session("simulated_3");
  readout.fitted("190923", {0, 600});
  SplitGuard both = teacher;
  both.merge(readout);
  EXPECT_EQ(both.entries().size(), 3u);
  EXPECT_TRUE(both.is_test_session("simulated_3"));
  readout.fitted("190923", {600, 700});
  SplitGuard untouched = teacher;
  EXPECT_THAT(verdict([&] { untouched.merge(readout); }), HasSubstr("2 "));
  EXPECT_EQ(untouched, teacher);
}

// Whatever the order of uses, no image of a test session is ever both fitted and scored.
RC_GTEST_PROP(SplitGuardLaws, NoImageIsBothFittedAndScored, ()) {
  SplitGuard guard;
  std::string marks(40, ' ');
  for (int step = 0; step < 12; ++step) {
    const auto begin = *rc::gen::inRange(0, 39);
    const auto end = *rc::gen::inRange(begin + 1, 40);
    const bool fit = *rc::gen::arbitrary<bool>();
    bool clash = false;
    for (int i = begin; i < end; ++i) clash |= marks[static_cast<size_t>(i)] == (fit ? 's' : 'f');
    const std::string said = verdict([&] {
      fit ? guard.fitted("190923", {begin, end}) : guard.scored("190923", {begin, end});
    });
    RC_ASSERT((said != "accepted") == clash);
    if (clash) continue;
    for (int i = begin; i < end; ++i) marks[static_cast<size_t>(i)] = fit ? 'f' : 's';
  }
  RC_ASSERT(SplitGuard::from_json(guard.to_json(), "x") == guard);
}

// Places of another order are other images: what may have been fitted may not score.
TEST(HalfSplitGuard, ComparesPlacesOfOneOrderOnly) {
  SplitGuard guard;
  guard.declare_test_session("mine");
  guard.fitted("mine", {0, 30}, "a");
  EXPECT_NO_THROW(SplitGuard(guard).scored("mine", {30, 60}, "a"));
  EXPECT_THROW(SplitGuard(guard).scored("mine", {0, 10}, "a"), Error);
  for (const char* other : {"", "b"}) {
    EXPECT_THROW(SplitGuard(guard).scored("mine", {30, 60}, other), Error);
  }
  const SplitGuard again = SplitGuard::from_json(guard.to_json(), "x");
  EXPECT_EQ(again, guard);
  EXPECT_EQ(again.entries()[0].order, "a");
  EXPECT_THROW(SplitGuard(again).scored("mine", {30, 60}), Error);
  SplitGuard both;
  both.fitted("mine", {0, 10}, "a");
  both.fitted("mine", {10, 20}, "b");
  EXPECT_EQ(both.entries().size(), 2u) << "ranges of two orders are never joined";
}

}  // namespace
}  // namespace secateur
