#pragma once
// The finite set of inputs that training draws from: every image in a fixed number of variants.
// Finite, so that a teacher's labels can be computed once and stored.

#include <array>
#include <cstdint>
#include <string>

#include "data/augmentation.h"
#include "data/image_source.h"

namespace secateur {

struct ItemIndex {
  int64_t image;
  int64_t variant;  // 0: the untouched image
  friend bool operator==(const ItemIndex&, const ItemIndex&) = default;
};

class TrainingSet {
 public:
  // Throws Error(kUsage) for an augmentation out of range, no images, or variants < 1.
  TrainingSet(ImageSourcePtr images, const Augmentation& augmentation, int64_t variants,
              uint64_t seed, const std::array<float, 3>& channel_mean = kChannelMean);

  // Other images, varied the same way.
  TrainingSet of_images(ImageSourcePtr images) const {
    return {std::move(images), augmentation_, variants_, seed_, channel_mean_};
  }

  int64_t size() const { return images_->count() * variants_; }
  int64_t variants() const { return variants_; }
  int height() const { return images_->height(); }
  int width() const { return images_->width(); }
  int64_t values_per_item() const { return images_->bytes_per_image(); }  // 3 * height * width
  const ImageSource& images() const { return *images_; }

  // Variant by variant, so that the first count() items are the untouched images and more variants
  // extend the set without renumbering. Throws Error(kUsage) for an item that does not exist.
  ItemIndex index(int64_t item) const;

  // The network's input for an item: 3 x height x width values. A pure function of the item: the
  // draws come from the stream (seed, "augmentation", item). Any number of threads at once.
  void fill(int64_t item, float* chw) const;

  // Names everything that decides the values of fill(); for keys of stored labels.
  std::string identity() const;

 private:
  ImageSourcePtr images_;
  Augmentation augmentation_;
  int64_t variants_;
  uint64_t seed_;
  std::array<float, 3> channel_mean_;
};

}  // namespace secateur
