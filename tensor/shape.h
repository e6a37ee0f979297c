#pragma once
// The extents of a tensor, outermost first; at most kMaxRank of them, each at least 0.

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace secateur {

class Shape {
 public:
  static constexpr int kMaxRank = 6;

  Shape() = default;  // rank 0: one element
  Shape(std::initializer_list<int64_t> extents);
  explicit Shape(std::span<const int64_t> extents);

  int rank() const { return rank_; }
  int64_t operator[](int axis) const;  // throws Error when the axis does not exist
  std::span<const int64_t> extents() const { return {extents_.data(), static_cast<size_t>(rank_)}; }
  int64_t numel() const;    // product of the extents, 1 for rank 0; throws Error on overflow
  std::string str() const;  // "[8, 3, 112, 112]"

  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  int rank_ = 0;
  std::array<int64_t, kMaxRank> extents_{};  // zeros past rank_, so that == compares whole arrays
};

}  // namespace secateur

template <>
struct fmt::formatter<secateur::Shape> : fmt::formatter<std::string> {
  auto format(const secateur::Shape& shape, fmt::format_context& ctx) const {
    return fmt::formatter<std::string>::format(shape.str(), ctx);
  }
};
