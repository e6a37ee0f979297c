#include "report/atlas_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace secateur {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

AtlasEntry atlas_entry(const std::string& name) {
  AtlasEntry entry;
  entry.name = name;
  entry.neuron = "190923/3";
  entry.parameters = 9823;
  entry.counted = "no batch norms";
  entry.filters = {57, 54, 3, 5, 11};
  entry.score = AtlasScore{.r2 = 0.525, .low = 0.461, .high = 0.583, .images = 600};
  entry.preferred = {30.5, 28, 27};
  entry.photographs = {3.1, 2.9};
  entry.photograph_names = {"12.jpg", "7.jpg"};
  entry.prefers = "Prefers dark dots.";
  entry.tuning_words = {"Prefers dark dots."};
  entry.circuit_words = {"layer5 filter 3 excites."};
  return entry;
}

TEST(AtlasPages, CardsHoldWhatIsSearchedAndSorted) {
  const std::string page = atlas_index({.title = "Atlas", .sentences = {"Over 600 images."}},
                                       {atlas_entry("one"), atlas_entry("two")});
  EXPECT_THAT(page, HasSubstr("data-place=\"0\" data-name=\"one\" data-r2=\"0.525000\" "
                              "data-size=\"9823\" data-best=\"30.5\""));
  EXPECT_THAT(page, HasSubstr("data-place=\"1\" data-name=\"two\""));
  EXPECT_THAT(page, HasSubstr("r² 0.525 (0.461 to 0.583)"));
  EXPECT_THAT(page, HasSubstr("9,823 parameters (no batch norms), filters 57 + 54 + 3 + 5 + 11"));
  EXPECT_THAT(page, HasSubstr("href=\"two/circuit.svg\""));
  EXPECT_THAT(page, HasSubstr("Over 600 images."));
  EXPECT_THAT(page, HasSubstr("2 models"));
}

TEST(AtlasPages, WhatIsMissingIsSaidAndNotLinked) {
  AtlasEntry entry = atlas_entry("one");
  entry.score.reset();
  entry.no_score = "no score: no recordings";
  entry.circuit_words.clear();
  entry.no_circuit = "its blocks are residual";
  const std::string index = atlas_index({}, {entry});
  EXPECT_THAT(index, HasSubstr("data-r2=\"\""));
  EXPECT_THAT(index, HasSubstr("no score: no recordings"));
  EXPECT_THAT(index, Not(HasSubstr("circuit.svg")));
  EXPECT_THAT(index, Not(HasSubstr("playground.html")));
  const std::string page = atlas_model_page({entry}, 0);
  EXPECT_THAT(page, HasSubstr("its blocks are residual"));
  EXPECT_THAT(page, Not(HasSubstr("circuit.svg")));
}

TEST(AtlasPages, APageLeadsToItsNeighboursAndThoseAlike) {
  AtlasEntry middle = atlas_entry("b");
  middle.alike = {{"c", 0.91}};
  middle.playground = true;
  const std::vector<AtlasEntry> entries = {atlas_entry("a"), middle, atlas_entry("c")};
  const std::string page = atlas_model_page(entries, 1);
  EXPECT_THAT(page, HasSubstr("<a href=\"a.html\">before: a</a>"));
  EXPECT_THAT(page, HasSubstr("<a href=\"c.html\">next: c</a>"));
  EXPECT_THAT(page, HasSubstr("<a href=\"c.html\">c</a>, correlation 0.91"));
  EXPECT_THAT(page, HasSubstr("b/playground.html"));
  EXPECT_THAT(page, HasSubstr("<figcaption>12<wbr>.jpg: 3.1<"));
  EXPECT_THAT(atlas_model_page(entries, 0), Not(HasSubstr("before:")));
  EXPECT_THAT(atlas_model_page(entries, 2), Not(HasSubstr("next:")));
}

TEST(AtlasPages, LongNamesBreakAtTheirParts) {
  const std::string name = "compact_model_1.a", broken = "compact_<wbr>model_<wbr>1<wbr>.a";
  AtlasEntry other = atlas_entry("b");
  other.alike = {{name, 0.91}};
  EXPECT_THAT(atlas_index({}, {atlas_entry(name)}), HasSubstr(".html\">" + broken + "</a></h2>"));
  EXPECT_THAT(atlas_model_page({atlas_entry(name)}, 0), HasSubstr("<h1>" + broken + "</h1>"));
  EXPECT_THAT(atlas_model_page({atlas_entry(name)}, 0),
              HasSubstr("alt=\"tuning of " + name + "\""));
  const std::string page = atlas_model_page({atlas_entry(name), other}, 1);
  EXPECT_THAT(page, HasSubstr(">before: " + broken + "</a>"));
  EXPECT_THAT(page, HasSubstr(">" + broken + "</a>, correlation"));
}

TEST(AtlasPages, NamesOfFilesDoNothing) {
  AtlasEntry entry = atlas_entry("\"><script>alert(1)</script> #1?.keras");
  entry.photograph_names = {"<img src=x onerror=alert(1)>", "b"};
  for (const std::string& page : {atlas_index({}, {entry}), atlas_model_page({entry}, 0)}) {
    EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
    EXPECT_THAT(page, Not(HasSubstr("<img src=x")));
    EXPECT_THAT(page, HasSubstr("%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E%20%231%3F.keras/"));
  }
}

}  // namespace
}  // namespace secateur
