#pragma once
// The families of stimuli that models are tried with. Lengths are in pixels of an image of 112
// pixels (its smaller side) and in proportion for others; angles as in stimuli/stimulus.h. Polarity
// is an axis of its own where it says so: -1 dark, 1 light.

#include "interpretation/tuning.h"

namespace secateur {

// Dots as Cowley et al. (Nature 2026) show them (docs/interpretation.md). Axes "y" and "x" in
// pixels: one dot of radius 5 at the 28 x 28 places that cut the image into equal cells.
inline constexpr int kDotGrid = 28;
StimulusFamily dot_locations(const stimuli::Ground& ground, stimuli::Polarity polarity);
// Axis "radius" in pixels: one dot of radius 2, 3, ..., 22 at `place`.
StimulusFamily dot_sizes(const stimuli::Ground& ground, stimuli::Polarity polarity,
                         const stimuli::Place& place);
// Axis "number": 1 to 10 dots of one radius, in kDraws arrangements from `seed`. The first is at
// `place`; each next one is, of 16 places drawn from a disc about it with a radius of a quarter of
// the image, the one farthest from the dots that are there (Mitchell, SIGGRAPH 1991), so that they
// overlap only where there is no room. More dots are those of fewer and others.
inline constexpr int64_t kDraws = 8;
StimulusFamily dot_numbers(const stimuli::Ground& ground, stimuli::Polarity polarity,
                           const stimuli::Place& place, double radius, uint64_t seed);

// Axes "orientation" (degrees, period 180), "width" (pixels), "polarity". Bars of length 40.
StimulusFamily bars(const stimuli::Ground& ground, const stimuli::Place& place);
// Axes "orientation" (period 180), "frequency" (cycles per image), "phase" (degrees, period 360),
// under a Gaussian of sigma 16. No frequency of less than 3 pixels per cycle.
StimulusFamily gratings(const stimuli::Ground& ground, const stimuli::Place& place);
// Axes "direction" (period 360), "turn" (degrees), "polarity". Lines of length 40, width 4.
StimulusFamily curves(const stimuli::Ground& ground, const stimuli::Place& place);
// Axes "direction" (period 360), "angle" (degrees), "polarity". Arms of length 20, width 4.
StimulusFamily corners(const stimuli::Ground& ground, const stimuli::Place& place);
// Axes "hue" (degrees, period 360), "chroma" (of stimuli/equal_luminance.h): a dot as bright as the
// ground. Chromas that levels 0..255 show at every hue.
StimulusFamily hues(const stimuli::Ground& ground, const stimuli::Place& place, double radius);
// Axis "radius": patches of dead leaves, kDraws pictures from `seed`.
StimulusFamily leaves_patches(const stimuli::Ground& ground, const stimuli::Place& place,
                              uint64_t seed);

}  // namespace secateur
