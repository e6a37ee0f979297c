#include "report/wrapped_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "report/markup.h"

namespace secateur {
namespace {

constexpr double kLetter = 7.0;  // pixels: no font in use is wider on average

// Letters of UTF-8.
size_t letters_of(const std::string& text) {
  size_t letters = 0;
  for (const char c : text) letters += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return letters;
}

std::vector<std::string> lines_of_words(const std::string& text, size_t most) {
  std::vector<std::string> lines(1);
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    begin = end + 1;
    if (word.empty()) continue;
    std::string& line = lines.back();
    const bool unit = word.front() == '%';  // stays with its number
    if (!line.empty() && !unit && letters_of(line) + 1 + letters_of(word) > most) {
      lines.push_back(word);
    } else {
      line += (line.empty() ? "" : " ") + word;
    }
  }
  return lines;
}

}  // namespace

std::string wrapped_text(double x, double y, double width, const std::string& text,
                         const std::string& kind, double& next) {
  std::string out = fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\">", kind, x, y);
  double at = y;
  for (const std::string& line : lines_of_words(text, static_cast<size_t>(width / kLetter))) {
    out += fmt::format("<tspan x=\"{:.1f}\" y=\"{:.1f}\">{}</tspan>\n", x, at, escaped(line));
    at += kWrappedLine;
  }
  next = at;
  return out + "</text>\n";
}

}  // namespace secateur
