#include "analysis/identifying_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "analysis/identification.h"
#include "analysis/population_trials.h"
#include "data/half_split.h"
#include "data/picture_mark.h"

namespace secateur {
namespace {

constexpr size_t kFewestImagesOfEither = 16;

bool constant_in(const Recording& recording, int64_t neuron, ImageRange range) {
  double least = INFINITY, most = -INFINITY;
  for (int64_t i = range.begin; i < range.end; ++i) {
    const double value = recording.mean_at(neuron, i);
    if (std::isnan(value)) continue;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  return !(least < most);
}

void choose_identifying_neurons(const Recording& recording, IdentifyingImages& found) {
  for (int64_t n = 0; n < recording.neurons; ++n) {
    int64_t missing = 0;
    for (int64_t i = 0; i < recording.images; ++i) missing += std::isnan(recording.mean_at(n, i));
    if (constant_in(recording, n, half_range(Half::kFirst, recording.images)) ||
        constant_in(recording, n, half_range(Half::kSecond, recording.images))) {
      found.constant_neurons += 1;
    } else if (static_cast<double>(missing) >
               kMostMissing * static_cast<double>(recording.images)) {
      found.missing_neurons += 1;
    } else {
      found.neurons.push_back(n);
    }
  }
}

bool complete(const Recording& recording, const std::vector<int64_t>& neurons, int64_t image) {
  return std::none_of(neurons.begin(), neurons.end(),
                      [&](int64_t n) { return std::isnan(recording.mean_at(n, image)); });
}

}  // namespace

IdentifyingImages identifying_images(const Recording& recording) {
  IdentifyingImages found;
  if (recording.image_source == nullptr) {
    found.why_not = "the recording has no images here, so no model can say what they evoke";
    return found;
  }
  choose_identifying_neurons(recording, found);
  if (static_cast<int64_t>(found.neurons.size()) < kFewestIdentifyingNeurons) {
    found.why_not = fmt::format("a pattern wants at least {} neurons that respond, got {}",
                                kFewestIdentifyingNeurons, found.neurons.size());
    return found;
  }
  std::vector<std::string> digests;
  for (const PictureMark& mark : picture_marks(*recording.image_source)) {
    digests.push_back(mark.digest);
  }
  const int64_t half = half_range(Half::kSecond, recording.images).begin;
  const std::set<std::string> first(digests.begin(), digests.begin() + half);
  std::set<std::string> second;
  for (int64_t i = 0; i < recording.images; ++i) {
    const std::string& digest = digests[static_cast<size_t>(i)];
    if (!complete(recording, found.neurons, i)) {
      found.incomplete += 1;
    } else if (i < half) {
      found.fitted.push_back(i);
    } else if (first.count(digest) > 0) {
      found.seen += 1;
    } else if (!second.insert(digest).second) {
      found.twice += 1;
    } else {
      found.scored.push_back(i);
    }
  }
  if (std::min(found.fitted.size(), found.scored.size()) < kFewestImagesOfEither) {
    found.why_not = fmt::format("wanted at least {} images in either half, got {} and {}",
                                kFewestImagesOfEither, found.fitted.size(), found.scored.size());
  }
  return found;
}

std::vector<double> mean_responses(const Recording& recording, const std::vector<int64_t>& places,
                                   const std::vector<int64_t>& neurons) {
  std::vector<double> table;
  for (const int64_t image : places) {
    for (const int64_t n : neurons) table.push_back(recording.mean_at(n, image));
  }
  return table;
}

}  // namespace secateur
