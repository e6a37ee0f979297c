#include "tensor/parallel.h"

#include <gtest/gtest.h>
#include <omp.h>
#include <xmmintrin.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/formats/expect_refused.h"

namespace secateur {
namespace {

class Parallel : public testing::Test {
 protected:
  void TearDown() override { set_thread_budget(0); }
};

TEST_F(Parallel, VisitsEveryIndexOnce) {
  for (const int threads : {1, 2, 3, 8}) {
    set_thread_budget(threads);
    for (const int64_t count : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> visits(static_cast<size_t>(count));
      parallel_for(count, [&](int64_t i) { ++visits[static_cast<size_t>(i)]; });
      for (const auto& v : visits) ASSERT_EQ(v, 1) << threads << " threads, " << count;
    }
  }
}

// Two indices that wait for each other end only when two threads run them.
TEST_F(Parallel, RunsOnSeveralThreadsAtOnce) {
  set_thread_budget(2);
  std::atomic<int> here{0};
  std::atomic<int> met{0};
  parallel_for(2, [&](int64_t) {
    ++here;
    const auto start = std::chrono::steady_clock::now();
    while (here < 2 && std::chrono::steady_clock::now() - start < std::chrono::seconds(20)) {
      std::this_thread::yield();
    }
    if (here == 2) ++met;
  });
  EXPECT_EQ(met, 2);
}

TEST_F(Parallel, NestedLoopsStayOnTheirThread) {
  set_thread_budget(3);
  std::atomic<int> visits{0};
  std::atomic<int> strangers{0};
  parallel_for(6, [&](int64_t) {
    const std::thread::id outer = std::this_thread::get_id();
    parallel_for(5, [&](int64_t) {
      ++visits;
      if (std::this_thread::get_id() != outer) ++strangers;
    });
  });
  EXPECT_EQ(visits, 30);
  EXPECT_EQ(strangers, 0);
}

TEST_F(Parallel, LibrariesAreToldToUseOneThreadInside) {
  const int outside = omp_get_max_threads();
  for (const int threads : {1, 3}) {
    set_thread_budget(threads);
    std::atomic<int> largest{0};
    parallel_for(8, [&](int64_t) { largest = std::max<int>(largest, omp_get_max_threads()); });
    EXPECT_EQ(largest, 1);
    EXPECT_EQ(omp_get_max_threads(), outside);
  }
}

TEST_F(Parallel, ThrowsAgainWhatABodyThrew) {
  for (const int threads : {1, 4}) {
    set_thread_budget(threads);
    expect_refused(
        [] {
          parallel_for(100, [](int64_t i) {
            if (i == 37) fail(ErrorKind::kDiverged, "body", "index {} failed", i);
          });
        },
        "index 37 failed", ErrorKind::kDiverged);
    std::atomic<int> after{0};
    parallel_for(10, [&](int64_t) { ++after; });
    EXPECT_EQ(after, 10);
  }
}

bool flushes_denormals() {
  const volatile float smallest = std::numeric_limits<float>::min();
  const volatile float half = 0.5f;
  const volatile float result = smallest * half;  // FTZ
  const volatile float denormal = std::numeric_limits<float>::denorm_min();
  const volatile float large = 1e30f;
  const volatile float product = denormal * large;  // DAZ
  return result == 0.0f && product == 0.0f;
}

TEST_F(Parallel, DenormalsAreZeroInsideAndThePolicyIsPutBack) {
  const unsigned control = _mm_getcsr();
  ASSERT_FALSE(flushes_denormals());
  for (const int threads : {1, 3}) {
    set_thread_budget(threads);
    std::atomic<int> flushed{0};
    parallel_for(9, [&](int64_t) { flushed += flushes_denormals() ? 1 : 0; });
    EXPECT_EQ(flushed, 9);
    EXPECT_FALSE(flushes_denormals());
    EXPECT_THROW(parallel_for(3, [](int64_t) { throw 1; }), int);
    EXPECT_EQ(_mm_getcsr() & 0x8040u, control & 0x8040u);
  }
  set_floating_point_policy();
  EXPECT_TRUE(flushes_denormals());
  _mm_setcsr(control);
}

// Sets OMP_NUM_THREADS and puts it back.
class ThreadsWanted {
 public:
  explicit ThreadsWanted(const char* value) {
    if (const char* before = std::getenv(kName)) before_ = before;
    value == nullptr ? unsetenv(kName) : setenv(kName, value, 1);
    set_thread_budget(0);
  }
  ~ThreadsWanted() {
    before_ ? setenv(kName, before_->c_str(), 1) : unsetenv(kName);
    set_thread_budget(0);
  }

 private:
  static constexpr const char* kName = "OMP_NUM_THREADS";
  std::optional<std::string> before_;
};

TEST_F(Parallel, BudgetFollowsTheEnvironmentAndTheMachine) {
  int machine = 0;
  {
    const ThreadsWanted none(nullptr);
    machine = thread_budget();
    EXPECT_GE(machine, 1);
    EXPECT_LE(machine, omp_get_num_procs());
  }
  {
    const ThreadsWanted five("5");  // honoured even beyond the cores
    EXPECT_EQ(thread_budget(), 5);
    set_thread_budget(2);
    EXPECT_EQ(thread_budget(), 2);
  }
  for (const char* nonsense : {"0", "-3", "many", ""}) {
    const ThreadsWanted wanted(nonsense);
    EXPECT_EQ(thread_budget(), machine) << nonsense;
  }
}

}  // namespace
}  // namespace secateur
