#include "report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>

#include "analysis/metrics.h"
#include "formats/atomic_file.h"
#include "report/markup.h"
#include "tensor/error.h"
#include "tests/report/report_fixture.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

class Report : public testing::Test {
 protected:
  std::string page(const ReportFixture& fixture) {
    write_report_fixture(root_, fixture);
    write_report(root_, {}, nobody_);
    return read_file(root_ / "report.html", int64_t{1} << 28);
  }

  Observer nobody_;
  const TemporaryFolder folder_;
  const fs::path root_ = folder_ / "run";
};

// Where the tag that starts at `begin` ends: its '>', outside quoted attributes.
size_t end_of_tag(const std::string& html, size_t begin) {
  bool quoted = false;
  for (size_t i = begin + 1; i < html.size(); ++i) {
    if (html[i] == '"') quoted = !quoted;
    if (!quoted && html[i] == '<') break;
    if (!quoted && html[i] == '>') return i;
  }
  return std::string::npos;
}

// The first thing wrong with the nesting of tags, or an empty text.
std::string nesting_fault(const std::string& html) {
  std::vector<std::string> open;
  for (size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const size_t end = end_of_tag(html, at);
    if (end == std::string::npos) return "stray < at " + html.substr(at, 20);
    const std::string tag = html.substr(at + 1, end - at - 1);
    const bool closes = tag.starts_with("/");
    const std::string name = tag.substr(closes, tag.find_first_of(" \n/", closes) - closes);
    if (name == "!DOCTYPE" || name == "meta" || name == "img" || tag.ends_with("/")) continue;
    if (name.empty() || !std::isalpha(static_cast<unsigned char>(name[0]))) return "stray " + tag;
    if (!closes) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return "</" + name + "> closes " + (open.empty() ? "nothing" : open.back());
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : "unclosed " + open.back();
}

// The page without the text of its scripts and of their data.
std::string without_scripts(const std::string& html) {
  std::string out;
  size_t at = 0;
  for (size_t begin = html.find("<script"); begin != std::string::npos;
       begin = html.find("<script", at)) {
    out += html.substr(at, begin - at);
    at = html.find("</script>", begin) + std::string("</script>").size();
  }
  return out + html.substr(at);
}

void expect_sound(const std::string& whole_page) {
  const std::string html = without_scripts(whole_page);
  EXPECT_EQ(nesting_fault(html), "");
  EXPECT_THAT(html, Not(HasSubstr("http")));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<link")));
  EXPECT_THAT(whole_page, Not(HasSubstr("url(http")));
  for (const char* word : {">nan", ">-nan", ">inf", "\"nan", "null"}) {
    EXPECT_THAT(html, Not(HasSubstr(word)));
  }
}

TEST_F(Report, OneNeuronShowsItsNumbers) {
  const std::string html = page({});
  expect_sound(html);
  const auto results = nlohmann::json::parse(read_file(root_ / "results.json", int64_t{1} << 20));
  const auto& stages = results["neurons"][0]["stages"];
  for (const char* stage : {"teacher", "student", "pruned", "retrained", "compact"}) {
    for (const MetricName& metric : kMetricNames) {
      if (std::string(metric.key) == "snr") continue;
      EXPECT_THAT(html, HasSubstr("<td>" + decimal(stages[stage][metric.key]) + "<small>"));
    }
  }
  EXPECT_THAT(html, HasSubstr(interval_text(stages["compact"]["intervals"]["r2_er"])));
  EXPECT_THAT(html, HasSubstr("<td>1,234,567</td>"));
  EXPECT_THAT(html, HasSubstr("<td>911</td>"));
  EXPECT_THAT(html, HasSubstr(">24 24 24 24 24</td>"));
  EXPECT_THAT(html, HasSubstr("second half of the images of session 201025"));
  EXPECT_THAT(html, HasSubstr("# a &lt;comment&gt; &amp; more"));
  EXPECT_THAT(html, Not(HasSubstr("id=\"overview\"")));
  for (const MetricName& metric : kMetricNames) {
    EXPECT_THAT(html, HasSubstr(escaped(metric.title)));
  }
}

// The sentence and its state: numbers of the teacher and of the compact model, and a share of them.
std::string verdict_with(const fs::path& root, double teacher, double compact, double low) {
  write_report_fixture(root, {});
  const fs::path file = root / "results.json";
  auto results = nlohmann::json::parse(read_file(file, int64_t{1} << 20));
  auto& stages = results["neurons"][0]["stages"];
  stages["teacher"]["r2_er"] = teacher;
  stages["teacher"]["r2_raw"] = teacher;
  results["neurons"][0]["noise_ceiling"] = 0.99;
  stages["compact"]["r2_er"] = compact;
  stages["compact"]["intervals"]["r2_er"] = {{"low", low}, {"high", 1}};
  write_file_atomically(file, results.dump());
  Observer nobody;
  write_report(root, {}, nobody);
  const std::string html = read_file(root / "report.html", int64_t{1} << 28);
  const size_t begin = html.find("<p class=\"verdict");
  return html.substr(begin, html.find("</p>", begin) - begin);
}

TEST_F(Report, OpensWithAVerdict) {
  const std::string good = verdict_with(root_, 0.8, 0.784, 0.7);
  EXPECT_THAT(good, HasSubstr("verdict good"));
  EXPECT_THAT(good, HasSubstr("\u2713</span> <strong>Good.</strong>"));
  EXPECT_THAT(good, HasSubstr("keeps 0.98 of its teacher\u2019s accuracy with 1/1133 of its"));
  const std::string lost = verdict_with(root_, 0.8, 0.4, 0.3);
  EXPECT_THAT(lost, HasSubstr("verdict look"));
  EXPECT_THAT(lost, HasSubstr("keeps 0.50"));
  EXPECT_THAT(verdict_with(root_, 0.8, 0.79, -0.1), HasSubstr("Its interval reaches 0"));
  const std::string weak = verdict_with(root_, 0.003, 0.002, -0.1);
  EXPECT_THAT(weak, HasSubstr("verdict stop"));
  EXPECT_THAT(weak, HasSubstr("The teacher explains 0.3 % of a 99 % ceiling: stop here"));
}

// The area of a square is the number of parameters, on the scale that the caption says.
TEST_F(Report, DrawsTheChainByArea) {
  const std::string html = page({});
  std::map<std::string, double> sides;
  const std::regex square(
      "<rect class=\"area (\\w+)[^\"]*\" x=\"[0-9.]+\" y=\"[0-9.]+\" "
      "width=\"([0-9.]+)\"");
  for (std::sregex_iterator it(html.begin(), html.end(), square), end; it != end; ++it) {
    sides[(*it)[1]] = std::stod((*it)[2]);
  }
  ASSERT_EQ(sides.size(), 5u);
  EXPECT_NEAR(sides["compact"] * sides["compact"] / (sides["student"] * sides["student"]),
              1090.0 / 7225, 0.01);
  EXPECT_THAT(html, HasSubstr("times too small"));  // of the teacher, 1133 times as large
}

TEST_F(Report, ShowsEveryDecisionOfPruning) {
  const std::string html = page({.names = {"a", "b"}});
  expect_sound(html);
  EXPECT_THAT(html, HasSubstr("3 removed, 1 kept"));
  EXPECT_THAT(html, HasSubstr("[20,0.5,1.0,0.96875,\"removed\",\"it went\"]"));
  EXPECT_THAT(html, HasSubstr("[17,3.5,0.90625,0.75,\"kept\",\"it stayed\"]"));
  EXPECT_THAT(html, HasSubstr("filter 17, score 3.5: 0.750 would be left"));
  const std::string cuts = page({.names = {"a", "b"}, .cuts = true});
  expect_sound(cuts);
  EXPECT_THAT(cuts, HasSubstr("3 removed, 21 kept"));  // of 24, of which the ledger names three
  EXPECT_THAT(cuts, HasSubstr("[20,0.05,7225.0,7125.0,\"removed\",\"it went\",1]"));
  EXPECT_THAT(cuts, HasSubstr("What stayed has no score in the ledger"));
}

TEST_F(Report, ListsNeuronsWithWhatTheyCost) {
  const std::string several = page({.names = {"a", "b"}});
  expect_sound(several);
  EXPECT_THAT(several, Not(HasSubstr(">its parameters<")));  // of no published model
  EXPECT_THAT(several, HasSubstr(">2.0</td></tr>"));         // 1.5 minutes and half of one
  EXPECT_THAT(several, HasSubstr("<td>34,567</td><td class=\"left\">9 8 7 6 5</td><td>640</td>"));
  EXPECT_THAT(several, HasSubstr("<select id=\"picked\">"));
  EXPECT_THAT(page({}), Not(HasSubstr("<select")));
}

// A number far outside of all others is short, and so is its interval.
TEST_F(Report, KeepsOutliersShort) {
  write_report_fixture(root_, {});
  const fs::path file = root_ / "results.json";
  auto results = nlohmann::json::parse(read_file(file, int64_t{1} << 20));
  auto& compact = results["neurons"][0]["stages"]["compact"];
  compact["feve"] = -8.1234e26;
  compact["intervals"]["feve"] = {{"low", -9.9e26}, {"high", -7e26}};
  write_file_atomically(file, results.dump());
  write_report(root_, {}, nobody_);
  const std::string html = read_file(root_ / "report.html", int64_t{1} << 28);
  EXPECT_THAT(html, HasSubstr("<td>-8.1e+26<small>-9.9e+26 to -7e+26</small></td>"));
}

// A page would draw whatever it is told.
TEST_F(Report, RefusesNumbersThatCannotBe) {
  const auto refused = [&](const std::string& place, const nlohmann::json& value) {
    write_report_fixture(root_, {.extras = false});
    const fs::path file = root_ / "results.json";
    auto results = nlohmann::json::parse(read_file(file, int64_t{1} << 20));
    results[nlohmann::json::json_pointer(place)] = value;
    write_file_atomically(file, results.dump());
    try {
      write_report(root_, {}, nobody_);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
      return std::string(error.what());
    }
    return std::string("made");
  };
  const std::string compact = "/neurons/0/stages/compact";
  EXPECT_THAT(
      refused(compact + "/r2_raw", 5),
      HasSubstr("wanted a number from 0 to 1 for neurons[0].stages.'compact'.r2_raw, got 5"));
  EXPECT_THAT(refused(compact + "/r2_er", "NaN"), HasSubstr("wanted a number"));
  EXPECT_THAT(refused(compact + "/parameters", -3), HasSubstr("parameters, got -3"));
  EXPECT_THAT(refused(compact + "/bytes", -1), HasSubstr("bytes, got -1"));
  EXPECT_THAT(refused(compact + "/filters", {4, -4}), HasSubstr("filters[1], got -4"));
  EXPECT_THAT(refused(compact + "/intervals/r2_raw", {{"low", 0.5}, {"high", 0.25}}),
              HasSubstr("r2_raw.high, got 0.25"));
  EXPECT_THAT(refused("/median/compact/r2_teacher", 1.5),
              HasSubstr("median.'compact'.r2_teacher, got 1.5"));
  EXPECT_THAT(refused("/neurons/0/noise_ceiling", -1), HasSubstr("noise_ceiling, got -1"));
  // What noise correction can give, and what is not known.
  EXPECT_EQ(refused(compact + "/r2_er", 1.25), "made");
  EXPECT_EQ(refused(compact + "/cc_norm", -0.5), "made");
  EXPECT_EQ(refused(compact + "/r2_raw", nullptr), "made");
}

TEST_F(Report, SaysWhatDividesTheCeiledR2) { EXPECT_THAT(page({}), HasSubstr("2 r / (1 + r)")); }

TEST_F(Report, EscapesNames) {
  const std::string hostile = "</script><img src=x onerror=alert(1)> & \"quoted\"";
  const std::string html = page({.names = {hostile, "b\x01"}, .recovery = true});
  expect_sound(html);
  EXPECT_THAT(html, HasSubstr("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt; &amp; "
                              "&quot;quoted&quot;"));
  EXPECT_THAT(html, HasSubstr("\\u003c/script>\\u003cimg"));
  EXPECT_THAT(html, Not(HasSubstr("<img src=x")));
}

TEST_F(Report, WorksForManyNeurons) {
  ReportFixture fixture{.names = {}, .published = true};
  for (int i = 0; i < 89; ++i) fixture.names.push_back("201025/" + std::to_string(i));
  const std::string html = page(fixture);
  expect_sound(html);
  for (const std::string& name : fixture.names) EXPECT_THAT(html, HasSubstr(">" + name + "<"));
  EXPECT_THAT(html, HasSubstr("published compact model"));
  EXPECT_THAT(html, HasSubstr("its parameters are counted with batch norms"));
  EXPECT_THAT(html, HasSubstr("89 neurons of session 201025"));
  EXPECT_LT(html.size(), 5u << 20);
}

TEST_F(Report, WorksWithoutRepeats) {
  const std::string html = page({.names = {"a", "b"}, .repeats = false});
  expect_sound(html);
  EXPECT_THAT(html, Not(HasSubstr(kDash + std::string("</td>"))));  // no column of dashes
  EXPECT_THAT(html, Not(HasSubstr(">r2_ER<")));
  EXPECT_THAT(html, HasSubstr("raw r2 of the recorded responses"));
  EXPECT_THAT(html, Not(HasSubstr("noise ceiling of raw r2 0")));
}

TEST_F(Report, WorksWithResultsAlone) {
  const std::string html = page({.extras = false});
  expect_sound(html);
  EXPECT_THAT(html, Not(HasSubstr("Learning curves")));
  EXPECT_THAT(html, Not(HasSubstr("What pruning saw")));
  EXPECT_THAT(html, Not(HasSubstr("Every setting")));
}

// Whatever the run has trained: a teacher alone, and students that start as their part of it.
TEST_F(Report, ShowsTheCurvesThatThereAre) {
  const auto row = [](const char* stage, const char* neuron, int64_t images, double r2) {
    return fmt::format(
        "{{\"stage\":\"{}\",\"neuron\":\"{}\",\"step\":{},\"images\":{},\"loss\":0.5,"
        "\"learning_rate\":0.001,\"r2_validation\":{}}}\n",
        stage, neuron, images / 64, images, r2);
  };
  const auto page_of = [&](const std::string& rows) {
    write_report_fixture(root_, {.names = {"a", "b"}});
    write_file_atomically(root_ / "metrics.jsonl", rows);
    write_report(root_, {}, nobody_);
    const std::string html = read_file(root_ / "report.html", int64_t{1} << 28);
    expect_sound(html);
    return html;
  };
  const std::string first =
      row("teacher", "member0", 1600, 0.125) + row("teacher", "member0", 3200, 0.25);
  const std::string alone = page_of(first);
  EXPECT_THAT(alone, HasSubstr("Learning curve: Teacher\""));
  // From halfway to the right, 0.125 and 0.25 of scales up to 4,000 images and 0.25.
  EXPECT_THAT(alone, HasSubstr("<path class=\"curve teacher\" d=\"M171.2 116.0L298.4 30.0\"/>"));
  EXPECT_THAT(alone, HasSubstr("with the recorded responses to images held out"));
  EXPECT_THAT(alone, Not(HasSubstr("distillation of the student</li>")));
  const std::string tuned =
      page_of(first + row("teacher", "member1", 1600, 0.2) + row("teacher", "member1", 3200, 0.2) +
              row("retrain", "neuron0", 640, 0.75) + row("retrain", "neuron0", 1280, 0.875));
  EXPECT_THAT(tuned, HasSubstr("Teacher, 2 members"));
  EXPECT_THAT(tuned, HasSubstr("retraining after pruning</li>"));
  EXPECT_THAT(tuned, Not(HasSubstr("distillation of the student</li>")));
  EXPECT_THAT(page_of(""), Not(HasSubstr("Learning curves")));
  // One point is no curve.
  EXPECT_THAT(page_of(row("retrain", "neuron0", 640, 0.75)), Not(HasSubstr("Learning curves")));
}

TEST_F(Report, ShowsTheRecoveryOfSimulatedNeurons) {
  const std::string html = page({.names = {"small dot", "corner"}, .recovery = true});
  expect_sound(html);
  EXPECT_THAT(html,
              HasSubstr("small dot: 2 of 2 excitatory and 0 of 1 inhibitory part found; 23 of "
                        "120 filters kept; 41x fewer parameters than the student"));
  EXPECT_THAT(html, HasSubstr("large vertical edge"));
  EXPECT_THAT(html, HasSubstr("2 of 6 second-layer filters match no planted part"));
  EXPECT_THAT(html, HasSubstr("Compact models of 2 simulated neurons"));
}

TEST_F(Report, WritesTheSameBytesAgain) {
  const std::string first = page({.names = {"a", "b"}, .recovery = true});
  write_report(root_, {}, nobody_);
  EXPECT_EQ(read_file(root_ / "report.html", int64_t{1} << 28), first);
}

TEST_F(Report, RefusesARunWithoutResults) {
  fs::create_directories(root_);
  EXPECT_THROW(write_report(root_, {}, nobody_), Error);
  for (const char* text : {"{}", "[1]", R"({"neurons": [], "median": {}})",
                           R"({"neurons": [{"name": 3}], "median": {}})"}) {
    write_file_atomically(root_ / "results.json", text);
    EXPECT_THROW(write_report(root_, {}, nobody_), Error) << text;
    EXPECT_FALSE(fs::exists(root_ / "report.html"));
  }
}

TEST(Markup, EscapesAndRepairsText) {
  EXPECT_EQ(escaped("<a href='x'>\"&\""), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;");
  EXPECT_EQ(escaped("\u00e9\u2013\U0001F600"), "\u00e9\u2013\U0001F600");
  for (const char* const turn : {"\u202A", "\u202E", "\u2066", "\u2069"}) {  // of the text
    EXPECT_EQ(escaped(turn + std::string("gpj")), "\uFFFDgpj");
  }
  EXPECT_EQ(escaped("\u2026\u2070"), "\u2026\u2070");
  EXPECT_EQ(escaped("a\xC3"), "a\uFFFD");
  EXPECT_EQ(escaped("\xC0\xAF"), "\uFFFD\uFFFD");
  EXPECT_EQ(escaped("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(escaped(std::string("a\0b\r\n\t", 6)), "a\uFFFDb\n\t");
}

TEST(Markup, BreaksNamesOfFilesAtTheirParts) {
  EXPECT_EQ(breakable("a_b.keras"), "a_<wbr>b<wbr>.keras");
  EXPECT_EQ(breakable(".<_"), ".&lt;_<wbr>");
  EXPECT_EQ(breakable(""), "");
}

TEST(Markup, WritesNumbers) {
  EXPECT_EQ(whole(0), "0");
  EXPECT_EQ(whole(999), "999");
  EXPECT_EQ(whole(1000), "1,000");
  EXPECT_EQ(whole(-1234567), "-1,234,567");
  EXPECT_EQ(whole(1.6), "2");
  EXPECT_EQ(whole(nullptr), kDash);
  EXPECT_EQ(decimal(0.12345), "0.123");
  EXPECT_EQ(decimal(std::nan("")), kDash);
  EXPECT_EQ(decimal("1"), kDash);
  EXPECT_EQ(png_uri("Man"), "data:image/png;base64,TWFu");
  EXPECT_EQ(png_uri("Ma"), "data:image/png;base64,TWE=");
  EXPECT_EQ(png_uri("M"), "data:image/png;base64,TQ==");
}

}  // namespace
}  // namespace secateur
