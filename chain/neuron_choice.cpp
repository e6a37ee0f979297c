#include "chain/neuron_choice.h"

#include <charconv>
#include <numeric>
#include <optional>

#include "tensor/error.h"

namespace secateur {
namespace {

std::optional<int64_t> whole_number(const std::string& text) {
  int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || value < 0) return std::nullopt;
  return value;
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
  std::optional<int64_t> begin = 0;
  std::optional<int64_t> end = count;
  if (const size_t colon = text.find(':'); colon != std::string::npos) {
    begin = whole_number(text.substr(0, colon));
    end = whole_number(text.substr(colon + 1));
  } else if (text != "all") {
    begin = whole_number(text);
    if (begin) end = *begin + 1;
  }
  if (!begin || !end || *begin >= *end || *end > count) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("wanted {} of 0 to {} (a number, FIRST:LAST with LAST left out, or all), "
                    "got '{}'",
                    what, count - 1, text));
  }
  std::vector<int64_t> numbers(static_cast<size_t>(*end - *begin));
  std::iota(numbers.begin(), numbers.end(), *begin);
  return numbers;
}

}  // namespace secateur
