// Times prediction with a model in a file, from images in memory to responses.
//   bench_predict MODEL PIXELS.npy --batch 1 --threads 2 --json
// Before it times, it compares the responses with those of the network computed operation by
// operation.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "apps/roof.h"
#include "bench/throughput.h"
#include "data/image_batches.h"
#include "model_files/model_files.h"
#include "models/multiply_adds.h"
#include "models/predictor.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

struct Options : ThroughputOptions {
  Options() : ThroughputOptions{.repeats = 9} {}
  std::string model;
  std::string pixels;
};

constexpr double kTolerance = 1e-5;  // of the largest response

std::vector<Tensor> read_batches(const Options& options, const InputSpec& input) {
  std::vector<Tensor> batches;
  for_each_image_batch(*open_images(options.pixels), input.mean, options.batch,
                       [&](const Tensor& batch, int64_t) { batches.push_back(batch); });
  return batches;
}

double deviation(const Predictor& predict, const std::vector<Tensor>& batches) {
  double difference = 0;
  double largest = 0;
  for (const Tensor& batch : batches) {
    const Tensor got = predict(batch);
    // Image by image, or the maps of a whole batch would be the peak of memory.
    for (int64_t n = 0; n < batch.dim(0); ++n) {
      const Tensor wanted = predict.by_operations(batch.rows(n, n + 1));
      for (int64_t i = 0; i < wanted.numel(); ++i) {
        difference = std::max(difference, std::abs(double{got.rows(n, n + 1)[i]} - wanted[i]));
        largest = std::max(largest, std::abs(double{wanted[i]}));
      }
    }
  }
  return difference / largest;
}

int run(const Options& options) {
  const Model model = read_model(options.model);
  const Predictor predict(model);
  const std::vector<Tensor> batches = read_batches(options, predict.input());
  const double off = deviation(predict, batches);
  if (!(off <= kTolerance)) {
    std::fprintf(stderr, "bench_predict: the responses differ by %g from those of the operations\n",
                 off);
    return 5;
  }
  int64_t images = 0;
  for (const Tensor& batch : batches) images += batch.dim(0);
  const double peak = peak_rss_mb();  // before the arrays behind the roof
  const double roof = measure_roof().gemm_gflops;
  const Throughput throughput = measure_throughput(images, options.repeats, [&] {
    for (const Tensor& batch : batches) predict(batch);
  });
  nlohmann::json report =
      throughput_report(throughput, multiply_adds(model.architecture()).forward, roof);
  report["peak_rss_mb"] = peak;
  report["model"] = options.model;
  report["batch"] = options.batch;
  report["threads"] = thread_budget();
  report["fused"] = predict.fused();
  report["deviation"] = off;
  print_report(report, options.json);
  return 0;
}

}  // namespace
}  // namespace secateur

int main(int argc, char** argv) {
  secateur::Options options;
  CLI::App program("Times prediction with a model in a file.");
  program.add_option("model", options.model, "model file of any kind")->required();
  program.add_option("pixels", options.pixels, "uint8 .npy [images, height, width, 3]")->required();
  return secateur::run_timed(program, argc, argv, options, "--repeats",
                             [&] { return secateur::run(options); });
}
