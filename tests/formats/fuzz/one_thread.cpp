// The loop of tensor/parallel.h without a pool: the inputs are small and the fuzz programs many.

#include "tensor/parallel.h"

namespace secateur {

void parallel_for(int64_t count, const std::function<void(int64_t)>& body) {
  for (int64_t i = 0; i < count; ++i) body(i);
}

}  // namespace secateur
