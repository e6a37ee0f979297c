#include "tensor/shape.h"

#include "tensor/error.h"

namespace secateur {

Shape::Shape(std::initializer_list<int64_t> extents)
    : Shape(std::span<const int64_t>(extents.begin(), extents.size())) {}

Shape::Shape(std::span<const int64_t> extents) : rank_(static_cast<int>(extents.size())) {
  require(extents.size() <= kMaxRank, "shape", "wanted at most {} axes, got {}", kMaxRank,
          extents.size());
  for (int i = 0; i < rank_; ++i) {
    require(extents[i] >= 0, "shape", "wanted extents of at least 0, got {} at axis {}", extents[i],
            i);
    extents_[i] = extents[i];
  }
}

int64_t Shape::operator[](int axis) const {
  require(axis >= 0 && axis < rank_, "shape", "wanted an axis below {}, got {}", rank_, axis);
  return extents_[axis];
}

int64_t Shape::numel() const {
  int64_t product = 1;
  for (int64_t extent : extents()) {
    require(!__builtin_mul_overflow(product, extent, &product), "shape",
            "{} has more elements than 64 bits count", str());
  }
  return product;
}

std::string Shape::str() const { return fmt::format("[{}]", fmt::join(extents(), ", ")); }

}  // namespace secateur
