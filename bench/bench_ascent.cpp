// Times gradient ascent on the pixels of a model: the paper's procedure, all starts at once.
//   bench_ascent MODEL --seeds 9 --steps 100 --threads 2 --json
// Before it times, it compares the gradient of the first start with that of the network in double.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "apps/wait_briefly.h"
#include "bench/throughput.h"
#include "interpretation/ascent.h"
#include "interpretation/double_network.h"
#include "interpretation/pixel_files.h"
#include "interpretation/pixel_response.h"
#include "interpretation/starts.h"
#include "model_files/model_files.h"
#include "tensor/parallel.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

struct AscentBench {
  std::string model;
  std::string start;
  int64_t seeds = 9;
  int64_t steps = 100;
  int threads = 0;
  bool json = false;
};

constexpr double kGradientTolerance = 1e-5;  // of the largest value

double gradient_deviation(const Model& model, const Tensor& start) {
  const Tensor got = PixelResponse(model).gradient(start).gradient;
  std::vector<double> wanted;
  DoubleNetwork(model).respond({start.values().begin(), start.values().end()}, &wanted);
  double difference = 0;
  double largest = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const double off = std::abs(got[static_cast<int64_t>(i)] - wanted[i]);
    if (!(off <= difference)) difference = off;
    largest = std::max(largest, std::abs(wanted[i]));
  }
  return difference / largest;
}

// Hears of every step, and when.
class Clocked : public Observer {
 public:
  void progress(const Progress&) override {
    const auto now = std::chrono::steady_clock::now();
    milliseconds.push_back(std::chrono::duration<double, std::milli>(now - last_).count());
    last_ = now;
  }
  std::vector<double> milliseconds;

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

int time_ascent(const AscentBench& options) {
  set_thread_budget(options.threads);
  const Model model = read_model(options.model);
  const InputSpec& in = model.architecture().input;
  const Tensor starts = options.start.empty() ? noise_starts(in, options.seeds, 1)
                                              : read_pixels(options.start, in, false).pixels;
  const double off = gradient_deviation(model, starts.rows(0, 1));
  if (!(off <= kGradientTolerance)) {
    std::fprintf(stderr, "bench_ascent: the gradient differs from that in double by %g\n", off);
    return 5;
  }
  Clocked clock;
  const Ascent found = ascend(model, 0, starts, {.steps = options.steps}, clock);
  std::vector<double> best;
  for (size_t i = 0; i < found.best_steps.size(); ++i) {
    best.push_back(found.responses[i * static_cast<size_t>(options.steps) +
                                   static_cast<size_t>(found.best_steps[i])]);
  }
  const nlohmann::json report = {
      {"milliseconds_per_step_and_image",
       median_of(clock.milliseconds) / static_cast<double>(starts.dim(0))},
      {"best", best},
      {"median_best", median_of(best)},
      {"starts", starts.dim(0)},
      {"steps", options.steps},
      {"threads", thread_budget()},
      {"deviation", off},
      {"peak_rss_mb", peak_rss_mb()}};
  print_report(report, options.json);
  return 0;
}

}  // namespace
}  // namespace secateur

int main(int argc, char** argv) {
  secateur::wait_briefly(argv);
  secateur::AscentBench options;
  CLI::App program("Times gradient ascent on the pixels of a model.");
  program.add_option("model", options.model, "model file of any kind")->required();
  program.add_option("--start", options.start, "images to begin from; default: noise");
  program.add_option("--seeds", options.seeds, "starts of noise")->check(CLI::PositiveNumber);
  program.add_option("--steps", options.steps, "of every ascent")->check(CLI::PositiveNumber);
  program.add_option("--threads", options.threads, "threads; 0: as the machine gives")
      ->check(CLI::NonNegativeNumber);
  program.add_flag("--json", options.json, "one JSON object on one line");
  CLI11_PARSE(program, argc, argv);
  try {
    return secateur::time_ascent(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_ascent: %s\n", error.what());
    return 3;
  }
}
