#include "tensor/tensor.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "tensor/arena.h"
#include "tensor/error.h"

namespace secateur {

namespace {

int64_t bytes_of(const Shape& shape) {
  int64_t bytes = 0;
  require(!__builtin_mul_overflow(shape.numel(), int64_t{sizeof(float)}, &bytes), "tensor",
          "{} is too large", shape);
  return bytes;
}

}  // namespace

Tensor::Tensor(const Shape& shape) : shape_(shape), numel_(shape.numel()) {
  const std::shared_ptr<void> block = arena_allocate(bytes_of(shape));
  data_ = static_cast<float*>(block.get());
  storage_ = block;
}

Tensor::Tensor(const Shape& shape, float* data, std::shared_ptr<const void> owner, Memory memory)
    : shape_(shape),
      numel_(shape.numel()),
      storage_(std::move(owner)),
      data_(data),
      memory_(memory) {
  bytes_of(shape);
  require(data != nullptr, "tensor", "wanted memory that holds {}, got a null pointer", shape);
  // What a float needs at the least; the kernels load and store without asking for more.
  const auto beyond = reinterpret_cast<std::uintptr_t>(data) % alignof(float);
  require(beyond == 0, "tensor",
          "wanted memory for {} at a multiple of {} bytes, got an address {} beyond one", shape,
          alignof(float), beyond);
}

Tensor Tensor::view(const Shape& shape, float* data, std::shared_ptr<const void> owner) {
  if (shape.numel() == 0) return Tensor(shape);
  return Tensor(shape, data, std::move(owner), Memory::kLent);
}

Tensor Tensor::view(const Shape& shape, const float* data, std::shared_ptr<const void> owner) {
  if (shape.numel() == 0) return Tensor(shape);
  // Given out as const only: data() of a handle that is not const refuses.
  return Tensor(shape, const_cast<float*>(data), std::move(owner), Memory::kReadOnly);
}

void Tensor::refuse_writing() const {
  fail(ErrorKind::kUsage, "tensor",
       "{} is a view of memory that must not be written: hold it as a const Tensor to read it, or "
       "write into a clone()",
       shape_);
}

Tensor Tensor::full(const Shape& shape, float value) {
  Tensor result(shape);
  result.fill(value);
  return result;
}

Tensor Tensor::of(const Shape& shape, std::span<const float> values) {
  require(static_cast<int64_t>(values.size()) == shape.numel(), "tensor",
          "wanted {} values for {}, got {}", shape.numel(), shape, values.size());
  Tensor result(shape);
  std::copy(values.begin(), values.end(), result.data());
  return result;
}

Tensor Tensor::of(const Shape& shape, std::initializer_list<float> values) {
  return of(shape, std::span<const float>(values.begin(), values.size()));
}

Tensor Tensor::clone() const { return of(shape_, values()); }

Tensor Tensor::reshaped(const Shape& shape) const {
  require(shape.numel() == numel_, "tensor", "cannot see {} as {}", shape_, shape);
  Tensor result = *this;
  result.shape_ = shape;
  return result;
}

Tensor Tensor::rows(int64_t begin, int64_t end) const {
  require(rank() >= 1 && begin >= 0 && begin <= end && end <= dim(0), "tensor",
          "wanted rows within {}, got [{}, {})", shape_, begin, end);
  const int64_t row = dim(0) == 0 ? 0 : numel_ / dim(0);
  std::array<int64_t, Shape::kMaxRank> extents{};
  std::copy(shape_.extents().begin(), shape_.extents().end(), extents.begin());
  extents[0] = end - begin;
  Tensor result = *this;
  result.shape_ = Shape(std::span<const int64_t>(extents.data(), static_cast<size_t>(rank())));
  result.numel_ = (end - begin) * row;
  result.data_ += begin * row;
  return result;
}

void Tensor::fill(float value) { std::fill_n(data(), numel_, value); }

bool Tensor::all_finite() const {
  return std::all_of(data_, data_ + numel_, [](float v) { return std::isfinite(v); });
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() &&
         std::memcmp(a.data(), b.data(), static_cast<size_t>(a.numel()) * sizeof(float)) == 0;
}

}  // namespace secateur
