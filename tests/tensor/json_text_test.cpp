#include "tensor/json_text.h"

#include <gtest/gtest.h>

#include <ctime>

#include "tests/formats/expect_refused.h"

namespace secateur {
namespace {

TEST(JsonText, ReadsJson) {
  EXPECT_EQ(parse_json(R"({"b":[1,2.5,null],"a":{"b":1}})", "x")["b"][1], 2.5);
  EXPECT_EQ(json_text(parse_json(R"({ "b": 1, "a": 2 })", "x"), "x"), R"({"a":2,"b":1})");
}

TEST(JsonText, RefusesWhatIsNotStrict) {
  const auto refuse = [](const std::string& text, const char* part) {
    expect_refused([&] { parse_json(text, "x.json"); }, part);
    expect_refused([&] { parse_json(text, "x.json"); }, "x.json");
  };
  refuse("", "JSON");
  refuse("{} {}", "JSON");
  refuse("{\"a\":NaN}", "JSON");
  refuse("{\"a\":Infinity}", "JSON");
  refuse("// no\n{}", "JSON");
  refuse("{\"a\":1e999}", "range");
  refuse("\"\xff\"", "JSON");
  refuse("{\"a\":1,\"b\":{},\"a\":2}", "repeats the key 'a'");
  refuse("{\"b\":[{\"a\":1,\"a\":2}]}", "repeats");
  refuse(std::string(100000, '['), "deeper");
  std::string nested;
  for (int i = 0; i < 50; ++i) nested += "{\"a\":";
  refuse(nested, "deeper");
  EXPECT_NO_THROW(parse_json(std::string(32, '[') + std::string(32, ']'), "x"));
}

TEST(JsonText, SaysWhereATextIsNoJson) {
  expect_refused([] { parse_json("{\n\"a\": 1,\n\"b\" 2}", "x.json"); },
                 "[json] x.json is not valid JSON at byte 15 (line 3)");
  expect_refused([] { parse_json("{\"a\n\": 1}", "x.json"); }, "(line 2)");
}

TEST(JsonText, BuildsEveryKindOfValue) {
  const std::string text = R"({"a":[],"b":{},"c":[{"d":[1,-2,3.5,1e3]},[[]],"e",true,false,null],)"
                           R"("f":18446744073709551615})";
  EXPECT_EQ(parse_json(text, "x"), nlohmann::json::parse(text));
  EXPECT_EQ(parse_json("3", "x"), 3);
  EXPECT_TRUE(parse_json("-3", "x").is_number_integer());
}

TEST(JsonText, RefusesMoreValuesThanItIsAllowed) {
  const JsonCaps caps{.depth = 2, .values = 4};
  EXPECT_NO_THROW(parse_json("[1,2,3]", "x", caps));
  expect_refused([&] { parse_json("[1,2,3,4]", "x", caps); }, "x holds more than 4 values");
  expect_refused([&] { parse_json(R"({"a":{"b":{}}})", "x", caps); }, "x nests deeper than 2");
}

// The library's parser with a callback takes half a minute for this.
TEST(JsonText, TakesTimeThatGrowsWithTheLengthOnly) {
  std::string text = "[{}";
  for (int i = 0; i < 200000; ++i) text += ",{}";
  const std::clock_t start = std::clock();  // of this process: other ones may be busy
  EXPECT_EQ(parse_json(text + "]", "x").size(), 200001u);
  EXPECT_LE(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, 5.0);
}

}  // namespace
}  // namespace secateur
