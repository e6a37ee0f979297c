#include "data/recording_split.h"

#include <nlohmann/json.hpp>

namespace secateur {

ImageSplit split_of(const Recording& recording) {
  if (recording.split) return *recording.split;
  const ImageRange first = half_range(Half::kFirst, recording.images);
  return {.fit = first.count(),
          .validation = 0,
          .score = recording.images - first.count(),
          .by = kSplitByHalf,
          .order = "",
          .places = {}};
}

ImageRange split_range(const Recording& recording, Half half) {
  const ImageSplit split = split_of(recording);
  const int64_t border = split.fit + split.validation;
  if (half == Half::kFirst) return {0, border};
  if (half == Half::kSecond) return {border, recording.images};
  return {0, recording.images};
}

ImageRange validation_range(const Recording& recording) {
  const ImageSplit split = split_of(recording);
  return {split.fit, split.fit + split.validation};
}

int64_t place_in_responses(const Recording& recording, int64_t image) {
  const bool moved = recording.split && !recording.split->places.empty();
  return moved ? recording.split->places[static_cast<size_t>(image)] : image;
}

nlohmann::json split_json(const Recording& recording) {
  const ImageSplit split = split_of(recording);
  return {{"by", split.by},
          {"fit", split.fit},
          {"validation", split.validation},
          {"score", split.score}};
}

}  // namespace secateur
