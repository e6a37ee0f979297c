#include "chain/neuron_choice.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "data/neuron_table.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

std::optional<int64_t> whole_number(const std::string& text) {
  int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || value < 0) return std::nullopt;
  return value;
}

// [first, last) of "2", "0:10" or "all".
std::optional<std::pair<int64_t, int64_t>> part_of(const std::string& text, int64_t count) {
  if (text == "all") return std::pair(int64_t{0}, count);
  const size_t colon = text.find(':');
  const auto first = whole_number(text.substr(0, colon));
  if (!first || *first >= count) return std::nullopt;
  if (colon == std::string::npos) return std::pair(*first, *first + 1);
  const auto last = whole_number(text.substr(colon + 1));
  if (!last || *last <= *first || *last > count) return std::nullopt;
  return std::pair(*first, *last);
}

bool is_name(const std::string& part) {
  return part != "all" && part.find_first_not_of("0123456789:-") != std::string::npos;
}

std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// What responses.csv calls a neuron that neurons.csv gives another name.
std::string column_of(const Recording& recording, int64_t neuron) {
  if (recording.neuron_notes.empty()) return "";
  const auto& notes = recording.neuron_notes[static_cast<size_t>(neuron)];
  const auto found = notes.find(kColumnNote);
  return found == notes.end() ? "" : found->second;
}

int64_t neuron_called(const std::string& name, const Recording& recording) {
  std::vector<int64_t> called;
  for (int64_t neuron = 0; neuron < recording.neurons; ++neuron) {
    if (recording.given_name(neuron) == name) called.push_back(neuron);
  }
  for (int64_t neuron = 0; neuron < recording.neurons && called.empty(); ++neuron) {
    if (column_of(recording, neuron) == name) called.push_back(neuron);
  }
  if (called.size() == 1) return called.front();
  throw Error(ErrorKind::kUsage,
              called.empty()
                  ? fmt::format("session {} has no neuron called {}: wanted a name that `secateur "
                                "recordings check` shows, or a number of 0 to {}",
                                recording.session, printable(name), recording.neurons - 1)
                  : fmt::format("session {} has {} neurons called {}: say which by number, {}",
                                recording.session, called.size(), printable(name),
                                fmt::join(called, " or ")));
}

}  // namespace

NeuronChoice parse_neuron_choice(const std::string& text) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return {.session = "", .neurons = text};
  const NeuronChoice choice{.session = text.substr(0, slash), .neurons = text.substr(slash + 1)};
  if (choice.session.empty() || choice.neurons.empty()) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("wanted a neuron such as 201025/2, 201025/0:10 or 201025/all, got '{}'", text));
  }
  return choice;
}

std::vector<int64_t> parse_range(const std::string& text, int64_t count, const std::string& what) {
  const auto refuse = [&] {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("wanted {} of 0 to {} (a number, FIRST:LAST with LAST left out, several such "
                    "as 0,3,7:9, or all), got '{}'",
                    what, count - 1, text));
  };
  std::vector<int64_t> numbers;
  for (const std::string& text_of_part : parts_of(text)) {
    const auto part = part_of(text_of_part, count);
    if (!part) refuse();
    for (int64_t number = part->first; number < part->second; ++number) {
      if (std::find(numbers.begin(), numbers.end(), number) != numbers.end()) refuse();
      numbers.push_back(number);
    }
  }
  return numbers;
}

bool has_names(const std::string& neurons) {
  const std::vector<std::string> parts = parts_of(neurons);
  return std::any_of(parts.begin(), parts.end(), is_name);
}

std::vector<int64_t> chosen_neurons(const std::string& text, const Recording& recording) {
  std::vector<std::string> parts = parts_of(text);
  for (std::string& part : parts) {
    if (is_name(part)) part = std::to_string(neuron_called(part, recording));
  }
  return parse_range(fmt::format("{}", fmt::join(parts, ",")), recording.neurons,
                     "neurons of " + recording.session);
}

std::string chosen_session(const std::string& recordings, const std::string& asked) {
  if (!asked.empty()) return asked;
  std::string only = only_session(recordings);
  if (only.empty()) {
    throw Error(ErrorKind::kUsage, fmt::format("wanted --session, one of {}",
                                               fmt::join(list_sessions(recordings), ", ")));
  }
  return only;
}

}  // namespace secateur
