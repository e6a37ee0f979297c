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
    write_report(root_);
    return read_file(root_ / "report.html", int64_t{1} << 28);
  }

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

void expect_sound(const std::string& html) {
  EXPECT_EQ(nesting_fault(html), "");
  EXPECT_THAT(html, Not(HasSubstr("http")));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<link")));
  EXPECT_THAT(html, Not(HasSubstr("url(")));
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
  EXPECT_THAT(html, HasSubstr("<td>24 24 24 24 24</td>"));
  EXPECT_THAT(html, HasSubstr("6.6\u00d7"));  // 7225 / 1090
  EXPECT_THAT(html, HasSubstr("Pruning weighed 4 filters and removed 3"));
  EXPECT_THAT(html, HasSubstr("second half of the images of session 201025"));
  EXPECT_THAT(html, HasSubstr("# a &lt;comment&gt; &amp; more"));
  for (const MetricName& metric : kMetricNames) {
    EXPECT_THAT(html, HasSubstr(escaped(metric.title)));
  }
}

TEST_F(Report, DrawsEveryKernelAndCurve) {
  const std::string html = page({.names = {"a", "b", "c"}});
  expect_sound(html);
  const std::regex kernel(
      "<img alt=\"kernel \\d\" title=\"kernel \\d\" src=\"data:image/png;base64,"
      "iVBORw0KGgo[A-Za-z0-9+/]+=*\">");
  EXPECT_EQ(
      std::distance(std::sregex_iterator(html.begin(), html.end(), kernel), std::sregex_iterator()),
      3 * 6);
  const std::regex curve("<path class=\"(student|compact)\" d=\"M\\d+\\.\\d \\d+\\.\\d L");
  EXPECT_EQ(
      std::distance(std::sregex_iterator(html.begin(), html.end(), curve), std::sregex_iterator()),
      3 * 2);
}

TEST_F(Report, ShowsWhatEachNeuronCostAndItsCuts) {
  const std::string several = page({.names = {"a", "b"}});
  expect_sound(several);
  EXPECT_THAT(several, HasSubstr("What each compact model is and cost"));
  EXPECT_THAT(several, Not(HasSubstr("published models are counted")));
  EXPECT_THAT(several, HasSubstr("<td>2.0</td></tr>"));  // 1.5 minutes and half of one
  EXPECT_THAT(several, HasSubstr("<td>1</td><td>34,567</td><td>9 8 7 6 5</td><td>640</td>"));
  const std::string one = page({});
  EXPECT_THAT(one, Not(HasSubstr("What each compact model is and cost")));
  EXPECT_THAT(one, HasSubstr("<details open>"));
}

TEST_F(Report, SaysOfCutsOnlyWhatTheirLedgerHolds) {
  const std::string html = page({.names = {"a", "b"}, .cuts = true});
  expect_sound(html);
  EXPECT_THAT(html, HasSubstr("Pruning removed 6 filters in cuts"));
  EXPECT_THAT(html, Not(HasSubstr("Pruning weighed")));
}

TEST_F(Report, SaysWhatDividesTheCeiledR2) { EXPECT_THAT(page({}), HasSubstr("2 r / (1 + r)")); }

TEST_F(Report, EscapesNames) {
  const std::string html =
      page({.names = {"<script>alert('x')</script> & \"quoted\"", "b\x01"}, .recovery = true});
  expect_sound(html);
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; "
                              "&quot;quoted&quot;"));
}

TEST_F(Report, WorksForManyNeurons) {
  ReportFixture fixture{.names = {}, .published = true};
  for (int i = 0; i < 89; ++i) fixture.names.push_back("201025/" + std::to_string(i));
  const std::string html = page(fixture);
  expect_sound(html);
  for (const std::string& name : fixture.names) EXPECT_THAT(html, HasSubstr(">" + name + "<"));
  EXPECT_THAT(html, HasSubstr("published compact model"));
  EXPECT_THAT(html, HasSubstr("published models are counted with their batch norms"));
  EXPECT_THAT(html, HasSubstr("89 neurons of session 201025"));
}

TEST_F(Report, WorksWithoutRepeats) {
  const std::string html = page({.names = {"a", "b"}, .repeats = false});
  expect_sound(html);
  EXPECT_THAT(html, HasSubstr(std::string("<td>") + kDash + "</td>"));
  EXPECT_THAT(html, Not(HasSubstr("<h3>r2_ER</h3>")));
  EXPECT_THAT(html, HasSubstr("<h3>raw r2</h3>"));
  EXPECT_THAT(html, Not(HasSubstr("limits raw r2 only")));
}

TEST_F(Report, WorksWithResultsAlone) {
  const std::string html = page({.extras = false});
  expect_sound(html);
  EXPECT_THAT(html, Not(HasSubstr("Learning curves")));
  EXPECT_THAT(html, Not(HasSubstr("What the first layer looks for")));
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
    write_report(root_);
    const std::string html = read_file(root_ / "report.html", int64_t{1} << 28);
    expect_sound(html);
    return html;
  };
  const std::string first =
      row("teacher", "member0", 1600, 0.125) + row("teacher", "member0", 3200, 0.25);
  const std::string alone = page_of(first);
  EXPECT_THAT(alone, HasSubstr("Learning curve of Teacher<"));
  // From halfway to the right, 0.125 and 0.25 of a scale up to 0.3.
  EXPECT_THAT(alone, HasSubstr("<path class=\"teacher\" d=\"M173.0 92.8 L312.0 33.7\"/>"));
  EXPECT_THAT(alone, HasSubstr("with the recorded responses to images held out"));
  EXPECT_THAT(alone, Not(HasSubstr("distillation of the student</li>")));
  const std::string tuned =
      page_of(first + row("teacher", "member1", 1600, 0.2) + row("retrain", "neuron0", 640, 0.75) +
              row("retrain", "neuron0", 1280, 0.875));
  EXPECT_THAT(tuned, HasSubstr("Learning curve of Teacher, 2 members<"));
  EXPECT_THAT(tuned, HasSubstr("Learning curve of a<"));
  EXPECT_THAT(tuned, HasSubstr("retraining after pruning</li>"));
  EXPECT_THAT(tuned, Not(HasSubstr("distillation of the student</li>")));
  EXPECT_THAT(page_of(""), Not(HasSubstr("Learning curves")));
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
  write_report(root_);
  EXPECT_EQ(read_file(root_ / "report.html", int64_t{1} << 28), first);
}

TEST_F(Report, RefusesARunWithoutResults) {
  fs::create_directories(root_);
  EXPECT_THROW(write_report(root_), Error);
  for (const char* text : {"{}", "[1]", R"({"neurons": [], "median": {}})",
                           R"({"neurons": [{"name": 3}], "median": {}})"}) {
    write_file_atomically(root_ / "results.json", text);
    EXPECT_THROW(write_report(root_), Error) << text;
    EXPECT_FALSE(fs::exists(root_ / "report.html"));
  }
}

TEST(Markup, EscapesAndRepairsText) {
  EXPECT_EQ(escaped("<a href='x'>\"&\""), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;");
  EXPECT_EQ(escaped("\u00e9\u2013\U0001F600"), "\u00e9\u2013\U0001F600");
  EXPECT_EQ(escaped("a\xC3"), "a\uFFFD");
  EXPECT_EQ(escaped("\xC0\xAF"), "\uFFFD\uFFFD");
  EXPECT_EQ(escaped("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(escaped(std::string("a\0b\r\n\t", 6)), "a\uFFFDb\n\t");
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
