#pragma once
// The fits behind readout_kinds(), a source each.

#include "training/readouts/readouts.h"

namespace secateur {

FittedReadout fit_ridge_kind(const Tensor& maps, const Tensor& responses, uint64_t seed, Observer&);
FittedReadout fit_projection(const Tensor& maps, const Tensor& responses, uint64_t seed, Observer&);
FittedReadout fit_factorised(const Tensor& maps, const Tensor& responses, uint64_t seed, Observer&);
FittedReadout fit_gaussian(const Tensor& maps, const Tensor& responses, uint64_t seed, Observer&);
FittedReadout fit_dense(const Tensor& maps, const Tensor& responses, uint64_t seed, Observer&);
FittedReadout fit_linear_relu_linear(const Tensor& maps, const Tensor& responses, uint64_t seed,
                                     Observer&);
FittedReadout fit_average(const Tensor& maps, const Tensor& responses, uint64_t seed, Observer&);

}  // namespace secateur
