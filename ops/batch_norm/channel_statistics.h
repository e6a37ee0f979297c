#pragma once
// The statistics of batch norm, per channel of x [samples, channels, plane], and what forward and
// backward make of them. Formulas: batch_norm.h.

#include "ops/batch_norm/batch_norm.h"
#include "ops/batch_norm/batch_norm_kernels.h"

namespace secateur {

struct ChannelExtents {
  int64_t samples;
  int64_t channels;
  int64_t plane;
  int64_t per_channel() const { return samples * plane; }
  int64_t at(int64_t sample, int64_t channel) const {
    return (sample * channels + channel) * plane;
  }
};

// Throws what batch_norm throws.
ChannelExtents check_batch_norm(const Shape& x, const Shape& gamma, const Shape& beta,
                                const BatchNormState& state, const BatchNormOptions& options);

struct Moments {
  double mean = 0;
  double variance = 0;
};

// Adds the plane of one more sample, `before` planes of the same size after the first: the pairwise
// update of `squares` (kept in all.variance until finish_moments()) about the common mean.
void merge_plane(const PlaneMoments& plane, int64_t before, int64_t size, Moments& all);
inline void finish_moments(const ChannelExtents& size, Moments& all) {
  all.variance /= static_cast<double>(size.per_channel());
}

void update_moving(BatchNormState& state, int64_t channel, const Moments& batch, double momentum);
// The moving statistics as those of x alone, without the shift.
Moments moving_moments(const BatchNormState& state, int64_t channel);

// Sums over samples and pixels, dy being zero where relu cut y off.
struct ChannelSums {
  double dy = 0;
  double dy_xhat = 0;
};

// What backward needs of a channel: xhat = (x - mean) inverse_std + rest, where `rest` is what the
// mean lost when it was rounded to float (it matters when the mean is large beside the deviation).
class ChannelStatistics {
 public:
  explicit ChannelStatistics(int64_t channels) : kept_(Shape{4, channels}), channels_(channels) {}

  void set(int64_t c, const Moments& moments, double epsilon);
  ChannelMap map(int64_t c, float gamma, float beta, bool relu) const;
  void add(int64_t c, const GradientSums& plane, ChannelSums& sums) const;
  // dx = scale (dy - dbeta / m - xhat dgamma / m), or scale dy when the statistics are constants.
  InputGradient input_gradient(int64_t c, double gamma, const ChannelSums& sums, int64_t count,
                               bool training) const;

 private:
  double inverse_std(int64_t c) const {
    return double{kept_[channels_ + c]} + kept_[3 * channels_ + c];
  }
  float rest(int64_t c) const { return kept_[2 * channels_ + c]; }

  Tensor kept_;
  int64_t channels_;
};

}  // namespace secateur
