#include "analysis/disagreement.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

constexpr const char* kDisagreement = "disagreement";

void require_members(const std::vector<Tensor>& responses) {
  require(responses.size() >= 2, kDisagreement, "wanted at least 2 members, got {}",
          responses.size());
  for (const Tensor& member : responses) {
    require(member.shape() == responses.front().shape(), kDisagreement,
            "wanted members that give the same outputs for the same images");
    require(std::all_of(member.values().begin(), member.values().end(),
                        [](float v) { return std::isfinite(v); }),
            kDisagreement, "wanted finite responses");
  }
  require(responses.front().dim(0) >= 2, kDisagreement, "wanted at least 2 images, got {}",
          responses.front().dim(0));
}

// Empty where it never changes.
std::vector<double> z_scored_output(const Tensor& member, int64_t output) {
  std::vector<double> values = column(member, output);
  const double mean = mean_of(values);
  const double deviation = std::sqrt(variance_of(values, 0));
  // What float rounding leaves of a constant is no response.
  if (deviation <= 1e-6 * std::abs(mean) || deviation == 0) return {};
  for (double& value : values) value = (value - mean) / deviation;
  return values;
}

}  // namespace

Disagreement disagreement_of(const std::vector<Tensor>& responses) {
  require_members(responses);
  const auto images = static_cast<size_t>(responses.front().dim(0));
  Disagreement found{.of_images = std::vector<double>(images, 0.0)};
  for (int64_t output = 0; output < responses.front().dim(1); ++output) {
    std::vector<std::vector<double>> members;
    for (const Tensor& member : responses) members.push_back(z_scored_output(member, output));
    if (std::any_of(members.begin(), members.end(), [](const auto& m) { return m.empty(); })) {
      found.silent_outputs += 1;
      continue;
    }
    found.outputs += 1;
    for (size_t image = 0; image < images; ++image) {
      std::vector<double> values;
      for (const std::vector<double>& member : members) values.push_back(member[image]);
      found.of_images[image] += variance_of(values, 1);
    }
  }
  require(found.outputs > 0, kDisagreement,
          "wanted an output that every member changes from image to image, got none of {}",
          found.silent_outputs);
  for (double& value : found.of_images) value /= static_cast<double>(found.outputs);
  return found;
}

std::vector<int64_t> by_disagreement(const Disagreement& disagreement) {
  std::vector<int64_t> places(disagreement.of_images.size());
  std::iota(places.begin(), places.end(), int64_t{0});
  std::stable_sort(places.begin(), places.end(), [&](int64_t a, int64_t b) {
    return disagreement.of_images[static_cast<size_t>(a)] >
           disagreement.of_images[static_cast<size_t>(b)];
  });
  return places;
}

}  // namespace secateur
