#pragma once
// A picture by what a model sees of it, whatever its file is called and how it is stored.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/image_source.h"

namespace secateur {

inline constexpr int kThumbnailCells = 12;  // a side

struct PictureMark {
  std::string digest;  // SHA-256 of the decoded pixels
  // Mean grey values of the cells of a grid, row by row; grey is 0.299 R + 0.587 G + 0.114 B.
  std::array<uint8_t, size_t{kThumbnailCells}* kThumbnailCells> thumbnail = {};
};

// Of every image, in their order.
std::vector<PictureMark> picture_marks(const ImageSource& images);

// Finds pictures among others.
class PictureIndex {
 public:
  explicit PictureIndex(std::vector<PictureMark> pictures);

  // The first with the same pixels.
  std::optional<size_t> same(const PictureMark& picture) const;

  // Places of those that look alike and have other pixels, ascending: the root of the mean squared
  // difference of the thumbnails is at most 0.5 + 0.05 of the standard deviation of the picture's.
  // So are pictures that were stored again with a loss or in another size; not those that were cut,
  // shifted or made lighter. A picture whose thumbnail has a standard deviation below 4, which is
  // grey in the large, looks like none.
  std::vector<size_t> alike(const PictureMark& picture) const;

 private:
  std::vector<PictureMark> pictures_;
  std::map<std::string, size_t> by_digest_;
  std::vector<std::pair<double, size_t>> by_mean_;  // sorted: two that are alike have like means
};

}  // namespace secateur
