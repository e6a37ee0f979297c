#pragma once
// All cuts of one neuron's student.

#include <functional>
#include <optional>
#include <string>

#include "prunebench/bench_neuron.h"

namespace secateur {

// The sizes of options: how many.
int64_t sizes_in(const BenchOptions& options);

class NeuronCuts {
 public:
  // `place` of the neuron's run among the runs; `measured` is told of every network that `file` did
  // not hold. Throws Error(kUsage) when a size is no smaller than the student.
  NeuronCuts(BenchNeuron& neuron, int64_t place, const BenchOptions& options, BenchFile& file,
             std::function<void()> measured);

  // The student as it is, and what its run's recipe keeps of it by the method's rule.
  void student();
  void rule_of_recipe();
  // All sizes by a criterion, kOneShot or kGradual.
  void cut(const std::string& criterion, const std::string& schedule, int64_t seed);

 private:
  struct Network {
    Model model;
    KeptFilters kept;  // places in the student
    double threshold = 0;
  };
  BenchKey key(const std::string& criterion, const std::string& schedule, int64_t seed,
               int64_t size) const;
  int64_t wanted(int64_t size) const;
  Network cut_from(const Network& before, const std::string& criterion, int64_t seed,
                   int64_t parameters);
  void cut_at_once(const std::string& criterion, int64_t seed);
  void cut_little_by_little(const std::string& criterion, int64_t seed);
  bool add(const BenchKey& key, const Network& network, std::optional<bool> same_as_run = {});

  BenchNeuron& neuron_;
  const int64_t place_;
  const BenchOptions& options_;
  BenchFile& file_;
  const std::function<void()> measured_;
};

}  // namespace secateur
