// Times every operation at the shapes of the models: forward, and forward with backward.
//   OMP_NUM_THREADS=1 ops_bench --benchmark_filter=conv2d
// GFLOP/s counts two per multiply-add, and three times as many with backward (the gradients of both
// factors). Before a case is timed, its value must come out with the same bits twice.

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "ops/op_case.h"
#include "ops/vector/isa.h"
#include "tensor/parallel.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

std::vector<Variable> draw_inputs(const OpCase& op_case, bool requires_grad) {
  std::vector<Variable> inputs;
  for (size_t i = 0; i < op_case.inputs.size(); ++i) {
    const CaseInput& input = op_case.inputs[i];
    Rng rng(1, "ops_bench/" + input.name, i);
    Tensor tensor(input.shape);
    for (float& v : tensor.values()) v = static_cast<float>(rng.uniform(input.low, input.high));
    inputs.emplace_back(tensor, requires_grad && input.differentiable);
  }
  return inputs;
}

int64_t samples_of(const OpCase& op_case) {
  const Shape& first = op_case.inputs.front().shape;
  return first.rank() > 0 ? first[0] : 1;
}

void report(benchmark::State& state, const OpCase& op_case, int64_t passes) {
  state.SetItemsProcessed(state.iterations() * samples_of(op_case));
  if (op_case.multiply_adds == 0) return;
  const double work = 2.0 * static_cast<double>(passes * op_case.multiply_adds);
  state.counters["GFLOP/s"] =
      benchmark::Counter(work * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

void time_forward(benchmark::State& state, const OpCase& op_case) {
  const std::vector<Variable> inputs = draw_inputs(op_case, false);
  const Tensor first = op_case.apply(inputs).value();
  if (!same_bits(first, op_case.apply(inputs).value())) {
    return state.SkipWithError("the value differs between two runs");
  }
  for (auto _ : state) benchmark::DoNotOptimize(op_case.apply(inputs).value().data());
  report(state, op_case, 1);
}

// `wanted`: the one input whose gradient is computed, or -1 for all.
void time_backward(benchmark::State& state, const OpCase& op_case, int wanted) {
  std::vector<Variable> inputs = draw_inputs(op_case, true);
  for (size_t i = 0; wanted >= 0 && i < inputs.size(); ++i) {
    if (static_cast<int>(i) != wanted) inputs[i] = Variable(inputs[i].value());
  }
  const Tensor cotangent = Tensor::full(op_case.apply(inputs).shape(), 0.5f);
  const auto pass = [&] {
    backward(op_case.apply(inputs), cotangent);
    for (const Variable& input : inputs) input.clear_grad();
  };
  pass();  // plans of oneDNN and pages of the arena are made once
  for (auto _ : state) pass();
  report(state, op_case, wanted >= 0 ? 2 : 3);
}

void register_case(const OpRoom& room, const OpCase& op_case) {
  const std::string name = room.op + "/" + op_case.name;
  const auto add = [&](const std::string& what, auto timer) {
    benchmark::RegisterBenchmark((name + "/" + what).c_str(), timer)
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
  };
  add("forward", [op_case](benchmark::State& state) { time_forward(state, op_case); });
  add("forward+backward",
      [op_case](benchmark::State& state) { time_backward(state, op_case, -1); });
  if (op_case.inputs.size() < 2) return;
  for (size_t i = 0; i < op_case.inputs.size(); ++i) {
    if (!op_case.inputs[i].differentiable) continue;
    add("forward+gradient_of_" + op_case.inputs[i].name, [op_case, i](benchmark::State& state) {
      time_backward(state, op_case, static_cast<int>(i));
    });
  }
}

}  // namespace
}  // namespace secateur

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("threads", std::to_string(secateur::thread_budget()));
  benchmark::AddCustomContext("isa", std::string(secateur::isa_name(secateur::active_isa())));
  const std::vector<secateur::OpRoom> rooms = secateur::all_op_rooms();
  for (const secateur::OpRoom& room : rooms) {
    for (const secateur::OpCase& op_case : room.cases) {
      if (op_case.model_shape) secateur::register_case(room, op_case);
    }
  }
  benchmark::RunSpecifiedBenchmarks();
}
