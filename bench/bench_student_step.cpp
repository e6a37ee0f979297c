// Times a training step of a student: forward, loss, backward, Adam.
//   bench_student_step --filters 100 --batch 64 --threads 2 --json
// Before it times, it trains two copies for two steps and wants the same bits.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "apps/machine.h"
#include "apps/wait_passively.h"
#include "bench/throughput.h"
#include "models/model.h"
#include "models/work.h"
#include "ops/mse_loss/mse_loss.h"
#include "tensor/parallel.h"
#include "tensor/rng.h"
#include "training/optimiser.h"

namespace secateur {
namespace {

struct Options {
  std::vector<int64_t> filters{100};
  int64_t batch = 64;
  int64_t size = 112;
  int threads = 0;
  int64_t steps = 7;
  bool json = false;
};

Tensor draw(const Shape& shape, double scale) {
  Rng rng(1, "bench_student_step", 0);
  Tensor values(shape);
  for (float& v : values.values()) v = static_cast<float>(scale * rng.normal());
  return values;
}

class Student {
 public:
  Student(const Architecture& architecture, int64_t batch)
      : model_(architecture, 1),
        adam_(make_adam()),
        images_(draw({batch, architecture.input.channels, architecture.input.height,
                      architecture.input.width},
                     60)),
        targets_(draw({batch, 1}, 1)) {}

  void step() {
    const Variable loss = mse_loss(model_.forward(images_, Mode::kTraining), targets_);
    backward(loss);
    adam_->step(model_, 1e-4);
  }
  const Model& model() const { return model_; }

 private:
  Model model_;
  std::unique_ptr<Optimiser> adam_;
  Variable images_;
  Variable targets_;
};

bool repeats_itself(const Architecture& architecture) {
  Student a(architecture, 4);
  Student b(architecture, 4);
  for (int i = 0; i < 2; ++i) {
    a.step();
    b.step();
  }
  for (const ParameterSpec& spec : a.model().specs()) {
    if (!same_bits(a.model().tensor(spec.name), b.model().tensor(spec.name))) return false;
  }
  return true;
}

int run(const Options& options) {
  set_thread_budget(options.threads);
  std::vector<int64_t> filters = options.filters;
  if (filters.size() == 1) filters.assign(5, filters.front());
  InputSpec input;
  input.height = input.width = options.size;
  const Architecture architecture = student_architecture(filters, input);
  if (!repeats_itself(architecture)) {
    std::fputs("bench_student_step: two trainings of the same student differ\n", stderr);
    return 5;
  }
  const double roof = measure_roof().gemm_gflops;
  Student student(architecture, options.batch);
  const Throughput throughput =
      measure_throughput(options.batch, options.steps, [&] { student.step(); });
  const double peak = peak_rss_mb();
  nlohmann::json report = throughput_report(throughput, multiply_adds(architecture).step(), roof);
  report["peak_rss_mb"] = peak;
  report["filters"] = filters;
  report["batch"] = options.batch;
  report["threads"] = thread_budget();
  print_report(report, options.json);
  return 0;
}

}  // namespace
}  // namespace secateur

int main(int argc, char** argv) {
  secateur::wait_passively(argv);
  secateur::Options options;
  CLI::App program("Times a training step of a student.");
  program.add_option("--filters", options.filters, "filters of the five layers, or of each")
      ->delimiter(',');
  program.add_option("--batch", options.batch, "images in a step")->check(CLI::PositiveNumber);
  program.add_option("--size", options.size, "pixels a side, divisible by 4");
  program.add_option("--threads", options.threads, "threads; 0: as the machine gives")
      ->check(CLI::NonNegativeNumber);
  program.add_option("--steps", options.steps, "steps that are timed")->check(CLI::PositiveNumber);
  program.add_flag("--json", options.json, "one JSON object on one line");
  CLI11_PARSE(program, argc, argv);
  return secateur::run(options);
}
