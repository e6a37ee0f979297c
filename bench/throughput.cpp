#include "bench/throughput.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "apps/roof.h"
#include "apps/wait_briefly.h"
#include "chain/machine.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int run_timed(CLI::App& program, int argc, char** argv, ThroughputOptions& options,
              const std::string& repeats, const std::function<int()>& run) {
  wait_briefly(argv);
  program.add_option("--batch", options.batch, "images at once")->check(CLI::PositiveNumber);
  program.add_option("--threads", options.threads, "threads; 0: as the machine gives")
      ->check(CLI::NonNegativeNumber);
  program.add_option(repeats, options.repeats, "how often it is timed")->check(CLI::PositiveNumber);
  program.add_flag("--json", options.json, "one JSON object on one line");
  CLI11_PARSE(program, argc, argv);
  try {
    set_thread_budget(options.threads);
    return run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", argv[0], error.what());
    return 3;
  }
}

Throughput measure_throughput(int64_t images, int64_t repeats, const std::function<void()>& pass) {
  pass();
  std::vector<double> rates;
  const double cpu_before = cpu_seconds();
  for (int64_t i = 0; i < repeats; ++i) {
    const auto start = std::chrono::steady_clock::now();
    pass();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    rates.push_back(static_cast<double>(images) / seconds.count());
  }
  std::sort(rates.begin(), rates.end());
  return {.images_per_second = rates[rates.size() / 2],
          .slowest = rates.front(),
          .fastest = rates.back(),
          .cpu_milliseconds =
              1e3 * (cpu_seconds() - cpu_before) / static_cast<double>(images * repeats)};
}

nlohmann::json throughput_report(const Throughput& throughput, int64_t multiply_adds,
                                 double roof_gflops) {
  const double gflops = 2e-9 * static_cast<double>(multiply_adds) * throughput.images_per_second;
  const double roof = std::max(roof_gflops, measure_roof().gemm_gflops);
  return {{"images_per_second", throughput.images_per_second},
          {"slowest_images_per_second", throughput.slowest},
          {"fastest_images_per_second", throughput.fastest},
          {"multiply_adds_per_image", multiply_adds},
          {"cpu_milliseconds_per_image", throughput.cpu_milliseconds},
          {"gflops", gflops},
          {"roof_gflops", roof},
          {"fraction_of_roof", gflops / roof},
          {"machine", describe_machine()}};
}

void print_report(const nlohmann::json& report, bool as_json) {
  if (as_json) return fmt::print("{}\n", report.dump());
  for (const auto& [key, value] : report.items()) fmt::print("{:<26} {}\n", key, value.dump());
}

double peak_rss_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace secateur
