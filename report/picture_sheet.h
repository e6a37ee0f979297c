#pragma once
// Pictures in rows, each with a line below it, as one SVG file.

#include <string>
#include <vector>

#include "formats/jpeg.h"

namespace secateur {

struct CaptionedPicture {
  Image8 picture;
  std::string caption;
};

struct PictureRow {
  std::string title;
  std::vector<CaptionedPicture> pictures;
};

// The pictures are inside of the file. Rows without one are left out.
std::string picture_sheet_svg(const std::string& title, const std::vector<PictureRow>& rows);

}  // namespace secateur
