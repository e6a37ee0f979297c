#pragma once
// What a code is expected to be, from the codes before it: the statistics behind the body of a
// compact file.
//
// A code is its width (the bits of its size, 0 for zero), counted up one decision at a time, then
// its sign, then its bits below the highest. For the width and the two highest bits five opinions
// are mixed (mixed_decision.h), learnt in contexts made of two expected sizes, one from its
// neighbours within block and filter, one from the codes at the same place of earlier filters:
//
//   1  the mean of the two     2  the first     3  the second     4  both, coarsely
//   5  the band, in this tensor alone
//
// Contexts 1 to 4 are shared by the tensors of a file, those in weights and those in cosines apart,
// and start from a geometric distribution.

#include <cstdint>
#include <span>
#include <vector>

#include "compression/compact_model.h"
#include "compression/mixed_decision.h"
#include "compression/range_coder.h"

namespace secateur {

class CodeModel {
 public:
  CodeModel();

  // All codes of a tensor, band by band; their sizes are at most kLargestCode.
  void encode(RangeEncoder& encoder, const CompactTensor& tensor);
  void decode(RangeDecoder& decoder, CompactTensor& tensor);

 private:
  struct Domain {  // weights, or cosines
    std::vector<Opinion> mean, first, second, both;
    std::vector<Mixer> mixers;       // of kernels
    std::vector<Mixer> bias_mixers;  // of biases
  };
  template <class Bits>
  void visit(Bits& bits, const CompactTensor& tensor, std::span<int32_t> codes);

  Domain domains_[2];
};

}  // namespace secateur
