#pragma once
// The default population: eight neurons of kinds known from V4, one circuit each.

#include "data/simulated/circuit.h"
#include "data/simulated/rates.h"

namespace secateur::simulated {

inline constexpr double kMeanRate = 3.0;  // spikes per 100 ms, mean over the calibration stimuli

// The circuits before calibration (gain 1, baseline 0). Filters and offsets are in pixels whatever
// the size; receptive fields grow with it.
std::vector<NeuronCircuit> uncalibrated_population(int size);

// Gives each circuit the gain and baseline that make its mean rate kMeanRate, and its standard
// deviation `spread` (spikes per 100 ms) unless that would take a negative baseline, over a fixed
// set of stimuli of the circuit's size. Throws Error when a circuit never responds.
void calibrate(std::vector<NeuronCircuit>& circuits, int size, double spread);

// uncalibrated_population(size), calibrated. Computed once per size and process; the same on every
// call and for any number of threads.
std::vector<NeuronCircuit> default_population(int size);

}  // namespace secateur::simulated
