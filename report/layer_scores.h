#pragma once
// A neuron's pruning decisions, layer by layer in the order in which filters go.

#include <string>
#include <vector>

#include "report/run_record.h"

namespace secateur {

struct FilterScore {
  int64_t filter = 0;  // its number in the student
  double score = 0;    // by a cut: per parameter; NaN: not known
  double before = 0;   // share left, or parameters of the network, before its removal; NaN
  double left = 0;     // after it; of a filter that stayed what would have been left; NaN
  bool removed = false;
  int64_t cut = 0;  // 0: none
  std::string reason;
};

struct LayerScores {
  std::string layer;
  std::vector<FilterScore> filters;  // those that went first
  size_t removed() const;
  // The one that was next, if its score is known.
  const FilterScore* first_kept() const;
};

// Parameters of a network as a function of its filters per layer n, exact for students:
// constant + sum over l of each[l] n[l] + pairs[l] n[l - 1] n[l], pairs[0] = 0.
struct NetworkSize {
  int64_t constant = 0;
  std::vector<int64_t> each, pairs;
};

struct NeuronScores {
  std::string label;
  bool cuts = false;
  double threshold = 0;         // without cuts
  int64_t parameters = 1;       // of the student
  int64_t parameters_left = 0;  // of the pruned network
  int64_t floor = 1;
  NetworkSize size;
  std::vector<LayerScores> layers;  // from the first; empty: the run has no ledger of the neuron
};

NeuronScores neuron_scores(const RunRecord& run, size_t neuron);

NetworkSize network_size(const Architecture& architecture);

}  // namespace secateur
