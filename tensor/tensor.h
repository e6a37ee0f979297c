#pragma once
// Tensor: a float32 array, contiguous, 64-byte aligned, row-major (NCHW for images, OIHW for
// convolution weights). A Tensor is a handle: copies share the storage, clone() copies the values.

#include <initializer_list>
#include <memory>
#include <span>

#include "tensor/shape.h"

namespace secateur {

class Tensor {
 public:
  Tensor() : Tensor(Shape{0}) {}        // no elements
  explicit Tensor(const Shape& shape);  // values undefined

  static Tensor zeros(const Shape& shape) { return full(shape, 0.0f); }
  static Tensor full(const Shape& shape, float value);
  // Throws Error when values.size() differs from shape.numel().
  static Tensor of(const Shape& shape, std::span<const float> values);
  static Tensor of(const Shape& shape, std::initializer_list<float> values);

  const Shape& shape() const { return shape_; }
  int rank() const { return shape_.rank(); }
  int64_t dim(int axis) const { return shape_[axis]; }
  int64_t numel() const { return numel_; }
  bool empty() const { return numel_ == 0; }

  float* data() { return data_; }
  const float* data() const { return data_; }
  std::span<float> values() { return {data_, static_cast<size_t>(numel_)}; }
  std::span<const float> values() const { return {data_, static_cast<size_t>(numel_)}; }
  float& operator[](int64_t flat) { return data_[flat]; }
  float operator[](int64_t flat) const { return data_[flat]; }

  Tensor clone() const;
  bool is_shared() const { return storage_.use_count() > 1; }  // another handle sees the storage
  // The same storage under another shape; throws Error when the number of elements differs.
  Tensor reshaped(const Shape& shape) const;
  // Elements [begin, end) of the outermost axis; shares the storage.
  Tensor rows(int64_t begin, int64_t end) const;
  void fill(float value);
  bool all_finite() const;

 private:
  Shape shape_;
  int64_t numel_ = 0;
  std::shared_ptr<void> storage_;
  float* data_ = nullptr;
};

// True when shapes and all bits agree (so NaN equals the same NaN, and 0 differs from -0).
bool same_bits(const Tensor& a, const Tensor& b);

}  // namespace secateur
