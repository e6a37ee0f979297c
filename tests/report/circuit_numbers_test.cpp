#include "report/circuit_numbers.h"

#include <gtest/gtest.h>

#include <cmath>

namespace secateur {
namespace {

// Two columns of boxes, every left one joined to every right one.
CircuitLayout crossing(int boxes, double share) {
  CircuitLayout layout;
  for (int i = 0; i < 2 * boxes; ++i) {
    const double row = i % boxes;
    layout.boxes.push_back(
        {.x = i < boxes ? 0.0 : 300.0, .y = 60 * row, .width = 150, .height = 50});
  }
  for (int from = 0; from < boxes; ++from) {
    for (int to = 0; to < boxes; ++to) {
      CircuitLine line;
      line.from = static_cast<size_t>(from);
      line.to = static_cast<size_t>(boxes + to);
      line.share = (from + to) % 2 == 0 ? share : -share;
      share += 0.001;
      line.x0 = 150, line.x1 = 300;
      line.y0 = 60 * from + 25.0, line.y1 = 60 * to + 25.0;
      layout.lines.push_back(line);
    }
  }
  return layout;
}

bool apart(double a, double size_a, double b, double size_b) {
  return std::abs(a - b) >= (size_a + size_b) / 2 - 1e-9;
}

TEST(CircuitNumbers, CoverNeitherOneAnotherNorABox) {
  for (const int boxes : {1, 2, 3, 5, 9}) {
    const CircuitLayout layout = crossing(boxes, 0.1);
    const std::vector<CircuitNumber> numbers = circuit_numbers(layout);
    EXPECT_LE(std::ssize(numbers), boxes * boxes);
    EXPECT_GE(std::ssize(numbers), boxes);
    for (size_t i = 0; i < numbers.size(); ++i) {
      const CircuitNumber& one = numbers[i];
      for (size_t k = 0; k < i; ++k) {
        EXPECT_TRUE(apart(one.x, one.width, numbers[k].x, numbers[k].width) ||
                    apart(one.y, kNumberHeight, numbers[k].y, kNumberHeight))
            << boxes << ": " << i << " and " << k;
      }
      for (const CircuitBox& box : layout.boxes) {
        EXPECT_TRUE(apart(one.x, one.width, box.x + box.width / 2, box.width) ||
                    apart(one.y, kNumberHeight, box.y + box.height / 2, box.height))
            << boxes << ": " << i;
      }
    }
  }
}

TEST(CircuitNumbers, TheLargestShareStandsInTheMiddleOfItsLine) {
  CircuitLayout layout = crossing(2, 0.1);
  layout.lines[1].share = -0.4;
  const std::vector<CircuitNumber> numbers = circuit_numbers(layout);
  ASSERT_EQ(numbers.size(), 4u);
  EXPECT_EQ(numbers[0].text, "\u221240 %");
  EXPECT_NEAR(numbers[0].x, 225, 1e-9);
  EXPECT_NEAR(numbers[0].y, 55, 1e-9);
}

TEST(CircuitNumbers, ThinLinesHaveNone) { EXPECT_TRUE(circuit_numbers(crossing(3, 0.05)).empty()); }

TEST(CircuitNumbers, ALineWithoutRoomHasNone) {
  CircuitLayout layout = crossing(1, 0.5);
  layout.boxes.push_back({.x = 150, .y = 0, .width = 150, .height = 50});
  EXPECT_TRUE(circuit_numbers(layout).empty());
}

}  // namespace
}  // namespace secateur
