#include "ops/backend/reproducibility.h"

#include <atomic>

namespace secateur {
namespace {

std::atomic<Reproducibility> in_force = Reproducibility::kPortable;

}  // namespace

Reproducibility reproducibility() { return in_force.load(std::memory_order_relaxed); }

void set_reproducibility(Reproducibility wanted) { in_force = wanted; }

std::string_view reproducibility_name(Reproducibility which) {
  return which == Reproducibility::kPortable ? "portable" : "threads";
}

}  // namespace secateur
