#include "formats/json_text.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace secateur
