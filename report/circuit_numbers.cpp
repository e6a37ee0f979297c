#include "report/circuit_numbers.h"

#include <algorithm>
#include <cmath>

#include "report/circuit_boxes.h"

namespace secateur {
namespace {

constexpr double kNumbered = 0.1;
constexpr double kDigit = 8;  // pixels: no font in use is wider on average
constexpr double kStep = 0.04, kFarthest = 0.44;

struct Side {
  double from = 0, to = 0;
};

bool cross(const Side& a, const Side& b) { return a.from < b.to && b.from < a.to; }

bool covers(const CircuitNumber& number, const Side& x, const Side& y) {
  return cross({number.x - number.width / 2, number.x + number.width / 2}, x) &&
         cross({number.y - kNumberHeight / 2, number.y + kNumberHeight / 2}, y);
}

bool is_free(const CircuitNumber& number, const std::vector<CircuitNumber>& placed,
             const std::vector<CircuitBox>& boxes) {
  return std::ranges::none_of(placed,
                              [&](const CircuitNumber& other) {
                                return covers(
                                    number, {other.x - other.width / 2, other.x + other.width / 2},
                                    {other.y - kNumberHeight / 2, other.y + kNumberHeight / 2});
                              }) &&
         std::ranges::none_of(boxes, [&](const CircuitBox& box) {
           return covers(number, {box.x, box.x + box.width}, {box.y, box.y + box.height});
         });
}

// Of the curve that is drawn, whose inner points stand above and below its middle: at `part` of it.
void stand_on(const CircuitLine& line, double part, CircuitNumber& number) {
  const double rest = 1 - part;
  const double before = rest * rest * rest, after = part * part * part;
  const double left = 3 * rest * rest * part, right = 3 * rest * part * part;
  const double middle = (line.x0 + line.x1) / 2;
  number.x = before * line.x0 + (left + right) * middle + after * line.x1;
  number.y = (before + left) * line.y0 + (right + after) * line.y1;
}

bool find_place(const CircuitLine& line, const std::vector<CircuitNumber>& placed,
                const std::vector<CircuitBox>& boxes, CircuitNumber& number) {
  for (double away = 0; away <= kFarthest; away += kStep) {
    for (const double part : {0.5 - away, 0.5 + away}) {
      stand_on(line, part, number);
      if (is_free(number, placed, boxes)) return true;
    }
  }
  return false;
}

}  // namespace

std::vector<CircuitNumber> circuit_numbers(const CircuitLayout& layout) {
  std::vector<const CircuitLine*> lines;
  for (const CircuitLine& line : layout.lines) {
    if (std::abs(line.share) >= kNumbered) lines.push_back(&line);
  }
  std::ranges::stable_sort(
      lines, [](const auto* a, const auto* b) { return std::abs(a->share) > std::abs(b->share); });
  std::vector<CircuitNumber> placed;
  for (const CircuitLine* line : lines) {
    CircuitNumber number{.text = circuit_percent(line->share)};
    number.width = kDigit * static_cast<double>(circuit_percent(std::abs(line->share)).size() + 1);
    if (find_place(*line, placed, layout.boxes, number)) placed.push_back(number);
  }
  return placed;
}

}  // namespace secateur
