#pragma once
// Firing rates of simulated neurons (the formula stands in circuit.h), in spikes per 100 ms.

#include <cstdint>
#include <span>
#include <vector>

#include "data/simulated/circuit.h"
#include "data/simulated/filter_maps.h"

namespace secateur::simulated {

// A population compiled for one image size: filters shared, windows and pooling weights ready.
// Building it costs about as much as a few images; the object is read-only afterwards.
class RateMachine {
 public:
  // Throws Error when a filter or an offset is out of range.
  RateMachine(std::span<const NeuronCircuit> circuits, int size);

  size_t neurons() const { return neurons_.size(); }
  int size() const { return size_; }
  // Rates of one image [size, size, 3] into out[neurons()].
  void rates(const uint8_t* rgb, double* out) const;

 private:
  struct PlannedPart {
    size_t filter;
    Rectifier rectifier;
    double weight;
    int dy, dx;
  };
  struct Pool {  // weights that sum to 1 over a window
    Window window;
    std::vector<double> weights;
  };
  struct PlannedNeuron {
    std::vector<PlannedPart> summed, divisive;
    Pool centre, surround;
    double threshold, baseline, gain;
  };

  static Pool make_pool(double cy, double cx, double sigma, double hole, int size);
  PlannedPart plan(const Part& part, const Window& window);
  void accumulate(const Tensor& maps, const PlannedPart& part, int y, const Window& window,
                  double* sum) const;
  double pooled(const Tensor& maps, const std::vector<PlannedPart>& parts, const Pool& pool,
                double threshold) const;

  int size_;
  FilterMaps maps_;
  std::vector<PlannedNeuron> neurons_;
};

// Rate of one neuron for one image; the same bits as in a batch.
double rate(const NeuronCircuit& circuit, const uint8_t* rgb_hwc, int size);

// Rates [neurons, images] of `count` images [size, size, 3] that lie one after the other; on all
// threads, with bits that do not depend on their number.
std::vector<double> rates(std::span<const NeuronCircuit> circuits, const uint8_t* rgb_nhwc,
                          int64_t count, int size);

// The same for stimuli first .. first + count - 1 of stream `seed`, drawn on the way and not kept.
std::vector<double> stimulus_rates(std::span<const NeuronCircuit> circuits, uint64_t seed,
                                   int64_t first, int64_t count, int size);

}  // namespace secateur::simulated
