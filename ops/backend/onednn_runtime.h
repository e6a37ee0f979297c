#pragma once
// Shared by the oneDNN adapters, and included by them only: the API of oneDNN 2.6 (dnnl.hpp with
// operation descriptors) stays in onednn_*.cpp and here.
//
// Everything runs on the calling thread alone. oneDNN asks OpenMP how many threads it may use when
// a primitive is CREATED and bakes the answer into the order of its sums, so creation and execution
// both go through on_this_thread().

#include <array>
#include <cstdint>
#include <dnnl.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace secateur::onednn {

const dnnl::engine& engine();  // the CPU
dnnl::stream& stream();        // of the calling thread

// Runs body with one thread in force and the floating-point policy of parallel_for. A dnnl::error
// becomes an Error that starts with [where].
void on_this_thread(std::string_view where, const std::function<void()>& body);

// One argument of a primitive: the layout in which the caller has it, and the one the primitive
// wants.
struct Argument {
  int id;  // DNNL_ARG_*
  dnnl::memory::desc plain;
  dnnl::memory::desc wanted;
  bool is_output;
};

// A primitive with the reorders around it. Intermediate layouts and the scratchpad live in one
// buffer per thread that all plans share and that only grows: its size is the need of the largest
// plan, not the sum.
class Plan {
 public:
  Plan(dnnl::primitive primitive, const dnnl::memory::desc& scratchpad,
       const std::vector<Argument>& arguments);

  // One pointer per argument, in the order of the constructor; outputs are overwritten.
  void run(const std::vector<float*>& data);

 private:
  struct Slot {
    int id;
    bool is_output;
    dnnl::memory plain;
    dnnl::memory wanted;  // the same object as plain when the layouts agree
    std::optional<dnnl::reorder> reorder;
    int64_t offset = 0;  // of the wanted layout in the thread's buffer
  };

  dnnl::primitive primitive_;
  dnnl::memory scratchpad_;
  std::vector<Slot> slots_;
  std::unordered_map<int, dnnl::memory> arguments_;
  int64_t buffer_bytes_ = 0;
};

// Plans of the calling thread, made on first use. When kMaxPlans are held all are dropped, so a
// search over many shapes does not grow without bound.
template <class Key>
class PlanCache {
 public:
  template <class Make>
  Plan& get(const Key& key, const Make& make) {
    auto found = plans_.find(key);
    if (found == plans_.end()) {
      if (plans_.size() >= kMaxPlans) plans_.clear();
      found = plans_.emplace(key, make()).first;
    }
    return found->second;
  }

 private:
  static constexpr size_t kMaxPlans = 128;
  std::map<Key, Plan> plans_;
};

}  // namespace secateur::onednn
