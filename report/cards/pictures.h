#pragma once
// Pictures of a card as pieces of drawings.

#include <string>

#include "formats/jpeg.h"
#include "tensor/tensor.h"

namespace secateur {

// A photograph, as JPEG.
std::string svg_photograph(const Image8& picture, double x, double y, double side,
                           const std::string& title);

// A kernel [3, side, side] as two squares side by side, each `side` pixels: what all channels have
// in common, grey; and what each has besides, coloured. Mid-grey is 0; `grey` and `colour` are the
// weights that are black or white, and full colour.
struct KernelScale {
  double grey = 0, colour = 0;
};
void widen(KernelScale& scale, const float* kernel, int64_t pixels);
std::string svg_kernel(const float* kernel, int64_t kernel_side, const KernelScale& scale, double x,
                       double y, double side);

}  // namespace secateur
