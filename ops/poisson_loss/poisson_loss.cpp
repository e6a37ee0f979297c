#include "ops/poisson_loss/poisson_loss.h"

#include <algorithm>
#include <cmath>

#include "ops/elementwise.h"
#include "tensor/error.h"

namespace secateur {
namespace {

void check(const Shape& rate, const Shape& count, const PoissonLossOptions& options) {
  require(rate.rank() == 2, "poisson_loss", "wanted rate [n, k], got {}", rate);
  require(count == rate, "poisson_loss", "wanted count {}, got {}", rate, count);
  require(rate.numel() > 0, "poisson_loss", "wanted at least one element, got {}", rate);
  require(options.epsilon >= 0, "poisson_loss", "wanted epsilon of at least 0, got {}",
          options.epsilon);
  require(options.softplus >= 0, "poisson_loss", "wanted a softplus of at least 0, got {}",
          options.softplus);
  require(options.softplus == 0 || !options.log_input, "poisson_loss",
          "wanted log_input or softplus, got both");
}

// Neither exponential is above 1.
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }
double sigmoid(double x) {
  const double small = std::exp(-std::abs(x));
  return (x < 0 ? small : 1) / (1 + small);
}

// The log of the rate and the rate itself, whichever of the two was given.
struct Rate {
  double value;
  double log;
};

Rate rate_of(double given, const PoissonLossOptions& options) {
  if (options.log_input) return {std::exp(given), given};
  const double s = options.softplus;
  const double rate = s > 0 ? softplus(s * given) / s : given;
  return {rate, std::log(rate + options.epsilon)};
}

// d(rate - count * log rate) / d(what was given).
double slope(double given, double count, const PoissonLossOptions& options) {
  if (options.log_input) return std::exp(given) - count;
  const double s = options.softplus;
  if (s == 0) return 1 - count / (given + options.epsilon);
  return (1 - count / (softplus(s * given) / s + options.epsilon)) * sigmoid(s * given);
}

// term(rate, count) for every element that is present, 0 for the others.
template <class Term>
Tensor map_present(const Tensor& rate, const Tensor& count, bool skip_nan, const Term& term) {
  Tensor grad(rate.shape());
  for_each_block(grad.numel(), [&, to = grad.data()](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const bool skipped = skip_nan && std::isnan(count[i]);
      to[i] = skipped ? 0.0f : static_cast<float>(term(rate[i], count[i]));
    }
  });
  return grad;
}

}  // namespace

Variable poisson_loss(const Variable& rate, const Variable& count,
                      const PoissonLossOptions& options) {
  check(rate.shape(), count.shape(), options);
  const Tensor& rates = rate.value();
  const Tensor& counts = count.value();
  double sum = 0;
  int64_t present = 0;
  for (int64_t i = 0; i < rates.numel(); ++i) {
    if (options.skip_nan_counts && std::isnan(counts[i])) continue;
    const Rate r = rate_of(rates[i], options);
    sum += r.value - counts[i] * r.log;
    ++present;
  }
  const double scale = 1.0 / static_cast<double>(std::max<int64_t>(present, 1));
  return record(
      Tensor::full({1}, static_cast<float>(sum * scale)), {rate, count},
      [rate, count, options, scale](const Tensor& dy) {
        const double factor = dy[0] * scale;
        const auto give = [&](const Variable& input, const auto& term) {
          if (!input.requires_grad()) return;
          input.add_grad(map_present(rate.value(), count.value(), options.skip_nan_counts, term));
        };
        give(rate, [&](double r, double k) { return factor * slope(r, k, options); });
        give(count, [&](double r, double) { return -factor * rate_of(r, options).log; });
      });
}

}  // namespace secateur
