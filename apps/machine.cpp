#include "apps/machine.h"

#include <algorithm>
#include <chrono>
#include <functional>

#include "ops/backend/blas.h"
#include "ops/backend/gemm.h"
#include "ops/backend/onednn.h"
#include "ops/backend/reproducibility.h"
#include "ops/vector/isa.h"
#include "provenance/manifest.h"
#include "tensor/parallel.h"
#include "tensor/tensor.h"

namespace secateur {
namespace {

constexpr const char* kPortablePromise = "machines";

// The fastest of a few runs: a roof is what the machine can do, not what it did on average.
double fastest(const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    best = std::min(best, seconds.count());
  }
  return best;
}

}  // namespace

nlohmann::json describe_machine() {
  nlohmann::json machine = machine_description();
  machine["threads"] = thread_budget();
  machine["instruction_set"] = isa_name(active_isa());
  machine["onednn"] = onednn_description();
  machine["blas"] = blas_description();
  machine["reproducible"] = reproducibility_name(reproducibility());
  machine["promises"] = promises_about_bits();
  return machine;
}

nlohmann::json promises_about_bits() {
  nlohmann::json promises = {
      {"threads", "on any number of threads"},
      {"interruption", "interrupted, killed and resumed, at any moment"},
      {"observation", "with or without progress, logs, caches and checkpoints"},
      {"files", "the same content is written as the same bytes"}};
  if (reproducibility() == Reproducibility::kPortable) {
    promises[kPortablePromise] = "on any x86-64 machine with AVX2 and FMA, by this program";
  }
  return promises;
}

Reproducibility promised(const nlohmann::json& promises) {
  return promises.contains(kPortablePromise) ? Reproducibility::kPortable
                                             : Reproducibility::kThreads;
}

Roof measure_roof() {
  constexpr int64_t kSide = 1024;
  const int threads = thread_budget();
  Tensor a = Tensor::full({threads, kSide, kSide}, 0.5f);
  Tensor c = Tensor::zeros({threads, kSide, kSide});
  const double product = fastest([&] {
    parallel_for(threads, [&](int64_t t) {
      const float* const from = a.data() + t * kSide * kSide;
      library_gemm(Transpose::kNo, Transpose::kNo, kSide, kSide, kSide, 1.0f, from, kSide, from,
                   kSide, 0.0f, c.data() + t * kSide * kSide, kSide);
    });
  });
  constexpr int64_t kFloats = 16 << 20;
  Tensor x = Tensor::full({threads, kFloats}, 1.0f);
  const double scaling = fastest([&] {
    parallel_for(threads, [&](int64_t t) {
      float* const row = x.data() + t * kFloats;
      for (int64_t i = 0; i < kFloats; ++i) row[i] *= 1.0001f;
    });
  });
  return {.gemm_gflops = 2e-9 * threads * kSide * kSide * kSide / product,
          .memory_gb_per_second = 2e-9 * threads * kFloats * sizeof(float) / scaling};
}

}  // namespace secateur
