// Measures and prints docs/performance.md; takes about two minutes on an idle machine:
//   build/release/bin/performance_page > docs/performance.md

#include <fmt/format.h>

#include <algorithm>

#include "apps/roof.h"
#include "apps/wait_briefly.h"
#include "bench/stages.h"
#include "bench/student.h"
#include "bench/throughput.h"
#include "chain/machine.h"
#include "models/multiply_adds.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

constexpr int64_t kBatch = 64;

// The larger of the two times that the machine's roofs allow, over the time it takes.
struct Verdict {
  double fraction;
  const char* bound_by;
};

Verdict judge(const StageTime& stage, const Roof& roof) {
  const double operations = 2e-9 * stage.multiply_adds / roof.gemm_gflops;
  const double bytes = 1e-9 * stage.bytes / roof.memory_gb_per_second;
  return {std::max(operations, bytes) / stage.seconds, operations > bytes ? "operations" : "bytes"};
}

void print_stages(const Architecture& student, const Roof& roof) {
  fmt::print(
      "| stage | Mop | MB | ms | GFLOP/s | GB/s | of its roof | roof |\n"
      "|---|---:|---:|---:|---:|---:|---:|---|\n");
  double seconds = 0;
  for (const StageTime& stage : time_stages(student, kBatch, 7)) {
    const Verdict verdict = judge(stage, roof);
    seconds += stage.seconds;
    fmt::print("| {} | {:.1f} | {:.2f} | {:.3f} | {:.0f} | {:.1f} | {:.0f} % | {} |\n", stage.name,
               2e-6 * stage.multiply_adds, 1e-6 * stage.bytes, 1e3 * stage.seconds,
               2e-9 * stage.multiply_adds / stage.seconds, 1e-9 * stage.bytes / stage.seconds,
               100 * verdict.fraction, verdict.bound_by);
  }
  fmt::print("| sum | | | {:.3f} | | | | |\n", 1e3 * seconds);
}

void print_step(const std::string& name, const Architecture& student) {
  const double roof = measure_roof().gemm_gflops;
  StudentStep step(student, kBatch);
  const Throughput throughput = measure_throughput(kBatch, 9, [&] { step.run(); });
  const nlohmann::json report = throughput_report(throughput, multiply_adds(student).step(), roof);
  const auto number = [&](const char* key) { return report[key].get<double>(); };
  fmt::print("| {} | {:.0f} ({:.0f} to {:.0f}) | {:.0f} | {:.0f} % |\n", name,
             number("images_per_second"), number("slowest_images_per_second"),
             number("fastest_images_per_second"), number("gflops"),
             100 * number("fraction_of_roof"));
}

void print_projection(const Architecture& student) {
  StudentStep step(student, kBatch);
  const double rate = measure_throughput(kBatch, 5, [&] { step.run(); }).images_per_second;
  constexpr double kImages = 12e6, kNeurons = 219, kDay = 86400;
  const double days = kImages / rate / kDay;
  fmt::print(
      "One neuron at the paper's size, 12 million images through the student of 100 filters, "
      "takes\n"
      "{:.1f} days of a machine like this one at {:.0f} images/s: {:.2f} neurons a day, {:.0f} "
      "machine-days for all\n{:.0f} neurons.\n",
      days, rate, 1 / days, days * kNeurons, kNeurons);
}

int run() {
  const Roof roof = measure_roof();
  const nlohmann::json machine = describe_machine();
  const Architecture paper = student_architecture({100, 100, 100, 100, 100}, {});
  fmt::print(
      "# Performance\n\n"
      "Written by `build/release/bin/performance_page > docs/performance.md`, on an idle machine.\n"
      "Ratios between machines and programs: `build/release/bin/bench_compare`.\n\n"
      "Machine: {}, {} threads, {}. Roofs, measured in the same process: {:.0f} GFLOP/s (matrix\n"
      "product), {:.1f} GB/s (read and write). Batch {}. Times are per image; a multiply-add "
      "counts "
      "as two operations.\n\n"
      "## A training step\n\n"
      "| student | images/s | GFLOP/s | of the product's roof |\n|---|---:|---:|---:|\n",
      machine["processor"].get<std::string>(), thread_budget(),
      machine["instruction_set"].get<std::string>(), roof.gemm_gflops, roof.memory_gb_per_second,
      kBatch);
  print_step("100 filters, the paper's", paper);
  print_step("25 filters", student_architecture({25, 25, 25, 25, 25}, {}));
  print_step("compact 201025/2 (57, 54, 3, 5, 11)", student_architecture({57, 54, 3, 5, 11}, {}));
  print_step("recipes/v4.toml (48, 64, 32, 32, 16)",
             student_architecture({48, 64, 32, 32, 16}, {}));
  fmt::print(
      "\n## Stage by stage, 100 filters\n\n"
      "MB are the bytes that a stage must read or write once. Its roof is the larger of the times\n"
      "for its operations and for its bytes; what is left is packing, further sweeps and calls.\n"
      "Operations are those of the plain network: the first layer makes fewer\n"
      "(decisions/0010-minimal-filtering.md), so its share may be above 100 %.\n\n");
  print_stages(paper, roof);
  fmt::print("\n## The paper's full size\n\n");
  print_projection(paper);
  return 0;
}

}  // namespace
}  // namespace secateur

int main(int, char** argv) {
  secateur::wait_briefly(argv);
  return secateur::run();
}
