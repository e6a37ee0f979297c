#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "data/image_source.h"
#include "tensor/error.h"

namespace secateur {
namespace {

// Each image is decoded on its first read. Two threads that meet at the same image may both decode
// it, which is cheaper than making either wait; one of them stores it.
class CachedImages final : public ImageSource {
 public:
  explicit CachedImages(ImageSourcePtr source)
      : source_(std::move(source)),
        stored_(static_cast<size_t>(source_->count())),
        pixels_(std::make_unique_for_overwrite<uint8_t[]>(
            static_cast<size_t>(source_->count() * source_->bytes_per_image()))) {}

  int64_t count() const override { return source_->count(); }
  int height() const override { return source_->height(); }
  int width() const override { return source_->width(); }
  std::string identity() const override { return source_->identity(); }
  std::string name(int64_t index) const override { return source_->name(index); }
  ImageNumbering numbering() const override { return source_->numbering(); }

 protected:
  void decode(int64_t index, std::span<uint8_t> rgb_hwc) const override {
    uint8_t* const kept = pixels_.get() + index * bytes_per_image();
    std::atomic<bool>& stored = stored_[static_cast<size_t>(index)];
    if (stored.load(std::memory_order_acquire)) {
      std::copy_n(kept, rgb_hwc.size(), rgb_hwc.begin());
      return;
    }
    source_->read(index, rgb_hwc);
    const std::lock_guard lock(mutex_);
    if (stored.load(std::memory_order_relaxed)) return;
    std::copy(rgb_hwc.begin(), rgb_hwc.end(), kept);
    stored.store(true, std::memory_order_release);
  }

 private:
  ImageSourcePtr source_;
  mutable std::mutex mutex_;
  mutable std::vector<std::atomic<bool>> stored_;
  std::unique_ptr<uint8_t[]> pixels_;
};

}  // namespace

ImageSourcePtr cache_images(ImageSourcePtr source, int64_t cap_bytes) {
  if (source->count() > cap_bytes / source->bytes_per_image()) return source;
  return std::make_shared<CachedImages>(std::move(source));
}

}  // namespace secateur
