#pragma once
// A picture by what a model sees of it, whatever its file is called and how it is stored.

#include <string>
#include <vector>

#include "data/image_source.h"

namespace secateur {

// The SHA-256 of the decoded pixels of every image, in their order. A picture stored again with a
// loss is another one.
std::vector<std::string> pixel_digests(const ImageSource& images);

}  // namespace secateur
