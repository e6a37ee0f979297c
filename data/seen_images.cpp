// The part of a manifest that looks at pictures: its text is read without them.

#include <fmt/format.h>

#include "data/seen_manifest.h"
#include "tensor/printable.h"

namespace secateur {

void SeenManifest::add(const ImageSource& images, std::string_view where) {
  std::vector<PictureMark> marks = picture_marks(images);
  for (size_t i = 0; i < marks.size(); ++i) {
    pictures_.push_back(
        {std::move(marks[i]),
         fmt::format("{} of {}", printable(images.name(static_cast<int64_t>(i))), where)});
  }
  sort();
}

}  // namespace secateur
