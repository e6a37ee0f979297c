#include "data/training_set.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "tensor/error.h"

namespace secateur {

TrainingSet::TrainingSet(ImageSourcePtr images, const Augmentation& augmentation, int64_t variants,
                         uint64_t seed, const std::array<float, 3>& channel_mean)
    : images_(std::move(images)),
      augmentation_(augmentation),
      variants_(variants),
      seed_(seed),
      channel_mean_(channel_mean) {
  constexpr auto kWhere = "training set";
  check(augmentation_);
  if (images_->count() < 1) fail(ErrorKind::kUsage, kWhere, "wanted at least 1 image, got none");
  int64_t size = 0;
  if (variants < 1 || __builtin_mul_overflow(images_->count(), variants, &size)) {
    fail(ErrorKind::kUsage, kWhere,
         "wanted at least 1 variant per image and a countable set, got {}", variants);
  }
}

ItemIndex TrainingSet::index(int64_t item) const {
  if (item < 0 || item >= size()) {
    fail(ErrorKind::kUsage, "training set", "wanted an item below {}, got {}", size(), item);
  }
  return {item % images_->count(), item / images_->count()};
}

void TrainingSet::fill(int64_t item, float* chw) const {
  const ItemIndex at = index(item);
  thread_local std::vector<uint8_t> pixels;
  pixels.resize(static_cast<size_t>(values_per_item()));
  images_->read(at.image, pixels);
  if (at.variant == 0) {
    prepare_image(pixels, height(), width(), channel_mean_, chw);
    return;
  }
  const Rng stream(seed_, "augmentation", static_cast<uint64_t>(item));
  prepare_image(pixels, height(), width(), augmentation_, stream, channel_mean_, chw);
}

std::string TrainingSet::identity() const {
  const std::string means =
      fmt::format("{},{},{}", channel_mean_[0], channel_mean_[1], channel_mean_[2]);
  // One variant is the untouched image, whatever the augmentation and the seed.
  if (variants_ == 1) return fmt::format("{};mean={};variants=1", images_->identity(), means);
  return fmt::format("{};mean={};variants={};augmentation={};seed={}", images_->identity(), means,
                     variants_, nlohmann::json(augmentation_).dump(), seed_);
}

}  // namespace secateur
