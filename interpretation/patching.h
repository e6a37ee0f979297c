#pragma once
// Which filters carry the difference between the responses to two images: signals of the one are
// put into the run of the other (activation patching: Vig et al., NeurIPS 2020; Meng et al.,
// NeurIPS 2022).

#include <vector>

#include "interpretation/layered_response.h"

namespace secateur {

// Pairs of images [n, 3, h, w] of pixels 0..255: pair i is image i of both.
struct ImagePairs {
  Tensor from;  // whose signals are put into the runs
  Tensor into;  // whose runs they are
};

struct PatchedFilters {
  FilterSet set;
  std::vector<double> change;  // of each pair: response to `into` with the signals, less without
  // How much of the difference D = response to `from` - response to `into` they carry over the
  // pairs: sum of change D / sum of D^2. 1: all of it; below 0: they pull the other way.
  double share = 0;
};

struct Patching {
  std::vector<double> from, into;       // responses, of each pair
  std::vector<PatchedFilters> patched;  // in the order asked
};

// Each set by itself, all places of its channels. Patching every filter of a layer gives the
// response to `from`, to the last bit. Throws Error(kBadInput) for pixels of other shapes or
// numbers, and when no pair has a difference; Error(kUsage) for filters that are not there, and
// Stopped.
Patching patch(const LayeredResponse& response, const ImagePairs& pairs,
               const std::vector<FilterSet>& sets, Observer& observer);

struct LayerPatching {
  size_t layer = 0;
  std::vector<PatchedFilters> filters;  // each alone
  PatchedFilters all;                   // of the layer together
  // What single filters do not say: the share of all together (1) less the sum of theirs. 0 where
  // the filters add.
  double interaction = 0;
};

// Every layer, filter by filter.
std::vector<LayerPatching> patch_filters(const LayeredResponse& response, const ImagePairs& pairs,
                                         Observer& observer);

}  // namespace secateur
