#include "data/picture_mark.h"

#include <algorithm>
#include <cmath>

#include "tensor/parallel.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

constexpr double kRounding = 0.5;  // of two thumbnails to whole grey values
constexpr double kShareOfSpread = 0.05;
constexpr double kLeastSpread = 4;

using Thumbnail = decltype(PictureMark::thumbnail);

// In whole numbers: weights of grey in 1/1000.
Thumbnail thumbnail_of(const std::string& rgb, int height, int width) {
  Thumbnail thumbnail;
  const auto border = [](int cell, int pixels) { return cell * pixels / kThumbnailCells; };
  for (int row = 0; row < kThumbnailCells; ++row) {
    for (int column = 0; column < kThumbnailCells; ++column) {
      int64_t sum = 0;
      int64_t pixels = 0;
      for (int y = border(row, height); y < border(row + 1, height); ++y) {
        for (int x = border(column, width); x < border(column + 1, width); ++x) {
          const auto* at = reinterpret_cast<const uint8_t*>(rgb.data()) + 3 * (y * width + x);
          sum += 299 * at[0] + 587 * at[1] + 114 * at[2];
          ++pixels;
        }
      }
      // Images of fewer pixels than cells leave some cells empty.
      const int64_t whole = 1000 * std::max<int64_t>(pixels, 1);
      thumbnail[static_cast<size_t>(row * kThumbnailCells + column)] =
          static_cast<uint8_t>((sum + whole / 2) / whole);
    }
  }
  return thumbnail;
}

double mean_of(const Thumbnail& thumbnail) {
  double sum = 0;
  for (const uint8_t value : thumbnail) sum += value;
  return sum / static_cast<double>(thumbnail.size());
}

double spread_of(const Thumbnail& thumbnail) {
  const double mean = mean_of(thumbnail);
  double squares = 0;
  for (const uint8_t value : thumbnail) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(thumbnail.size()));
}

double distance(const Thumbnail& a, const Thumbnail& b) {
  int64_t squares = 0;
  for (size_t i = 0; i < a.size(); ++i) squares += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(static_cast<double>(squares) / static_cast<double>(a.size()));
}

}  // namespace

std::vector<PictureMark> picture_marks(const ImageSource& images) {
  std::vector<PictureMark> marks(static_cast<size_t>(images.count()));
  parallel_for(images.count(), [&](int64_t i) {
    std::string pixels(static_cast<size_t>(images.bytes_per_image()), '\0');
    images.read(i, std::span(reinterpret_cast<uint8_t*>(pixels.data()), pixels.size()));
    marks[static_cast<size_t>(i)] = {sha256_of(pixels),
                                     thumbnail_of(pixels, images.height(), images.width())};
  });
  return marks;
}

PictureIndex::PictureIndex(std::vector<PictureMark> pictures) : pictures_(std::move(pictures)) {
  for (size_t i = 0; i < pictures_.size(); ++i) {
    by_digest_.emplace(pictures_[i].digest, i);
    by_mean_.emplace_back(mean_of(pictures_[i].thumbnail), i);
  }
  std::sort(by_mean_.begin(), by_mean_.end());
}

std::optional<size_t> PictureIndex::same(const PictureMark& picture) const {
  const auto found = by_digest_.find(picture.digest);
  return found == by_digest_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<size_t> PictureIndex::alike(const PictureMark& picture) const {
  std::vector<size_t> places;
  const double spread = spread_of(picture.thumbnail);
  if (spread < kLeastSpread) return places;
  const double most = kRounding + kShareOfSpread * spread;
  // Means differ by no more than the root of the mean squared difference.
  const double mean = mean_of(picture.thumbnail);
  auto at = std::lower_bound(by_mean_.begin(), by_mean_.end(), std::pair(mean - most, size_t{0}));
  for (; at != by_mean_.end() && at->first <= mean + most; ++at) {
    const PictureMark& other = pictures_[at->second];
    if (other.digest == picture.digest) continue;
    if (distance(other.thumbnail, picture.thumbnail) <= most) places.push_back(at->second);
  }
  std::sort(places.begin(), places.end());
  return places;
}

}  // namespace secateur
