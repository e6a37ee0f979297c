#pragma once
// Pieces of SVG drawings that stand on light and on dark pages alike: no ground of their own, text
// of 13 pixels in a grey that is read on both.

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace secateur {

// Told apart by people with any colour vision (Okabe and Ito), and from white and black.
inline constexpr std::array kSvgColours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7"};

// The whole file; `title` is its <title> and stands in its first 24 pixels.
std::string svg_drawing(double width, double height, const std::string& title,
                        const std::string& body);
// A drawing as a file. Throws Error(kBadInput), and writes nothing, where a place or a length in it
// is not a finite number: no program could draw it.
void write_drawing(const std::filesystem::path& file, const std::string& svg);
// `anchor` is start, middle or end; no colour: that of all text.
std::string svg_text(double x, double y, const char* anchor, const std::string& text,
                     const char* colour = nullptr);
// `dashed`, else solid; thin and grey.
std::string svg_rule(double x0, double y0, double x1, double y1, bool dashed = false);
// `body` moved, with a <title> that shows when the pointer rests on it.
std::string svg_group(double x, double y, const std::string& title, const std::string& body);

// Values [rows, columns], row 0 on top, as a picture of width x height pixels. From `low` to `high`
// the colours run from dark blue to yellow (after cividis: Nunez, Anderton and Renslow, PLoS ONE
// 13, 2018); about a `middle`, from blue over white to red. Values outside have the colour of the
// end; what is not finite is grey.
struct HeatScale {
  double low = 0;
  double high = 1;
  bool about_middle = false;  // the middle of low and high is white
};
std::string svg_heat_map(std::span<const double> values, int64_t rows, int64_t columns,
                         const HeatScale& scale, double width, double height);
// The same with a pixel a value, which is much smaller and sharp in browsers, but not elsewhere.
std::string svg_heat_pixels(std::span<const double> values, int64_t rows, int64_t columns,
                            const HeatScale& scale, double width, double height);
// The colours of a scale from left to right, with its ends below, and `unit` below them.
std::string svg_heat_scale(const HeatScale& scale, const std::string& unit, double width);

}  // namespace secateur
