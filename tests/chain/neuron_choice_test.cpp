#include "chain/neuron_choice.h"

#include <gtest/gtest.h>

#include "tests/formats/expect_refused.h"

namespace secateur {
namespace {

TEST(NeuronChoice, NamesASessionPerhapsAndItsNeurons) {
  EXPECT_EQ(parse_neuron_choice("201025/2").session, "201025");
  EXPECT_EQ(parse_neuron_choice("201025/0:10").neurons, "0:10");
  EXPECT_EQ(parse_neuron_choice("all").session, "");
  EXPECT_EQ(parse_neuron_choice("all").neurons, "all");
  for (const char* bad : {"/2", "201025/", "/"}) {
    expect_refused([&] { parse_neuron_choice(bad); }, std::string("got '") + bad + "'",
                   ErrorKind::kUsage);
  }
}

TEST(ParseRange, GivesTheNumbers) {
  using Numbers = std::vector<int64_t>;
  EXPECT_EQ(parse_range("2", 5, "neurons"), (Numbers{2}));
  EXPECT_EQ(parse_range("4", 5, "neurons"), (Numbers{4}));
  EXPECT_EQ(parse_range("1:4", 5, "neurons"), (Numbers{1, 2, 3}));
  EXPECT_EQ(parse_range("all", 3, "neurons"), (Numbers{0, 1, 2}));
  EXPECT_EQ(parse_range("3,0,1:3", 5, "neurons"), (Numbers{3, 0, 1, 2}));
}

TEST(ParseRange, RefusesTheRest) {
  for (const char* bad : {"",   "5",  "-1",    "3:3",   "4:2",   "0:6",  "x",
                          "1:", ":2", "1:2:3", "1.5",   " 1",    "all ", ",",
                          "1,", ",1", "1,1",   "0:3,2", "0,all", "1;2",  "99999999999999999999"}) {
    expect_refused(
        [&] { parse_range(bad, 5, "neurons"); },
        fmt::format(
            "wanted neurons of 0 to 4 (a number, FIRST:LAST with LAST left out, several such as "
            "0,3,7:9, or all), got '{}'",
            bad),
        ErrorKind::kUsage);
  }
}

TEST(ChosenNeurons, MayBeCalledByName) {
  using Numbers = std::vector<int64_t>;
  Recording recording;
  recording.session = "mine";
  recording.neurons = 5;
  EXPECT_EQ(chosen_neurons("1:3,0", recording), (Numbers{1, 2, 0}));
  recording.neuron_names = {"MT_12", "3", "two", "", "two"};
  EXPECT_EQ(chosen_neurons("MT_12,3,1", recording), (Numbers{0, 3, 1}));
  EXPECT_EQ(chosen_neurons("all", recording).size(), 5u);
  EXPECT_TRUE(has_names("3,MT_12"));
  EXPECT_FALSE(has_names("3,1:4"));
  EXPECT_FALSE(has_names("all"));
  const auto refused = [&](const char* text, const std::string& part) {
    expect_refused([&] { chosen_neurons(text, recording); }, part, ErrorKind::kUsage);
  };
  refused("MT_13", "session mine has no neuron called 'MT_13'");
  refused("two", "session mine has 2 neurons called 'two': say which by number, 2 or 4");
  refused("MT_12,0", "wanted neurons of mine of 0 to 4");
  refused("5", "wanted neurons of mine of 0 to 4");
}

}  // namespace
}  // namespace secateur
