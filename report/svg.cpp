#include "report/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "formats/atomic_file.h"
#include "formats/image_writer.h"
#include "report/markup.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

using HeatColour = std::array<double, 3>;

constexpr std::array<HeatColour, 5> kUpwards = {
    {{0, 32, 76}, {65, 77, 107}, {124, 123, 120}, {188, 175, 111}, {255, 233, 69}}};
constexpr std::array<HeatColour, 5> kAboutMiddle = {
    {{5, 48, 97}, {67, 147, 195}, {247, 247, 247}, {214, 96, 77}, {103, 0, 31}}};
constexpr HeatColour kNoNumber = {128, 128, 128};

constexpr double kScaleHeight = 10;

HeatColour heat_colour(double value, const HeatScale& scale) {
  if (!std::isfinite(value)) return kNoNumber;
  const auto& stops = scale.about_middle ? kAboutMiddle : kUpwards;
  const double range = scale.high - scale.low;
  const double share = range > 0 ? (value - scale.low) / range : 0.5;
  const double at = std::clamp(share, 0.0, 1.0) * (stops.size() - 1);
  const size_t from = std::min(static_cast<size_t>(at), stops.size() - 2);
  const double part = at - static_cast<double>(from);
  HeatColour colour{};
  for (size_t c = 0; c < 3; ++c) {
    colour[c] = stops[from][c] + part * (stops[from + 1][c] - stops[from][c]);
  }
  return colour;
}

// Each value a square of `zoom` pixels, because not every program leaves enlarged pixels sharp.
std::string heat_png(std::span<const double> values, int64_t rows, int64_t columns,
                     const HeatScale& scale, int64_t zoom) {
  Image8 image;
  image.height = static_cast<int>(rows * zoom);
  image.width = static_cast<int>(columns * zoom);
  for (int64_t y = 0; y < rows * zoom; ++y) {
    for (int64_t x = 0; x < columns * zoom; ++x) {
      const double value = values[static_cast<size_t>(y / zoom * columns + x / zoom)];
      for (const double level : heat_colour(value, scale)) {
        image.rgb.push_back(static_cast<uint8_t>(std::lround(level)));
      }
    }
  }
  return encode_png(image);
}

// Whether each place and length is a number; words stand in other attributes, and between tags.
bool places_are_finite(std::string_view svg) {
  constexpr std::array kPlaces = {"x",  "y",     "x1",     "x2", "y1",     "y2",        "cx",
                                  "cy", "width", "height", "d",  "points", "transform", "r"};
  for (const char* const place : kPlaces) {
    const std::string begin = fmt::format(" {}=\"", place);
    for (size_t at = svg.find(begin); at != std::string_view::npos; at = svg.find(begin, at)) {
      at += begin.size();
      const std::string_view value = svg.substr(at, svg.find('"', at) - at);
      if (value.find("nan") != value.npos || value.find("inf") != value.npos) return false;
    }
  }
  return true;
}

}  // namespace

std::string svg_drawing(double width, double height, const std::string& title,
                        const std::string& body) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"system-ui, 'DejaVu Sans', Arial, sans-serif\" "
      "font-size=\"13\" fill=\"#777777\">\n<title>{2}</title>\n"
      "<text x=\"12\" y=\"20\" font-weight=\"bold\">{2}</text>\n{3}</svg>\n",
      width, height, escaped(title), body);
}

void write_drawing(const std::filesystem::path& file, const std::string& svg) {
  require(places_are_finite(svg), "drawing",
          "{} would hold a number that is not finite, of numbers that are too large to draw",
          printable(file.filename().string()));
  write_file_atomically(file, svg);
}

std::string svg_text(double x, double y, const char* anchor, const std::string& text,
                     const char* colour) {
  const std::string fill = colour == nullptr ? "" : fmt::format(" fill=\"{}\"", colour);
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y,
                     anchor, fill, escaped(text));
}

std::string svg_rule(double x0, double y0, double x1, double y1, bool dashed) {
  return fmt::format(
      "<line stroke=\"#8a8a8a\"{} x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n",
      dashed ? " stroke-dasharray=\"4 3\"" : "", x0, y0, x1, y1);
}

std::string svg_group(double x, double y, const std::string& title, const std::string& body) {
  return fmt::format("<g transform=\"translate({:.1f} {:.1f})\"><title>{}</title>\n{}</g>\n", x, y,
                     escaped(title), body);
}

std::string svg_heat_map(std::span<const double> values, int64_t rows, int64_t columns,
                         const HeatScale& scale, double width, double height) {
  const auto zoom =
      static_cast<int64_t>(std::clamp(std::ceil(width / static_cast<double>(columns)), 1.0, 16.0));
  return fmt::format(
      "<image width=\"{:.1f}\" height=\"{:.1f}\" preserveAspectRatio=\"none\" "
      "href=\"{}\"/>\n",
      width, height, png_uri(heat_png(values, rows, columns, scale, zoom)));
}

std::string svg_heat_pixels(std::span<const double> values, int64_t rows, int64_t columns,
                            const HeatScale& scale, double width, double height) {
  return fmt::format(
      "<image width=\"{:.1f}\" height=\"{:.1f}\" preserveAspectRatio=\"none\" "
      "style=\"image-rendering:pixelated\" href=\"{}\"/>\n",
      width, height, png_uri(heat_png(values, rows, columns, scale, 1)));
}

std::string svg_heat_scale(const HeatScale& scale, const std::string& unit, double width) {
  std::vector<double> ramp;
  const auto steps = static_cast<int64_t>(width);
  for (int64_t i = 0; i < steps; ++i) {
    ramp.push_back(scale.low + (scale.high - scale.low) * static_cast<double>(i) /
                                   static_cast<double>(std::max<int64_t>(steps - 1, 1)));
  }
  const double below = kScaleHeight + 15;
  return svg_heat_map(ramp, 1, steps, scale, width, kScaleHeight) +
         svg_text(0, below, "start", fmt::format("{:.2g}", scale.low)) +
         svg_text(width / 2, below + 16, "middle", unit) +
         svg_text(width, below, "end", fmt::format("{:.2g}", scale.high));
}

}  // namespace secateur
