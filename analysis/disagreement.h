#pragma once
// How much the members of an ensemble disagree about images: where they do, a recording would teach
// them most (query by committee: Seung, Opper and Sompolinsky, COLT 1992; with networks of neurons
// Cowley et al., Nature 2026).

#include <cstdint>
#include <vector>

#include "tensor/tensor.h"

namespace secateur {

struct Disagreement {
  // Of each image: the variance over members (divided by their number less 1) of a response that
  // each member has brought to mean 0 and standard deviation 1 over the images; mean over outputs.
  std::vector<double> of_images;
  int64_t outputs = 0;         // that count
  int64_t silent_outputs = 0;  // left out: some member gives them the same for all images
};

// One Tensor [images, outputs] a member. Throws Error(kBadInput) for fewer than 2 members, fewer
// than 2 images, members of different shape, responses that are not finite, or when every output is
// silent.
Disagreement disagreement_of(const std::vector<Tensor>& responses);

// Places of the images, from the one that is disagreed about most; equal ones in their order.
std::vector<int64_t> by_disagreement(const Disagreement& disagreement);

}  // namespace secateur
