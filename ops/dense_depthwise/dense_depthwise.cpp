#include "ops/dense_depthwise/dense_depthwise.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "ops/dense_depthwise/step_plan.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

using Plan = DenseDepthwise::Plan;
using Steps = std::span<const DenseDepthwise>;

// From here on every sample is one task, which stays within the cache of one core.
constexpr int64_t kManySamples = 16;

Tensor batch_of(int64_t samples, const Shape& shape) {
  return Tensor(Shape{samples, shape[0], shape[1], shape[2]});
}

void check(Steps steps, const Tensor& x) {
  require(!steps.empty(), "dense_depthwise", "wanted at least one step, got none");
  const Shape& s = steps.front().x_shape();
  require(x.rank() == 4 && x.dim(1) == s[0] && x.dim(2) == s[1] && x.dim(3) == s[2],
          "dense_depthwise", "wanted x [n, {}, {}, {}], got {}", s[0], s[1], s[2], x.shape());
  for (size_t i = 1; i < steps.size(); ++i) {
    require(steps[i].x_shape() == steps[i - 1].y_shape(), "dense_depthwise",
            "wanted step {} to read {}, got {}", i, steps[i - 1].y_shape(), steps[i].x_shape());
  }
}

// Steps [begin, end) of one sample on this thread.
void run_steps(Steps steps, const float* x, float* y) {
  Tensor between;
  for (size_t i = 0; i + 1 < steps.size(); ++i) {
    Tensor next(steps[i].y_shape());
    steps[i].plan().one(x, next.data());
    between = std::move(next);
    x = between.data();
  }
  steps.back().plan().one(x, y);
}

// A step whose samples are cut into parts, or the packing for it, or a run of steps whose samples
// are not cut.
struct Stage {
  Steps steps;
  int64_t parts;
  bool packs;
  const Tensor x;  // images may lie in memory that must not change
  Tensor y;

  void run(int64_t sample, int64_t part) {
    const Plan& plan = steps.front().plan();
    const float* const from = x.data() + sample * (x.numel() / x.dim(0));
    float* const to = y.data() + sample * (y.numel() / y.dim(0));
    if (packs) return plan.pack(from, part, to);
    if (parts == 1) return run_steps(steps, from, to);
    Tensor scratch(Shape{plan.scratch_numel()});
    plan.clear_margins(scratch.data());
    plan.group(from, part, scratch.data(), to);
  }
};

std::vector<Stage> stages_of(Steps steps, const Tensor& images) {
  std::vector<Stage> stages;
  const int64_t samples = images.dim(0);
  Tensor x = images;
  const auto add = [&](Steps those, int64_t parts, bool packs, const Tensor& y) {
    stages.push_back({.steps = those, .parts = parts, .packs = packs, .x = x, .y = y});
    x = y;
  };
  for (size_t i = 0; i < steps.size();) {
    const size_t first = i++;
    const Plan& plan = steps[first].plan();
    while (plan.parts == 1 && i < steps.size() && steps[i].plan().parts == 1) ++i;
    const Steps those = steps.subspan(first, i - first);
    if (plan.parts > 1 && plan.packed) {
      add(those, kPackParts, true, Tensor(Shape{samples, plan.x_shape[0] * plan.packed_numel()}));
    }
    add(those, plan.parts, false, batch_of(samples, steps[i - 1].y_shape()));
  }
  return stages;
}

struct Task {
  int64_t sample, stage, part;
};

// A stage of a sample stands behind the stage before it of the next sample, which gives the threads
// something to do while the last parts of that stage are under way.
std::vector<Task> tasks_of(const std::vector<Stage>& stages, int64_t samples) {
  std::vector<Task> tasks;
  const int64_t count = static_cast<int64_t>(stages.size());
  for (int64_t wave = 0; wave < samples + count - 1; ++wave) {
    for (int64_t s = 0; s < count; ++s) {
      if (wave - s < 0 || wave - s >= samples) continue;
      for (int64_t part = 0; part < stages[static_cast<size_t>(s)].parts; ++part) {
        tasks.push_back({.sample = wave - s, .stage = s, .part = part});
      }
    }
  }
  return tasks;
}

// Tells the processor that the thread only waits.
void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// How many parts of each stage of each sample are done.
class Done {
 public:
  Done(int64_t samples, size_t stages)
      : stages_(static_cast<int64_t>(stages)), counts_(static_cast<size_t>(samples) * stages) {}

  void wait(int64_t sample, int64_t stage, int64_t parts) const {
    constexpr int kPatience = 4096;
    for (int turn = 0; at(sample, stage).load(std::memory_order_acquire) < parts; ++turn) {
      if (turn < kPatience) {
        pause();
      } else {
        std::this_thread::yield();
      }
    }
  }
  void add(int64_t sample, int64_t stage) {
    counts_[static_cast<size_t>(sample * stages_ + stage)].fetch_add(1, std::memory_order_release);
  }

 private:
  const std::atomic<int64_t>& at(int64_t sample, int64_t stage) const {
    return counts_[static_cast<size_t>(sample * stages_ + stage)];
  }
  int64_t stages_;
  std::vector<std::atomic<int64_t>> counts_;
};

// One parallel loop for all stages: waking the threads anew for each costs as much as the smaller
// stages. Threads take the tasks in their order, so the first unfinished task waits for nothing.
Tensor run_few(Steps steps, const Tensor& x) {
  std::vector<Stage> stages = stages_of(steps, x);
  const std::vector<Task> tasks = tasks_of(stages, x.dim(0));
  Done done(x.dim(0), stages.size());
  std::atomic<size_t> next{0};
  parallel_for(static_cast<int64_t>(tasks.size()), [&](int64_t) {
    const Task task = tasks[next.fetch_add(1)];
    // Counted even when it throws, or the others would wait for ever.
    struct Count {
      Done& done;
      const Task& task;
      ~Count() { done.add(task.sample, task.stage); }
    } const count{done, task};
    if (task.stage > 0) {
      done.wait(task.sample, task.stage - 1, stages[static_cast<size_t>(task.stage - 1)].parts);
    }
    stages[static_cast<size_t>(task.stage)].run(task.sample, task.part);
  });
  return stages.back().y;
}

}  // namespace

Tensor dense_depthwise(Steps steps, const Tensor& x) {
  check(steps, x);
  const int64_t samples = x.dim(0);
  if (samples > 0 && samples < kManySamples) return run_few(steps, x);
  Tensor y = batch_of(samples, steps.back().y_shape());
  parallel_for(samples, [&, to = y.data()](int64_t n) {
    run_steps(steps, x.data() + n * steps.front().x_shape().numel(),
              to + n * steps.back().y_shape().numel());
  });
  return y;
}

}  // namespace secateur
