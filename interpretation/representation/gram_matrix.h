#pragma once
// Products between the activation patterns of images: all that similarity and dimension need.
//
// A pattern is what a layer, or a population of neurons, gives for an image. Products over up to
// kPatternPiece features are made in double; longer ones are summed in double over pieces of so
// many features, each piece by the float matrix product, which leaves an error of about 1e-7.

#include <cstdint>
#include <vector>

#include "tensor/tensor.h"

namespace secateur {

inline constexpr int64_t kPatternPiece = 4096;

struct GramMatrix {
  int64_t images = 0;
  int64_t features = 0;
  std::vector<double> products;  // [images, images], symmetric: x_i . x_k
  std::vector<double> sums;      // [images]: sum over features of x_i

  double at(int64_t i, int64_t k) const { return products[static_cast<size_t>(i * images + k)]; }
};

// Of patterns [images, ...]. Throws Error(kBadInput) for no image or no feature, and for what is
// not finite.
GramMatrix gram_matrix(const Tensor& patterns);

// Whether the patterns differ between images by more than rounding.
bool patterns_differ(const GramMatrix& gram);

// [images, images]: the products once every feature has mean 0 over the images, H K H with
// H = I - 1/n.
std::vector<double> centred_products(const GramMatrix& gram);

// Squared Euclidean distances [images, images], never below 0. One that rounding cannot tell from 0
// beside the squared lengths of the two patterns is 0: below 1e-6 of them, 1e-12 for patterns of up
// to kPatternPiece features.
std::vector<double> squared_distances(const GramMatrix& gram);

// For who makes a Gram matrix piece by piece: products [rows of a, rows of b] of patterns
// [n, features], and the sums over features of each of them.
std::vector<double> pattern_products(const Tensor& a, const Tensor& b);
std::vector<double> pattern_sums(const Tensor& a);

}  // namespace secateur
