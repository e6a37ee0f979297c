#include "apps/text_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "analysis/recording_check.h"
#include "chain/results.h"

namespace secateur {
namespace {

using nlohmann::json;

// What rounds to nothing has no sign.
std::string fixed(double value, int digits) {
  const std::string text = fmt::format("{:.{}f}", value, digits);
  return text.find_first_not_of("-0.") == std::string::npos ? fmt::format("{:.{}f}", 0.0, digits)
                                                            : text;
}

std::string number(const json& object, const char* key) {
  if (!object.contains(key) || !object.at(key).is_number()) return fmt::format("{:>7}", "-");
  return fmt::format("{:>7}", fixed(object.at(key).get<double>(), 3));
}

std::string whole(const json& object, const char* key) {
  if (!object.contains(key) || !object.at(key).is_number()) return "-";
  return fmt::format("{:.0f}", object.at(key).get<double>());
}

// r2_ER where repeats are known, else raw r2.
const char* accuracy_key(const json& results) {
  return results.at("median").at("teacher").contains("r2_er") ? "r2_er" : "r2_raw";
}

std::string interval(const json& stage, const char* key) {
  const json& intervals = stage.at("intervals").at(key);
  if (intervals.is_null()) return "";
  return fmt::format("{} to {}", fixed(intervals.at("low").get<double>(), 2),
                     fixed(intervals.at("high").get<double>(), 2));
}

// Of the column of names: the longest is shown whole.
size_t name_width(const json& neurons) {
  size_t width = 20;
  for (const json& neuron : neurons) {
    width = std::max(width, neuron.at("name").get_ref<const std::string&>().size());
  }
  return width;
}

std::string neuron_row(const json& neuron, const char* key, size_t width) {
  const json& stages = neuron.at("stages");
  const json& compact = stages.at("compact");
  return fmt::format("{:<{}} {} {} {} {} {:>14} {} {:>9} {:>8} {:>6}\n",
                     neuron.at("name").get<std::string>(), width, number(neuron, "noise_ceiling"),
                     number(stages.at("teacher"), key), number(stages.at("student"), key),
                     number(compact, key), interval(compact, key), number(compact, "r2_teacher"),
                     whole(stages.at("student"), "parameters"), whole(compact, "parameters"),
                     whole(compact, "bytes"));
}

std::string median_row(const json& median, const char* key, size_t width) {
  const json& compact = median.at("compact");
  return fmt::format("{:<{}} {:>7} {} {} {} {:>14} {} {:>9} {:>8} {:>6}\n", "median", width, "",
                     number(median.at("teacher"), key), number(median.at("student"), key),
                     number(compact, key), "", number(compact, "r2_teacher"),
                     whole(median.at("student"), "parameters"), whole(compact, "parameters"),
                     whole(compact, "bytes"));
}

// What each compact model cost and is worth, beside the published one.
std::string cost_table(const json& rows) {
  const size_t width = name_width(rows);
  bool published = false;
  std::string text = fmt::format("\n{:<{}} {:>8} {:>6} {:>7} {:>7} {:>9} {:>7} {:>7} {:>8}\n",
                                 "compact models", width, "params", "bytes", "teacher", "raw r2",
                                 "published", "teacher", "raw r2", "minutes");
  for (const json& row : rows) {
    text += fmt::format("{:<{}} {:>8} {:>6} {} {} {:>9} {} {} {:>8}\n",
                        row.at("name").get<std::string>(), width, whole(row, "parameters"),
                        whole(row, "bytes"), number(row, "r2_teacher"), number(row, "r2_raw"),
                        whole(row, "published_parameters"), number(row, "published_r2_teacher"),
                        number(row, "published_r2_raw"), number(row, "minutes"));
    published = published || row.at("published_parameters").is_number();
  }
  if (published) {
    text +=
        "published parameters are counted with their batch norms, 4 numbers a filter, which "
        "compact "
        "models have folded in\n";
  }
  return text;
}

// Warnings stand above the table, notes below it.
std::string sentences_of(const json& results, const char* key, const char* word) {
  std::string text;
  if (!results.contains(key)) return text;
  for (const json& sentence : results.at(key)) {
    text += fmt::format("\n{}: {}\n", word, sentence.get<std::string>());
  }
  return text;
}

std::string budget_line(const json& results) {
  if (!results.contains("summary") || !results.at("summary").contains("budget")) return "";
  const json& budget = results.at("summary").at("budget");
  return fmt::format("\nbudget: {:.1f} minutes planned, {:.1f} taken\n",
                     budget.at("minutes_planned").get<double>(),
                     budget.at("minutes_taken").get<double>());
}

}  // namespace

std::string text_summary(const json& results) {
  const char* const key = accuracy_key(results);
  const bool corrected = std::string_view(key) == "r2_er";
  const size_t width = name_width(results.at("neurons"));
  std::string text =
      sentences_of(results, "warnings", "WARNING") +
      fmt::format(
          "\n{} of session {}, {}; teacher: {} ({} parameters)\n"
          "accuracy is {}\n\n"
          "{:<{}} {:>7} {:>7} {:>7} {:>7} {:>14} {:>7} {:>9} {:>8} {:>6}\n",
          results.at("neurons").size() == 1
              ? "one neuron"
              : fmt::format("{} neurons", results.at("neurons").size()),
          results.at("session").get<std::string>(), scored_words(results),
          results.at("teacher").get<std::string>(),
          whole(results.at("median").at("teacher"), "parameters"),
          corrected ? "r2_ER (noise-corrected squared correlation with the responses)"
                    : "raw r2 (squared correlation with the averaged responses)",
          "neuron", width, "ceiling", "teacher", "student", "compact", "95 % interval", "with",
          "student", "compact", "bytes");
  text += fmt::format("{:<{}} {:>7} {:>7} {:>7} {:>7} {:>14} {:>7} {:>9} {:>8} {:>6}\n", "", width,
                      "raw r2", "", "", "", "of compact", "teacher", "params", "params", "");
  for (const json& neuron : results.at("neurons")) text += neuron_row(neuron, key, width);
  if (results.at("neurons").size() > 1) text += median_row(results.at("median"), key, width);
  const json& median = results.at("median");
  if (median.contains("published")) {
    const json& published = median.at("published");
    text += fmt::format(
        "\npublished compact model{}: r2 {} with the responses, {} with the teacher, {} "
        "parameters\n",
        results.at("neurons").size() > 1 ? "s (medians)" : "", number(published, "r2_raw"),
        number(published, "r2_teacher"), whole(published, "parameters"));
  }
  if (results.at("neurons").size() > 1 && results.contains("summary")) {
    text += cost_table(results.at("summary").at("neurons"));
  }
  for (const json& neuron : results.at("neurons")) {
    if (neuron.contains("recovery")) {
      text += fmt::format("{}\n", neuron.at("recovery").at("sentence").get<std::string>());
    }
  }
  return text + sentences_of(results, "notes", "note") + budget_line(results) + "\n";
}

namespace {

bool is_kept(const json& tuning) { return tuning.is_object() && tuning.at("kept").get<bool>(); }

std::string how_held_out(const json& scores) {
  if (scores.at("said_when_to_stop").get<bool>()) {
    return "it was not fitted on, but that said when to stop";
  }
  const json& tuning = scores.at("fine_tuning");
  if (tuning.is_array() && std::ranges::any_of(tuning, is_kept)) {
    return "decided for further training: of the network of the trial, which was fitted without "
           "them, as the one that is kept was not";
  }
  return "may fit, each by readouts that were fitted without it";
}

std::string fine_tuning_lines(const json& members) {
  std::string text;
  for (size_t i = 0; i < members.size(); ++i) {
    if (!members[i].is_object()) continue;
    text += fmt::format(
        "member {}: mean r2 {:.4f} trained further, {:.4f} the readout alone, on {} images: {}\n",
        i + 1, members[i].at("mean_r2").get<double>(),
        members[i].at("mean_r2_readout").get<double>(), members[i].at("images").get<int64_t>(),
        is_kept(members[i]) ? "trained further" : "the readout alone is taken");
  }
  return text;
}

// A ceiling from few repeated images may be anything; empty when there are none or enough.
std::string warning_of_few_repeats(const json& neurons) {
  int64_t most = 0;
  for (const json& neuron : neurons) {
    most = std::max(most, neuron.at("images_repeated").get<int64_t>());
  }
  if (most == 0 || most >= kFewRepeatedImages) return "";
  return fmt::format(
      "\nWARNING: of these images {} {} repeats: ceiling and r2_ER from fewer than {} are not to "
      "be "
      "relied on\n",
      most, most == 1 ? "has" : "have", kFewRepeatedImages);
}

}  // namespace

std::string teacher_table(const json& scores) {
  const size_t width = name_width(scores.at("neurons"));
  std::string text = warning_of_few_repeats(scores.at("neurons"));
  text += fmt::format("\nthe teacher on {} images that {}\n\n{:<{}} {:>7} {:>7} {:>14} {:>7}\n",
                      scores.at("images").get<int64_t>(), how_held_out(scores), "neuron", width,
                      "ceiling", "raw r2", "95 % interval", "r2_ER");
  for (const json& neuron : scores.at("neurons")) {
    text += fmt::format("{:<{}} {} {} {:>14} {}\n", neuron.at("name").get<std::string>(), width,
                        number(neuron, "noise_ceiling"), number(neuron, "r2_raw"),
                        interval(neuron, "r2_raw"), number(neuron, "r2_er"));
  }
  text += fmt::format("{:<{}} {:>7} {}\n", "median", width, "", number(scores, "median_r2_raw"));
  if (scores.at("fine_tuning").is_array()) text += fine_tuning_lines(scores.at("fine_tuning"));
  return text;
}

}  // namespace secateur
