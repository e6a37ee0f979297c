// Times the trunk of published teachers, ResNet-50 up to conv4_block4_out, from images in memory to
// maps.
//   bench_trunk WEIGHTS --images 32 --size 224 --batch 8 --threads 2 --json
// Before it times, it compares the maps of the first image with those computed by native operations
// (with --reproducible portable: with those by oneDNN).

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "apps/roof.h"
#include "bench/throughput.h"
#include "model_files/trunk_files.h"
#include "ops/backend/reproducibility.h"
#include "tensor/parallel.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

struct TrunkOptions : ThroughputOptions {
  TrunkOptions() : ThroughputOptions{.batch = 8} {}
  std::string weights;
  int64_t images = 32;
  int64_t size = 224;
  bool portable = false;
};

constexpr double kTrunkTolerance = 1e-5;  // of the largest value of the maps

Tensor random_images(const TrunkOptions& options) {
  Rng rng(50, "bench/trunk", 0);
  Tensor images(Shape{options.images, 3, options.size, options.size});
  for (float& v : images.values()) v = static_cast<float>(rng.uniform(-120, 120));
  return images;
}

Tensor maps_by(Reproducibility path, const Trunk& trunk, const Tensor& images) {
  set_reproducibility(path);
  return trunk(images);
}

double deviation(const Trunk& trunk, const Tensor& images) {
  const Tensor native = maps_by(Reproducibility::kPortable, trunk, images);
  const Tensor library = maps_by(Reproducibility::kThreads, trunk, images);
  double difference = 0;
  double largest = 0;
  for (int64_t i = 0; i < native.numel(); ++i) {
    const double off = std::abs(double{native[i]} - double{library[i]});
    if (!(off <= difference)) difference = off;
    largest = std::max(largest, std::abs(double{native[i]}));
  }
  return difference / largest;
}

int run(const TrunkOptions& options) {
  const auto trunk = read_resnet50(options.weights, options.size, options.size);
  const Tensor images = random_images(options);
  const double off = deviation(*trunk, images.rows(0, 1));
  if (!(off <= kTrunkTolerance)) {
    std::fprintf(stderr, "bench_trunk: maps by oneDNN and by operations differ by %g\n", off);
    return 5;
  }
  set_reproducibility(options.portable ? Reproducibility::kPortable : Reproducibility::kThreads);
  const double roof = measure_roof().gemm_gflops;
  const Throughput throughput = measure_throughput(options.images, options.repeats, [&] {
    for (int64_t first = 0; first < options.images; first += options.batch) {
      (*trunk)(images.rows(first, std::min(options.images, first + options.batch)));
    }
  });
  nlohmann::json report = throughput_report(throughput, trunk->multiply_adds(), roof);
  report["peak_rss_mb"] = peak_rss_mb();
  report["batch"] = options.batch;
  report["size"] = options.size;
  report["threads"] = thread_budget();
  report["reproducible"] = reproducibility_name(reproducibility());
  report["deviation"] = off;
  print_report(report, options.json);
  return 0;
}

}  // namespace
}  // namespace secateur

int main(int argc, char** argv) {
  secateur::TrunkOptions options;
  CLI::App program("Times ResNet-50 up to conv4_block4_out.");
  program.add_option("weights", options.weights, "weights of ResNet-50")->required();
  program.add_option("--images", options.images, "in a pass")->check(CLI::PositiveNumber);
  program.add_option("--size", options.size, "pixels of a side, a multiple of 16")
      ->check(CLI::PositiveNumber);
  program.add_flag("--portable", options.portable, "by native operations, not by oneDNN");
  return secateur::run_timed(program, argc, argv, options, "--repeats",
                             [&] { return secateur::run(options); });
}
