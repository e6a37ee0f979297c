#pragma once
// Which filters carry the difference between two images, as one picture.

#include <string>
#include <vector>

#include "interpretation/patching.h"

namespace secateur {

// An SVG file, a row for each layer by its name: a bar for each filter alone, the largest share
// first, upwards what carries the difference and downwards what pulls the other way; a dashed line
// at 1, all of it. The scale is one for all layers. Every bar says its numbers when the pointer
// rests on it. Without a ground, for light and dark pages.
std::string patch_plot(const std::string& title, const std::vector<std::string>& names,
                       const std::vector<LayerPatching>& layers);

}  // namespace secateur
