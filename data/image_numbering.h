#pragma once
// The order of image files: by the number in their names, so that image2.jpg comes before
// image10.jpg and the place in an archive or folder does not matter; by name where they have none.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace secateur {

struct ImageNumbering {
  bool by_name = false;       // not every image has a number of its own; the rest then is 0
  int64_t first = 0;          // the smallest number
  int64_t missing = 0;        // how many numbers between the smallest and the largest have no image
  int64_t first_missing = 0;  // the smallest of these; meaningless when missing == 0

  // "images are numbered from 1; 2 numbers have no image, the first of them 17"; empty without
  // gaps.
  std::string gap_sentence() const;
};

// Is this name, which may have folders in front, that of an image to be read? Only .jpg, .jpeg and
// .png files are; hidden ones and those in __MACOSX or hidden folders are not.
bool is_image_name(std::string_view path);

// The number of an image: the last run of digits of the name without folders and extension; none
// when it has no digits, or more than 18 after leading zeros.
std::optional<int64_t> image_number(std::string_view path);

struct OrderedNames {
  std::vector<std::string> names;
  std::vector<int64_t> places;  // names[i] was given at places[i]
  ImageNumbering numbering;
};

// Keeps the images among the names and orders them by number or, where not every one has a number
// of its own, by name. Throws Error(kBadInput) when none is an image, or they lie in more than one
// folder. `where` names the file or folder.
OrderedNames order_image_names(const std::vector<std::string>& names, std::string_view where);

}  // namespace secateur
