#include "training/trunk_on_images.h"

#include <utility>

#include "data/resample.h"
#include "tensor/error.h"

namespace secateur {
namespace {

// Adds sign * mean to every channel, in place.
void add_means(Tensor& images, const std::array<float, 3>& mean, float sign) {
  const int64_t pixels = images.dim(2) * images.dim(3);
  float* value = images.data();
  for (int64_t plane = 0; plane < images.dim(0) * images.dim(1); ++plane) {
    const float shift = sign * mean[static_cast<size_t>(plane % images.dim(1))];
    for (int64_t p = 0; p < pixels; ++p) *value++ += shift;
  }
}

class TrunkOnImages final : public Trunk {
 public:
  TrunkOnImages(std::shared_ptr<const Trunk> trunk, const InputSpec& images)
      : trunk_(std::move(trunk)), images_(images) {}

  const InputSpec& input() const override { return images_; }
  Shape maps() const override { return trunk_->maps(); }
  std::string identity() const override {
    if (trunk_->input() == images_) return trunk_->identity();
    return fmt::format("{}:of {}x{} less {}", trunk_->identity(), images_.height, images_.width,
                       fmt::join(images_.mean, ","));
  }

  Tensor operator()(const Tensor& images) const override {
    const InputSpec& wanted = trunk_->input();
    if (wanted == images_) return (*trunk_)(images);
    require(images.rank() == 4 && images.dim(1) == images_.channels &&
                images.dim(2) == images_.height && images.dim(3) == images_.width,
            "trunk", "wanted images [n, {}, {}, {}], got {}", images_.channels, images_.height,
            images_.width, images.shape());
    Tensor pixels = images.clone();
    add_means(pixels, images_.mean, 1);
    pixels = resampled(pixels, wanted.height, wanted.width);
    add_means(pixels, wanted.mean, -1);
    return (*trunk_)(pixels);
  }

 private:
  std::shared_ptr<const Trunk> trunk_;
  InputSpec images_;
};

}  // namespace

std::unique_ptr<Trunk> trunk_on_images(std::shared_ptr<const Trunk> trunk,
                                       const InputSpec& images) {
  return std::make_unique<TrunkOnImages>(std::move(trunk), images);
}

}  // namespace secateur
