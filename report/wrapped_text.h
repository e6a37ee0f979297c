#pragma once
// Text of 13 pixels in SVG, which does not wrap by itself.

#include <string>

namespace secateur {

inline constexpr double kWrappedLine = 18;  // pixels from line to line

// Lines of at most `width` pixels from `y`, the foot of the first, on; `next` is the foot of the
// line after the last. Breaks at spaces but before a %; a word that is too long stands alone.
std::string wrapped_text(double x, double y, double width, const std::string& text,
                         const std::string& kind, double& next);

}  // namespace secateur
