#pragma once
// Which pixels a response depends on, as one picture.

#include <string>

#include "interpretation/receptive_field.h"

namespace secateur {

// An SVG file of four maps: the mean gradient and the mean |gradient|, summed over channels, on one
// scale; what blurring does; and what the architecture reaches. Ellipses show the Gaussians of
// field_extent() at one standard deviation.
std::string field_plot(const ReceptiveField& field, const std::string& title);

}  // namespace secateur
