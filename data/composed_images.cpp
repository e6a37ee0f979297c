// Sources made of other sources: in memory, one after the other, and a choice of places.

#include <algorithm>
#include <utility>

#include "data/image_source.h"
#include "tensor/error.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

class MemoryImages final : public ImageSource {
 public:
  MemoryImages(int height, int width, std::vector<uint8_t> pixels)
      : height_(height), width_(width), pixels_(std::move(pixels)) {
    require(height >= 1 && width >= 1, "images", "wanted images of at least 1 x 1, got {} x {}",
            height, width);
    require(pixels_.size() % static_cast<size_t>(bytes_per_image()) == 0, "images",
            "wanted whole images of {} x {} x 3 bytes, got {} bytes", height, width,
            pixels_.size());
  }
  int64_t count() const override {
    return static_cast<int64_t>(pixels_.size()) / bytes_per_image();
  }
  int height() const override { return height_; }
  int width() const override { return width_; }
  std::string identity() const override {
    return fmt::format("memory:{}x{}x{}:{}", count(), height_, width_,
                       sha256_of({reinterpret_cast<const char*>(pixels_.data()), pixels_.size()}));
  }

 protected:
  void decode(int64_t index, std::span<uint8_t> rgb_hwc) const override {
    std::copy_n(pixels_.begin() + index * bytes_per_image(), rgb_hwc.size(), rgb_hwc.begin());
  }

 private:
  int height_;
  int width_;
  std::vector<uint8_t> pixels_;
};

class ConcatenatedImages final : public ImageSource {
 public:
  explicit ConcatenatedImages(std::vector<ImageSourcePtr> sources) : sources_(std::move(sources)) {
    require(!sources_.empty(), "images", "wanted at least one source to concatenate, got none");
    for (const auto& source : sources_) {
      require(source->height() == height() && source->width() == width(), "images",
              "wanted sources of one size to concatenate, got {} x {} and {} x {}", height(),
              width(), source->height(), source->width());
      ends_.push_back(count() + source->count());
    }
  }
  int64_t count() const override { return ends_.empty() ? 0 : ends_.back(); }
  int height() const override { return sources_.front()->height(); }
  int width() const override { return sources_.front()->width(); }
  std::string identity() const override {
    std::string parts;
    for (const auto& source : sources_) parts += source->identity() + "\n";
    return fmt::format("concatenation:{}:{}", count(), sha256_of(parts));
  }
  std::string name(int64_t index) const override {
    const auto [source, place] = place_of(index);
    return source->name(place);
  }

 protected:
  void decode(int64_t index, std::span<uint8_t> rgb_hwc) const override {
    const auto [source, place] = place_of(index);
    source->read(place, rgb_hwc);
  }

 private:
  std::pair<const ImageSource*, int64_t> place_of(int64_t index) const {
    const auto end = std::upper_bound(ends_.begin(), ends_.end(), index);
    const auto part = static_cast<size_t>(end - ends_.begin());
    return {sources_[part].get(), part == 0 ? index : index - ends_[part - 1]};
  }

  std::vector<ImageSourcePtr> sources_;
  std::vector<int64_t> ends_;
};

class ImageRangeView final : public ImageSource {
 public:
  ImageRangeView(ImageSourcePtr source, int64_t begin, int64_t end)
      : source_(std::move(source)), begin_(begin), end_(end) {
    require(begin >= 0 && begin <= end && end <= source_->count(), "images",
            "wanted a range within {} images, got [{}, {})", source_->count(), begin, end);
  }
  int64_t count() const override { return end_ - begin_; }
  int height() const override { return source_->height(); }
  int width() const override { return source_->width(); }
  std::string identity() const override {
    return fmt::format("{}[{},{})", source_->identity(), begin_, end_);
  }
  std::string name(int64_t index) const override { return source_->name(begin_ + index); }

 protected:
  void decode(int64_t index, std::span<uint8_t> rgb_hwc) const override {
    source_->read(begin_ + index, rgb_hwc);
  }

 private:
  ImageSourcePtr source_;
  int64_t begin_;
  int64_t end_;
};

class SelectedImages final : public ImageSource {
 public:
  SelectedImages(ImageSourcePtr source, std::vector<int64_t> places)
      : source_(std::move(source)), places_(std::move(places)) {
    for (int64_t place : places_) {
      require(place >= 0 && place < source_->count(), "images",
              "wanted places within {} images, got {}", source_->count(), place);
    }
  }
  int64_t count() const override { return static_cast<int64_t>(places_.size()); }
  int height() const override { return source_->height(); }
  int width() const override { return source_->width(); }
  std::string identity() const override {
    return fmt::format("{}[{} places {}]", source_->identity(), places_.size(),
                       sha256_of(fmt::format("{}", fmt::join(places_, " "))));
  }
  std::string name(int64_t index) const override {
    return source_->name(places_[static_cast<size_t>(index)]);
  }

 protected:
  void decode(int64_t index, std::span<uint8_t> rgb_hwc) const override {
    source_->read(places_[static_cast<size_t>(index)], rgb_hwc);
  }

 private:
  ImageSourcePtr source_;
  std::vector<int64_t> places_;
};

}  // namespace

ImageSourcePtr images_in_memory(int height, int width, std::vector<uint8_t> pixels) {
  return std::make_shared<MemoryImages>(height, width, std::move(pixels));
}

ImageSourcePtr concatenate_images(std::vector<ImageSourcePtr> sources) {
  return std::make_shared<ConcatenatedImages>(std::move(sources));
}

ImageSourcePtr image_range(ImageSourcePtr source, int64_t begin, int64_t end) {
  return std::make_shared<ImageRangeView>(std::move(source), begin, end);
}

ImageSourcePtr select_images(ImageSourcePtr source, std::vector<int64_t> places) {
  return std::make_shared<SelectedImages>(std::move(source), std::move(places));
}

}  // namespace secateur
