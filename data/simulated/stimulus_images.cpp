#include "data/simulated/stimulus_images.h"

#include <fmt/format.h>

#include "data/simulated/stimuli.h"
#include "tensor/error.h"

namespace secateur::simulated {
namespace {

// Raised whenever draw_stimulus() draws other pixels for the same arguments.
constexpr int kStimulusVersion = 1;

class StimulusImages final : public ImageSource {
 public:
  StimulusImages(uint64_t seed, int64_t first, int64_t count, int size)
      : seed_(seed), first_(first), count_(count), size_(size) {}

  int64_t count() const override { return count_; }
  int height() const override { return size_; }
  int width() const override { return size_; }
  std::string identity() const override {
    return fmt::format("simulated-v{}:seed={}:first={}:count={}:size={}", kStimulusVersion, seed_,
                       first_, count_, size_);
  }

 protected:
  void decode(int64_t index, std::span<uint8_t> rgb_hwc) const override {
    draw_stimulus(seed_, first_ + index, size_, rgb_hwc.data());
  }

 private:
  uint64_t seed_;
  int64_t first_, count_;
  int size_;
};

}  // namespace

ImageSourcePtr stimulus_images(uint64_t seed, int64_t first, int64_t count, int size) {
  require_stimulus_size(size);
  require(count >= 0, "stimuli", "wanted at least 0 images, got {}", count);
  return std::make_shared<StimulusImages>(seed, first, count, size);
}

}  // namespace secateur::simulated
