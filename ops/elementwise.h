#pragma once
// The loop of operations that treat every element alike.

#include <algorithm>
#include <cstdint>

#include "tensor/parallel.h"
#include "tensor/tensor.h"

namespace secateur {

// Calls body(begin, end) for consecutive blocks of [0, count), in parallel. Each element is
// computed alone, so the cut cannot change a bit; the block keeps 256 KB in the second-level cache.
template <class Body>
void for_each_block(int64_t count, const Body& body) {
  constexpr int64_t kBlock = 1 << 16;
  parallel_for((count + kBlock - 1) / kBlock,
               [&](int64_t block) { body(block * kBlock, std::min(count, (block + 1) * kBlock)); });
}

// A copy made on all threads, for rules that pass dy on: a gradient owns its storage.
inline Tensor copy_of(const Tensor& from) {
  Tensor to(from.shape());
  for_each_block(to.numel(), [&, out = to.data()](int64_t begin, int64_t end) {
    std::copy(from.data() + begin, from.data() + end, out + begin);
  });
  return to;
}

}  // namespace secateur
