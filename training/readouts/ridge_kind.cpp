#include "training/readouts/kinds.h"
#include "training/ridge_readout.h"

namespace secateur {

FittedReadout fit_ridge_kind(const Tensor& maps, const Tensor& responses, uint64_t /*seed*/,
                             Observer& observer) {
  const RidgeOnMaps found = fit_ridge(maps, responses, observer);
  FittedReadout readout;
  readout.weight = found.weight;
  readout.bias = found.bias;
  return readout;
}

FittedReadout fit_average(const Tensor& maps, const Tensor& responses, uint64_t seed,
                          Observer& observer) {
  FittedReadout sum = fit_ridge_kind(maps, responses, seed, observer);
  for (const auto fit : {fit_factorised, fit_gaussian}) {
    const FittedReadout more = fit(maps, responses, seed, observer);
    for (int64_t i = 0; i < sum.weight.numel(); ++i) sum.weight[i] += more.weight[i];
    for (int64_t i = 0; i < sum.bias.numel(); ++i) sum.bias[i] += more.bias[i];
  }
  for (Tensor* const tensor : {&sum.weight, &sum.bias}) {
    for (float& value : tensor->values()) value /= 3;
  }
  return sum;
}

}  // namespace secateur
