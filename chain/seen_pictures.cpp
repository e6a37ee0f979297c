#include "chain/seen_pictures.h"

#include <unordered_map>

#include "data/pixel_digest.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {

std::optional<SeenPictures> seen_pictures(const Subject& subject) {
  if (subject.seen.empty()) return std::nullopt;
  const ImageSourcePtr scored =
      image_range(subject.test.image_source, subject.scored.begin, subject.scored.end);
  std::unordered_map<std::string, int64_t> places;
  const std::vector<std::string> digests = pixel_digests(*scored);
  for (size_t i = 0; i < digests.size(); ++i) places.emplace(digests[i], static_cast<int64_t>(i));
  std::vector<bool> is_seen(digests.size());
  std::string first;
  for (const SeenImages& seen : subject.seen) {
    const std::vector<std::string> others = pixel_digests(*seen.images);
    for (size_t i = 0; i < others.size(); ++i) {
      const auto found = places.find(others[i]);
      if (found == places.end()) continue;
      is_seen[static_cast<size_t>(found->second)] = true;
      if (!first.empty()) continue;
      first = fmt::format("{} of session {} is {} of {}", printable(scored->name(found->second)),
                          subject.test.session,
                          printable(seen.images->name(static_cast<int64_t>(i))), seen.where);
    }
  }
  SeenPictures result{.count = 0, .of = scored->count(), .sentence = {}};
  // A picture that scores twice is seen twice.
  for (const std::string& digest : digests) {
    if (is_seen[static_cast<size_t>(places.at(digest))]) ++result.count;
  }
  if (result.count == 0) return std::nullopt;
  result.sentence = fmt::format("{} of the {} pictures that score {} also seen in training: {}",
                                result.count, result.of, result.count == 1 ? "is" : "are", first);
  return result;
}

std::optional<SeenPictures> allowed_seen_pictures(const Recipe& recipe, const Subject& subject) {
  std::optional<SeenPictures> seen = seen_pictures(subject);
  if (seen && recipe.evaluate.seen == "refuse") {
    throw Error(
        ErrorKind::kUsage,
        seen->sentence +
            "; take them out, name other sessions with sessions=, or say --allow-seen, which "
            "every table "
            "will repeat");
  }
  return seen;
}

}  // namespace secateur
