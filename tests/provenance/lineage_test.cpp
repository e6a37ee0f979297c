#include "provenance/lineage.h"

#include <gtest/gtest.h>

#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

std::string digest(char digit) { return std::string(64, digit); }

Lineage small_lineage() {
  return {.recipe = {{"seed", 1}},
          .code = {{"version", "0"}},
          .promises = {{"threads", "any"}},
          .stages = {{.stage = "labels",
                      .neuron = "",
                      .reads = {{"input:teacher/t.keras", digest('a')}},
                      .makes = {{"labels/l", digest('b')}}},
                     {.stage = "distill",
                      .neuron = "n",
                      .reads = {{"labels/l", digest('b')}},
                      .makes = {{"models/s", digest('c')}}}},
          .subject = {{"models/s", digest('c')}}};
}

TEST(Lineage, IsAnInTotoStatementAndComesBack) {
  const TemporaryFolder folder;
  const Lineage made = small_lineage();
  write_lineage(folder / "lineage.json", made);
  const Lineage read = read_lineage(folder / "lineage.json");
  EXPECT_EQ(to_json(read), to_json(made));
  const nlohmann::json statement = to_json(made);
  EXPECT_EQ(statement["_type"], "https://in-toto.io/Statement/v1");
  EXPECT_EQ(statement["subject"][0]["digest"]["sha256"], digest('c'));
}

TEST(Lineage, RefusesWhatIsNoStatement) {
  nlohmann::json other = to_json(small_lineage());
  other["_type"] = "letter";
  expect_refused([&] { lineage_of(other, "f"); },
                 "f: wanted 'https://in-toto.io/Statement/v1' for _type, got 'letter'",
                 ErrorKind::kBadInput);
  other = to_json(small_lineage());
  other["subject"][0]["digest"]["sha256"] = "abc";
  expect_refused([&] { lineage_of(other, "f"); },
                 "f: wanted a SHA-256 of 'models/s' for subject[0].digest.sha256, got 'abc'",
                 ErrorKind::kBadInput);
  other = to_json(small_lineage());
  other["predicate"]["stages"][0]["neuron"] = "a\x1b[2J";
  expect_refused([&] { lineage_of(other, "f"); },
                 "wanted a name of at most 200 printable characters for "
                 "predicate.stages[0].neuron, got 'a?[2J'");
  other["predicate"]["recipe"] = 3;
  expect_refused([&] { lineage_of(other, "f"); }, "wanted an object for predicate.recipe, got 3");
  other["predicate"].erase("stages");
  other["predicate"]["recipe"] = nlohmann::json::object();
  expect_refused([&] { lineage_of(other, "f"); },
                 "f: wanted a list for predicate.stages, got nothing");
}

TEST(Lineage, FindsEveryBrokenLink) {
  EXPECT_TRUE(broken_links(small_lineage()).empty());
  Lineage other = small_lineage();
  other.stages[1].reads[0].sha256 = digest('d');
  ASSERT_EQ(broken_links(other).size(), 1u);
  EXPECT_EQ(broken_links(other)[0], "distill of n read another labels/l than labels made");
  other.stages[1].reads.push_back({"models/core", digest('e')});
  ASSERT_EQ(broken_links(other).size(), 2u);
  EXPECT_EQ(broken_links(other)[1], "distill of n read models/core, which no stage before it made");
}

TEST(Lineage, AStageMadeAgainReplacesItsRecordUnlessOnlyTheMachineDiffers) {
  Lineage lineage = small_lineage();
  StageRecord again = lineage.stages[0];
  again.machine = {{"processor", "another"}};
  put_stage(lineage, again);
  EXPECT_TRUE(lineage.stages[0].machine.empty());
  again.makes[0].sha256 = digest('f');
  put_stage(lineage, again);
  ASSERT_EQ(lineage.stages.size(), 2u);
  EXPECT_EQ(lineage.stages[0], again);
}

}  // namespace
}  // namespace secateur
