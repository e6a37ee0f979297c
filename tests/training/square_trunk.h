#pragma once
// The smallest trunk: its maps are the pixels themselves, and their squares.

#include <string>

#include "models/trunk.h"

namespace secateur {

class SquareTrunk final : public Trunk {
 public:
  explicit SquareTrunk(const InputSpec& input, std::string name = "squares")
      : input_(input), name_(std::move(name)) {}

  const InputSpec& input() const override { return input_; }
  Shape maps() const override { return {6, input_.height, input_.width}; }
  std::string identity() const override { return name_; }
  Tensor operator()(const Tensor& images) const override {
    const int64_t one = images.numel() / images.dim(0);
    Tensor result(Shape{images.dim(0), 6, input_.height, input_.width});
    for (int64_t i = 0; i < images.numel(); ++i) {
      const int64_t to = i / one * 2 * one + i % one;
      result[to] = images[i];
      result[to + one] = images[i] * images[i];
    }
    return result;
  }

 private:
  InputSpec input_;
  std::string name_;
};

}  // namespace secateur
