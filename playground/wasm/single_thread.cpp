// tensor/parallel.h where there is one thread: the same blocks, in their order.

#include "tensor/parallel.h"

namespace secateur {

int thread_budget() { return 1; }
void set_thread_budget(int) {}
void set_floating_point_policy() {}

void parallel_for(int64_t count, const std::function<void(int64_t)>& body) {
  for (int64_t i = 0; i < count; ++i) body(i);
}

}  // namespace secateur
