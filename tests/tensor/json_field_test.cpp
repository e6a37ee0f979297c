#include "tensor/json_field.h"

#include <gtest/gtest.h>

#include "tests/formats/expect_refused.h"

namespace secateur {
namespace {

using nlohmann::json;

const json kRecord = {{"name", "a"},
                      {"count", 3},
                      {"largest", uint64_t{1} << 63},
                      {"half", 0.5},
                      {"yes", true},
                      {"list", {1, 2.5, "three"}},
                      {"parts", {{{"name", "b\nc"}}}}};

TEST(JsonField, ReadsWhatIsThere) {
  const JsonField field(kRecord, "record", "x.json");
  EXPECT_EQ(field.at("name").text(), "a");
  EXPECT_EQ(field.at("name").name(), "a");
  EXPECT_EQ(field.at("count").whole(), 3);
  EXPECT_EQ(field.at("count").number(), 3.0);
  EXPECT_EQ(field.at("half").number(0, 1), 0.5);
  EXPECT_TRUE(field.at("yes").truth());
  EXPECT_TRUE(field.has("yes"));
  EXPECT_FALSE(field.has("no"));
  EXPECT_EQ(field.at("list").elements(3).size(), 3u);
  EXPECT_EQ(field.at("parts").elements()[0].at("name").text(), "b\nc");
  EXPECT_EQ(field.members().size(), kRecord.size());
  EXPECT_EQ(JsonField(kRecord["list"], "record", "").elements()[1].number(), 2.5);
}

TEST(JsonField, SaysWhatIsWrongAndWhere) {
  const JsonField field(kRecord, "record", "x.json");
  const auto refused = [](const std::string& sentence, auto&& read) {
    expect_refused(read, "[record] x.json: wanted " + sentence);
  };
  refused("a text for missing, got nothing", [&] { field.at("missing").text(); });
  refused("an object for missing, got nothing", [&] { field.at("missing").at("inner").text(); });
  refused("a whole number for half, got 0.5", [&] { field.at("half").whole(); });
  refused("a whole number for largest, got 9223372036854775808",
          [&] { field.at("largest").whole(); });
  refused("a whole number from 4 to 9 for count, got 3", [&] { field.at("count").whole(4, 9); });
  refused("a number from 0.75 to 1 for half, got 0.5", [&] { field.at("half").number(0.75, 1); });
  refused("a number for yes, got true", [&] { field.at("yes").number(); });
  refused("true or false for count, got 3", [&] { field.at("count").truth(); });
  refused("a list for name, got 'a'", [&] { field.at("name").elements(); });
  refused("a list of at most 2 for list, got a list of 3", [&] { field.at("list").elements(2); });
  refused("a number for list[2], got 'three'", [&] { field.at("list").numbers(); });
  refused("an object for list[0], got 1",
          [&] { field.at("list").elements()[0].at("name").text(); });
  refused("a name of at most 200 printable characters for parts[0].name, got 'b?c'",
          [&] { field.at("parts").elements()[0].at("name").name(); });
  refused("an object, got a list of 1",
          [&] { JsonField(kRecord["parts"], "record", "x.json").object(); });
  expect_refused([&] { JsonField(json(1), "record", "").text(); }, "[record] wanted a text, got 1");
}

TEST(JsonField, KnowsItsKeys) {
  const json object = {{"a", 1}, {"b\x1b[2J", {{"c", 2}}}};
  const JsonField field(object, "record", "x");
  EXPECT_NO_THROW(field.only_keys({"a", "b\x1b[2J", "d"}));
  expect_refused([&] { field.only_keys({"a"}); }, "x: unknown key 'b?[2J'");
  expect_refused([&] { field.members()[1].second.only_keys({}); }, "x: unknown key 'c' in 'b?[2J'");
}

TEST(JsonField, ShowsValuesOnOneShortLine) {
  EXPECT_EQ(shown("a\n\x1b" + std::string(10000, 'b')), "'a??" + std::string(77, 'b') + "...'");
  EXPECT_EQ(shown(json::array({1, 2})), "a list of 2");
  EXPECT_EQ(shown(json::object()), "an object");
  EXPECT_EQ(shown(1e308), "1e+308");
  EXPECT_EQ(shown(nullptr), "null");
}

}  // namespace
}  // namespace secateur
