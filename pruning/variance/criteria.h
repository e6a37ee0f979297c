#pragma once
// What the pruning rule of the paper asks of a layer (method.md, "Pruning"), measured on images.

#include <vector>

#include "models/model.h"
#include "pruning/image_visitor.h"

namespace secateur {

// For a layer that the next separable block reads. With d_c the depthwise output of filter c there
// and W the pointwise weights [o, c], the centred sum of squares of the pointwise output for a set
// S is
//   sum_{c, c' in S} (W^T W)[c, c'] * K[c, c'],  K[c, c'] = sum over pixels of cov over images
//   (d_c, d_c')
// so K, measured once, answers for every set.
class FilterCovariance {
 public:
  // covariance and weight_products are [filters, filters], row by row.
  FilterCovariance(int64_t filters, std::vector<double> covariance,
                   std::vector<double> weight_products);
  int64_t filters() const { return filters_; }
  const std::vector<double>& covariance() const { return covariance_; }  // K
  // variance of the depthwise output around its per-pixel mean, summed over pixels, times the sum
  // of squared pointwise weights of the filter
  double score(int64_t filter) const;
  double centred_sum_of_squares(const std::vector<int64_t>& set) const;

 private:
  double at(const std::vector<double>& matrix, int64_t a, int64_t b) const;
  int64_t filters_;
  std::vector<double> covariance_;
  std::vector<double> weight_products_;
};

// Measures K for the filters of block `layer`, which is not the last.
FilterCovariance measure_covariance(const Model& model, size_t layer, const ImageVisitor& images);

// For the last layer: what each filter adds to each response.
struct Contributions {
  int64_t images = 0;
  int64_t outputs = 0;
  int64_t filters = 0;
  std::vector<double> values;    // [images, outputs, filters]
  std::vector<double> constant;  // [outputs]: what the readout adds to all images

  // Standard deviation over images, added in quadrature over outputs.
  double score(int64_t filter) const;
  // Response of the readout with only the filters of `set`: [images, outputs].
  std::vector<double> response(const std::vector<int64_t>& set) const;
};

Contributions measure_contributions(const Model& model, const ImageVisitor& images);

// Mean over outputs of the squared correlation over images; both [images, outputs].
double mean_squared_correlation(const std::vector<double>& a, const std::vector<double>& b,
                                int64_t outputs);

}  // namespace secateur
