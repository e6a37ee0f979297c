#include "pruning/ledger.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <ctime>

#include "tests/formats/expect_refused.h"

namespace secateur {
namespace {

using nlohmann::json;

json line_of(const std::string& neuron, int64_t filter) {
  json line = to_json(LedgerEntry{.layer = "layer1",
                                  .filter = filter,
                                  .removed = true,
                                  .criterion = "pointwise variance",
                                  .threshold = 0.9,
                                  .reason = "because"});
  line["neuron"] = neuron;
  return line;
}

LedgerEntry entry_of(const json& line) { return ledger_entry_of(JsonField(line, "test", "")); }

std::string text_with(const std::string& key, const json& value) {
  json line = line_of("a", 1);
  line[key] = value;
  return line.dump() + "\n";
}

TEST(ParseLedger, SortsLinesByNeuronInTheirOrder) {
  std::string text;
  for (const auto& [neuron, filter] : std::vector<std::pair<std::string, int64_t>>{
           {"b", 4}, {"a", 3}, {"b", 2}, {"a", 1}, {"b", 0}}) {
    text += line_of(neuron, filter).dump() + "\n";
  }
  for (const std::string& whole : {text, text.substr(0, text.size() - 1)}) {
    const std::vector<NeuronLedger> neurons = parse_ledger(whole, "file");
    ASSERT_EQ(neurons.size(), 2u);
    EXPECT_EQ(neurons[0].neuron, "b");
    EXPECT_EQ(neurons[1].neuron, "a");
    ASSERT_EQ(neurons[0].entries.size(), 3u);
    EXPECT_EQ(neurons[0].entries[1].filter, 2);
    EXPECT_EQ(neurons[1].entries[1].filter, 1);
  }
}

TEST(ParseLedger, KeepsWhatACutRecords) {
  const LedgerEntry entry{.layer = "layer2",
                          .filter = 7,
                          .criterion = "response variance",
                          .cut = CutRecord{.cut = 3,
                                           .cost = 20,
                                           .parameters_before = 100,
                                           .parameters_after = 80,
                                           .next = NextInLine{"layer0", 5, 9, 0.125, 30}},
                          .student = {StudentIdentity::Kind::kChecksum, "0123456789abcdef"}};
  const std::vector<NeuronLedger> neurons = parse_ledger(ledger_text({entry}), "file");
  const LedgerEntry& got = neurons.at(0).entries.at(0);
  EXPECT_EQ(to_json(got), to_json(entry));
  ASSERT_TRUE(got.cut && got.cut->next);
  EXPECT_EQ(got.cut->next->layer, "layer0");
  EXPECT_EQ(got.cut->next->cost, 30);
  EXPECT_EQ(got.student, entry.student);
}

TEST(ParseLedger, KeepsEachKindOfIdentityUnderItsName) {
  using Kind = StudentIdentity::Kind;
  for (const auto& [kind, field] : std::map<Kind, std::string>{
           {Kind::kFingerprint, "student_fingerprint"}, {Kind::kChecksum, "student"}}) {
    json line = line_of("a", 1);
    EXPECT_FALSE(line.contains(field));
    EXPECT_EQ(entry_of(line).student, StudentIdentity());
    line[field] = "0123";
    EXPECT_EQ(entry_of(line).student, (StudentIdentity{kind, "0123"}));
    json again = to_json(entry_of(line));
    again["neuron"] = "a";
    EXPECT_EQ(again, line);
  }
  json empty = line_of("a", 1);
  empty["student"] = "";
  EXPECT_EQ(entry_of(empty).student, StudentIdentity());
}

TEST(ParseLedger, RefusesWhatIsNone) {
  const auto refused = [](const std::string& text, const std::string& part) {
    expect_refused([&] { parse_ledger(text, "some.jsonl"); }, part);
    expect_refused([&] { parse_ledger(text, "some.jsonl"); }, "some.jsonl");
  };
  refused("", "holds no pruning decision");
  refused("\n", "line 1 is not valid JSON");
  refused("{}\n", "line 1: wanted a text for layer, got nothing");
  refused("[]\n", "line 1: wanted an object, got a list of 0");
  refused(line_of("a", 1).dump() + "\n{\"layer\": ", "line 2 is not valid JSON at byte");
  refused(text_with("filter", 1.5), "line 1: wanted a whole number for filter, got 1.5");
  refused(text_with("filter", 1e300), "wanted a whole number for filter");
  refused(text_with("rank", "1"), "wanted a whole number for rank");
  refused(text_with("decision", "maybe"), "wanted 'removed' or 'kept' for decision, got 'maybe'");
  refused(text_with("score", nullptr), "line 1: wanted a number for score, got null");
  refused(text_with("student_fingerprint", 3), "wanted a text for student_fingerprint, got 3");
  refused(text_with("student", 3), "wanted a text for student, got 3");
  refused(text_with("neuron", 3), "line 1: wanted a text for neuron, got 3");
  refused(text_with("neuron", "a\nb"), "printable characters for neuron, got 'a?b'");
  refused(text_with("cut", 1), "line 1: wanted a whole number for cost, got nothing");
  refused(text_with("reason", std::string(20000, 'x')), "line 1 is longer than");
  refused(std::string(10000, '[') + "\n", "line 1 nests deeper than 8 levels");
}

// Of this process: the machine may be busy with others.
double seconds_to_parse(int lines, bool one_neuron) {
  const std::string line = line_of("@", 1).dump();
  const size_t place = line.find('@');
  std::string text;
  for (int i = 0; i < lines; ++i) {
    text +=
        fmt::format("{}{}{}\n", line.substr(0, place), one_neuron ? 0 : i, line.substr(place + 1));
  }
  const std::clock_t start = std::clock();
  EXPECT_EQ(parse_ledger(text, "file").size(), one_neuron ? 1u : static_cast<size_t>(lines));
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

TEST(ParseLedger, ManyNeuronsTakeNoLongerThanManyDecisions) {
  constexpr int kLines = 20000;
  EXPECT_LE(seconds_to_parse(kLines, false), 3 * seconds_to_parse(kLines, true));
}

TEST(ParseLedger, EndsInOneSentenceForAnyText) {
  const std::string good = line_of("a", 1).dump() + "\n" + line_of("b", 2).dump() + "\n";
  const bool holds = rc::check([&] {
    std::string text = good;
    text[*rc::gen::inRange<size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
    try {
      RC_ASSERT(!parse_ledger(text, "file").empty());
    } catch (const Error& error) {
      RC_ASSERT(error.kind() == ErrorKind::kBadInput);
      RC_ASSERT(std::string(error.what()).find("file") != std::string::npos);
    }
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace secateur
