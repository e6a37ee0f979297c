#include "data/seen_manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "tensor/error.h"
#include "tensor/printable.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

constexpr std::string_view kHeading = "secateur seen pictures 1\n";
constexpr std::string_view kUnknown = "not known: ";
constexpr size_t kDigest = 64;
constexpr size_t kThumbnail = 2 * sizeof(PictureMark::thumbnail);
constexpr size_t kKey = 32;

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// One line: digest, thumbnail and where, a blank between two. False when it is no such line.
bool parse_line(std::string_view line, SeenPicture& picture) {
  constexpr size_t kWhere = kDigest + kThumbnail + 2;
  if (line.size() <= kWhere || line[kDigest] != ' ' || line[kWhere - 1] != ' ') return false;
  picture.mark.digest = line.substr(0, kDigest);
  if (!std::ranges::all_of(picture.mark.digest, [](char c) { return nibble(c) >= 0; }))
    return false;
  for (size_t i = 0; i < picture.mark.thumbnail.size(); ++i) {
    const int high = nibble(line[kDigest + 1 + 2 * i]);
    const int low = nibble(line[kDigest + 2 + 2 * i]);
    if (high < 0 || low < 0) return false;
    picture.mark.thumbnail[i] = static_cast<uint8_t>(16 * high + low);
  }
  picture.where = line.substr(kWhere);
  return true;
}

}  // namespace

void SeenManifest::sort() {
  const auto order = [](const SeenPicture& a, const SeenPicture& b) {
    return std::tie(a.mark.digest, a.where) < std::tie(b.mark.digest, b.where);
  };
  std::sort(pictures_.begin(), pictures_.end(), order);
  const auto same = [](const SeenPicture& a, const SeenPicture& b) {
    return a.mark.digest == b.mark.digest;
  };
  pictures_.erase(std::unique(pictures_.begin(), pictures_.end(), same), pictures_.end());
  std::sort(unknown_.begin(), unknown_.end());
  unknown_.erase(std::unique(unknown_.begin(), unknown_.end()), unknown_.end());
}

void SeenManifest::add_unknown(const std::string& sentence) {
  unknown_.push_back(without_controls(sentence));
  sort();
}

void SeenManifest::add(const SeenManifest& other, std::string_view model) {
  for (const SeenPicture& picture : other.pictures_) {
    pictures_.push_back({picture.mark, fmt::format("{}, seen by {}", picture.where, model)});
  }
  unknown_.insert(unknown_.end(), other.unknown_.begin(), other.unknown_.end());
  sort();
}

std::string SeenManifest::text() const {
  std::string text(kHeading);
  for (const std::string& sentence : unknown_) text += fmt::format("{}{}\n", kUnknown, sentence);
  for (const SeenPicture& picture : pictures_) {
    std::string thumbnail;
    for (const uint8_t value : picture.mark.thumbnail) thumbnail += fmt::format("{:02x}", value);
    text +=
        fmt::format("{} {} {}\n", picture.mark.digest, thumbnail, without_controls(picture.where));
  }
  return text;
}

SeenManifest SeenManifest::parse(const std::string& text, std::string_view file) {
  require(text.starts_with(kHeading), file, "wanted a list that begins with '{}'",
          kHeading.substr(0, kHeading.size() - 1));
  SeenManifest manifest;
  size_t number = 2;
  for (size_t begin = kHeading.size(); begin < text.size(); ++number) {
    const size_t end = text.find('\n', begin);
    require(end != std::string::npos, file, "line {} does not end", number);
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    if (line.starts_with(kUnknown)) {
      manifest.unknown_.push_back(without_controls(line.substr(kUnknown.size())));
      continue;
    }
    SeenPicture picture;
    require(parse_line(line, picture), file,
            "line {} is not a digest, a thumbnail and where a picture was seen", number);
    manifest.pictures_.push_back(std::move(picture));
  }
  manifest.sort();
  return manifest;
}

std::string seen_key(const std::string& text) { return sha256_of(text).substr(0, kKey); }

}  // namespace secateur
