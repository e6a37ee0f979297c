#include "ops/batch_norm/channel_statistics.h"

#include <cmath>

#include "tensor/error.h"

namespace secateur {
namespace {

void check_channels(const char* name, const Shape& wanted, const Shape& got) {
  require(got == wanted, "batch_norm", "wanted {} {}, got {}", name, wanted, got);
}

double shift_of(const BatchNormState& state, int64_t c) {
  return state.shift.empty() ? 0.0 : state.shift[c];
}

}  // namespace

ChannelExtents check_batch_norm(const Shape& x, const Shape& gamma, const Shape& beta,
                                const BatchNormState& state, const BatchNormOptions& options) {
  require(x.rank() == 4, "batch_norm", "wanted x [n, c, h, w], got {}", x);
  const Shape channels{x[1]};
  check_channels("gamma", channels, gamma);
  check_channels("beta", channels, beta);
  check_channels("moving_mean", channels, state.moving_mean.shape());
  check_channels("moving_variance", channels, state.moving_variance.shape());
  if (!state.shift.empty()) check_channels("shift", channels, state.shift.shape());
  require(options.epsilon > 0, "batch_norm", "wanted epsilon above 0, got {}", options.epsilon);
  require(options.momentum >= 0 && options.momentum <= 1, "batch_norm",
          "wanted momentum from 0 to 1, got {}", options.momentum);
  require(!options.training || x[0] * x[2] * x[3] > 0, "batch_norm",
          "wanted at least one value per channel to train on, got x {}", x);
  return {x[0], x[1], x[2] * x[3]};
}

void merge_plane(const PlaneMoments& plane, int64_t before, int64_t size, Moments& all) {
  const auto n = static_cast<double>(before);
  const double delta = plane.mean - all.mean;
  all.mean += delta / (n + 1);
  all.variance += plane.squares + delta * delta * static_cast<double>(size) * n / (n + 1);
}

void update_moving(BatchNormState& state, int64_t channel, const Moments& batch, double momentum) {
  const auto blend = [&](float& moving, double now) {
    moving = static_cast<float>(momentum * moving + (1 - momentum) * now);
  };
  blend(state.moving_mean[channel], batch.mean + shift_of(state, channel));
  blend(state.moving_variance[channel], batch.variance);
}

Moments moving_moments(const BatchNormState& state, int64_t channel) {
  return {state.moving_mean[channel] - shift_of(state, channel), state.moving_variance[channel]};
}

void ChannelStatistics::set(int64_t c, const Moments& moments, double epsilon) {
  const auto mean = static_cast<float>(moments.mean);
  const double inverse_std = 1 / std::sqrt(moments.variance + epsilon);
  kept_[c] = mean;
  kept_[channels_ + c] = static_cast<float>(inverse_std);
  kept_[2 * channels_ + c] = static_cast<float>((mean - moments.mean) * inverse_std);
  kept_[3 * channels_ + c] = static_cast<float>(inverse_std - kept_[channels_ + c]);
}

ChannelMap ChannelStatistics::map(int64_t c, float gamma, float beta, bool relu) const {
  return {kept_[c], gamma * kept_[channels_ + c], gamma * rest(c) + beta, relu};
}

void ChannelStatistics::add(int64_t c, const GradientSums& plane, ChannelSums& sums) const {
  sums.dy += plane.dy;
  sums.dy_xhat += plane.centred_x * inverse_std(c) + plane.dy * rest(c);
}

// With xhat = (x - mean) inverse_std + rest.
InputGradient ChannelStatistics::input_gradient(int64_t c, double gamma, const ChannelSums& sums,
                                                int64_t count, bool training) const {
  const auto scale = static_cast<float>(gamma * inverse_std(c));
  if (!training) return {.scale = scale};
  const double dy_xhat_mean = sums.dy_xhat / static_cast<double>(count);
  const double dy_mean = sums.dy / static_cast<double>(count) + dy_xhat_mean * rest(c);
  const double x_factor = dy_xhat_mean * inverse_std(c);
  const auto rounded_mean = static_cast<float>(dy_mean);
  const auto rounded_factor = static_cast<float>(x_factor);
  return {.scale = scale,
          .dy_mean = rounded_mean,
          .dy_mean_rest = static_cast<float>(dy_mean - rounded_mean),
          .x_factor = rounded_factor,
          .x_factor_rest = static_cast<float>(x_factor - rounded_factor)};
}

}  // namespace secateur
