#pragma once
// Tensor: a float32 array, contiguous, row-major (NCHW for images, OIHW for convolution weights). A
// Tensor is a handle: copies share the storage, clone() copies the values. Storage is the library's
// own, 64-byte aligned, or, in a view, memory that somebody else owns.

#include <cstdint>
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

  // Memory of somebody else, seen without a copy: shape.numel() floats from `data` on, at any
  // multiple of 4 bytes. This handle and all made from it keep `owner` alive; without an owner the
  // memory must outlive them. Operations only read their inputs: nobody writes into a view but who
  // does so through a handle to it, as an optimiser does when it is a leaf that is trained.
  // Throws Error(kBadInput) when data is null or no float can lie there.
  static Tensor view(const Shape& shape, float* data, std::shared_ptr<const void> owner);
  // Of memory that must not change, such as a mapped file: data(), values(), [] and fill() throw
  // Error(kUsage) unless the handle is const.
  static Tensor view(const Shape& shape, const float* data, std::shared_ptr<const void> owner);

  const Shape& shape() const { return shape_; }
  int rank() const { return shape_.rank(); }
  int64_t dim(int axis) const { return shape_[axis]; }
  int64_t numel() const { return numel_; }
  bool empty() const { return numel_ == 0; }

  float* data() {
    if (memory_ == Memory::kReadOnly) refuse_writing();
    return data_;
  }
  const float* data() const { return data_; }
  std::span<float> values() { return {data(), static_cast<size_t>(numel_)}; }
  std::span<const float> values() const { return {data_, static_cast<size_t>(numel_)}; }
  float& operator[](int64_t flat) { return data()[flat]; }
  float operator[](int64_t flat) const { return data_[flat]; }

  Tensor clone() const;
  // Another handle sees the storage, or it is somebody else's: not to be written over.
  bool is_shared() const { return memory_ != Memory::kOwn || storage_.use_count() > 1; }
  // The same storage under another shape; throws Error when the number of elements differs.
  Tensor reshaped(const Shape& shape) const;
  // Elements [begin, end) of the outermost axis; shares the storage.
  Tensor rows(int64_t begin, int64_t end) const;
  void fill(float value);
  bool all_finite() const;

 private:
  enum class Memory : uint8_t { kOwn, kLent, kReadOnly };

  Tensor(const Shape& shape, float* data, std::shared_ptr<const void> owner, Memory memory);
  [[noreturn]] void refuse_writing() const;

  Shape shape_;
  int64_t numel_ = 0;
  std::shared_ptr<const void> storage_;
  float* data_ = nullptr;
  Memory memory_ = Memory::kOwn;
};

// True when shapes and all bits agree (so NaN equals the same NaN, and 0 differs from -0).
bool same_bits(const Tensor& a, const Tensor& b);

}  // namespace secateur
