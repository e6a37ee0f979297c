#pragma once
// A simulated neuron, written down as data. With x = (pixel - channel mean) / kPixelScale, p a
// place (rows and columns in pixels) and 0 outside the image:
//
//   part_j(p)  = rectifier_j((filter_j correlated with x)(p + offset_j))
//   drive(p)   = max(0, sum over summed parts of weight_j part_j(p) - threshold)
//   pooled     = sum_p G(p - centre; pooling_sigma) drive(p),           sum_p G = 1
//   surround   = sum over divisive parts of weight_j sum_p R(p - centre) part_j(p), sum_p R = 1
//   rate       = baseline + gain * pooled / (1 + surround)              spikes per 100 ms
//
// R is a ring: G(d; surround_sigma) (1 - exp(-d^2 / (2 pooling_sigma^2))). Both windows end at 2.5
// sigma and at the image border.

#include <string>
#include <vector>

#include "data/simulated/filters.h"

namespace secateur::simulated {

enum class Rectifier {
  kHalf,    // max(0, r)
  kFull,    // |r|: two half-rectified filters of opposite sign
  kSquare,  // r^2: energy
};

enum class Role {
  kSummed,    // weight > 0 excites, weight < 0 inhibits
  kDivisive,  // weight >= 0, suppresses from the surround
};

struct Part {
  std::string label;
  FilterSpec filter;
  Rectifier rectifier = Rectifier::kHalf;
  Role role = Role::kSummed;
  double weight = 1;
  int dy = 0, dx = 0;  // pixels
};

struct NeuronCircuit {
  std::string name;
  std::vector<Part> parts;
  double threshold = 0;
  double centre_y = 0, centre_x = 0;  // receptive-field centre, pixels
  double pooling_sigma = 4;           // pixels
  double surround_sigma = 0;          // pixels; used when a part is divisive
  double baseline = 0;                // spikes per 100 ms without drive
  double gain = 1;                    // spikes per 100 ms and unit of pooled drive
};

// -1 for parts that lower the rate (inhibitory or divisive), +1 for the others.
int sign(const Part& part);

// The circuit with part `part` taken out, all else unchanged.
NeuronCircuit without_part(const NeuronCircuit& circuit, size_t part);

}  // namespace secateur::simulated
