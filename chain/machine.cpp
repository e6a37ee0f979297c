#include "chain/machine.h"

#include "ops/backend/blas.h"
#include "ops/backend/onednn.h"
#include "ops/backend/reproducibility.h"
#include "ops/vector/isa.h"
#include "provenance/manifest.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

constexpr const char* kPortablePromise = "machines";

}  // namespace

nlohmann::json describe_machine() {
  nlohmann::json machine = machine_description();
  machine["threads"] = thread_budget();
  machine["instruction_set"] = isa_name(active_isa());
  machine["onednn"] = onednn_description();
  machine["blas"] = blas_description();
  machine["reproducible"] = reproducibility_name(reproducibility());
  machine["promises"] = promises_about_bits(reproducibility());
  return machine;
}

nlohmann::json promises_about_bits(Reproducibility mode) {
  nlohmann::json promises = {
      {"threads", "on any number of threads"},
      {"interruption", "interrupted, killed and resumed, at any moment"},
      {"observation", "with or without progress, logs, caches and checkpoints"},
      {"files", "the same content is written as the same bytes"}};
  if (mode == Reproducibility::kPortable) {
    promises[kPortablePromise] = "on any x86-64 machine with AVX2 and FMA, by this program";
  }
  return promises;
}

Reproducibility promised(const nlohmann::json& promises) {
  return promises.contains(kPortablePromise) ? Reproducibility::kPortable
                                             : Reproducibility::kThreads;
}

}  // namespace secateur
