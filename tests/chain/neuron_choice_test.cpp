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

}  // namespace
}  // namespace secateur
