#pragma once
// What the programs that time whole models print: images per second, and how far that is from the
// roof that the same process measured.

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace secateur {

// What the command lines of these programs share.
struct ThroughputOptions {
  int64_t batch = 1;
  int threads = 0;  // as the machine gives
  int64_t repeats = 5;
  bool json = false;
};

// Adds --batch, --threads, --json and, as `repeats`, how often is timed; reads the command line and
// calls run(). The exit code is what it returns, and 3 with a sentence where it throws.
int run_timed(CLI::App& program, int argc, char** argv, ThroughputOptions& options,
              const std::string& repeats, const std::function<int()>& run);

struct Throughput {
  double images_per_second = 0;  // median over the repeats
  double slowest = 0;
  double fastest = 0;
  // Of all threads, per image: hardly moved by a busy neighbour.
  double cpu_milliseconds = 0;
};

// Calls pass() once to warm up and then `repeats` times; each pass works on `images` images.
Throughput measure_throughput(int64_t images, int64_t repeats, const std::function<void()>& pass);

// images_per_second, cpu_milliseconds_per_image, gflops, roof_gflops (the larger of `roof_gflops`,
// measured before, and a measurement now), fraction_of_roof and what the machine is.
// `multiply_adds` per image; a multiply-add counts as two operations.
nlohmann::json throughput_report(const Throughput& throughput, int64_t multiply_adds,
                                 double roof_gflops);

// One JSON object on one line, or a line for each entry.
void print_report(const nlohmann::json& report, bool as_json);

double peak_rss_mb();  // of this process so far, MB of 1024 * 1024 bytes

}  // namespace secateur
