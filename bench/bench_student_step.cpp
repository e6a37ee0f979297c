// Times a training step of a student: forward, loss, backward, update.
//   bench_student_step --filters 100 --batch 64 --threads 2 --json
// Before it times, it trains two copies for two steps and wants the same bits.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "apps/roof.h"
#include "bench/student.h"
#include "bench/throughput.h"
#include "models/multiply_adds.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

struct Options : ThroughputOptions {
  Options() : ThroughputOptions{.batch = 64, .repeats = 7} {}
  std::vector<int64_t> filters{100};
  int64_t size = 112;
  std::string optimiser = kAdam;
};

bool repeats_itself(const Architecture& architecture, const std::string& optimiser) {
  StudentStep a(architecture, 4, optimiser);
  StudentStep b(architecture, 4, optimiser);
  for (int i = 0; i < 2; ++i) {
    a.run();
    b.run();
  }
  for (const ParameterSpec& spec : a.model().specs()) {
    if (!same_bits(a.model().tensor(spec.name), b.model().tensor(spec.name))) return false;
  }
  return true;
}

int run(const Options& options) {
  std::vector<int64_t> filters = options.filters;
  if (filters.size() == 1) filters.assign(5, filters.front());
  InputSpec input;
  input.height = input.width = options.size;
  const Architecture architecture = student_architecture(filters, input);
  if (!repeats_itself(architecture, options.optimiser)) {
    std::fputs("bench_student_step: two trainings of the same student differ\n", stderr);
    return 5;
  }
  const double roof = measure_roof().gemm_gflops;
  StudentStep student(architecture, options.batch, options.optimiser);
  const Throughput throughput =
      measure_throughput(options.batch, options.repeats, [&] { student.run(); });
  const double peak = peak_rss_mb();
  nlohmann::json report = throughput_report(throughput, multiply_adds(architecture).step(), roof);
  report["peak_rss_mb"] = peak;
  report["filters"] = filters;
  report["batch"] = options.batch;
  report["optimiser"] = options.optimiser;
  report["threads"] = thread_budget();
  print_report(report, options.json);
  return 0;
}

}  // namespace
}  // namespace secateur

int main(int argc, char** argv) {
  secateur::Options options;
  CLI::App program("Times a training step of a student.");
  program.add_option("--filters", options.filters, "filters of the five layers, or of each")
      ->delimiter(',');
  program.add_option("--size", options.size, "pixels a side, divisible by 4");
  program.add_option("--optimiser", options.optimiser, "what updates the weights")
      ->check(CLI::IsMember({secateur::kAdam, secateur::kGaussNewton}));
  return secateur::run_timed(program, argc, argv, options, "--steps",
                             [&] { return secateur::run(options); });
}
