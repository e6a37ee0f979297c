#pragma once
// Colours as bright as the ground.

#include "interpretation/stimuli/stimulus.h"

namespace secateur::stimuli {

// The colour of the luminance of `ground`, in CIE 1976 L*a*b* (white D65): the L* of the ground,
// and its a*, b* moved by `chroma` in the direction `hue` (degrees; 0 towards red-purple, +a*; 90
// towards yellow, +b*; 180 green; 270 blue). Chroma 0 is the ground itself. Levels are taken as
// those of sRGB (IEC 61966-2-1). Equal L* is equal luminance for the standard human observer; to a
// model, and to a monkey, it is an approximation. Throws Error(kUsage) for a colour that levels
// 0..255 do not reach.
Rgb equally_bright(const Rgb& ground, double hue, double chroma);

// Whether equally_bright() gives a colour.
bool is_shown(const Rgb& ground, double hue, double chroma);

// CIE 1976 L*, a*, b*.
std::array<double, 3> lab_of(const Rgb& colour);

}  // namespace secateur::stimuli
