#pragma once
// Linear centred kernel alignment (Kornblith, Norouzi, Lee, Hinton, ICML 2019): how alike the
// products between images are in two representations, whatever their features, 0 to 1.
//
//   linear    <K, L> / (|K| |L|) with K = H X X^T H and L = H Y Y^T H, H = I - 1/n. It does not
//             change when a representation is turned, mirrored, moved or scaled as a whole; it does
//             when single features are scaled. With fewer images than features it is far from 0 for
//             representations that share nothing.
//   debiased  the same from the unbiased estimator of the products (HSIC_1: Song, Smola, Gretton,
//             Bedo, Borgwardt, JMLR 13:1393, 2012): near 0, and below, where nothing is shared.
//
// A representation that is the same for all images has similarity 0 to everything.

#include "interpretation/representation/gram_matrix.h"

namespace secateur {

// Throw Error(kBadInput) unless both are of the same number of images; debiased_cka() wants at
// least 4.
double linear_cka(const GramMatrix& a, const GramMatrix& b);
double debiased_cka(const GramMatrix& a, const GramMatrix& b);

// The U-centred products [n, n]: the diagonal 0, and sums over i != k of two such matrices divided
// by n (n - 3) are unbiased for the squared covariance between the two representations (Szekely and
// Rizzo, Ann Statist 42:2382, 2014, of products).
std::vector<double> u_centred_products(const GramMatrix& gram);

}  // namespace secateur
