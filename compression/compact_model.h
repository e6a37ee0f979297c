#pragma once
// A model as its compact file holds it: for every tensor the integer codes and the step sizes that
// turn them back into weights. Everything is explicit, so that each parameter can be traced to the
// number that stands for it.
//
//   coefficient = code * 2^((global + 8 (filter_step + band_step + channel_step)) / 16)
//   block of weights = inverse cosine transform of its coefficients, when the tensor is transformed
//
// in double, rounded once to float. The arithmetic is bit-exact on any machine (exact_numbers.h).

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "compression/tensor_layout.h"
#include "models/model.h"

namespace secateur {

inline constexpr int kFewestBits = 2;
inline constexpr int kMostBits = 8;  // of a kernel's codes: within +-127
// Of a bias, and of the mean of a transformed block (its coefficient of frequency zero): one number
// stands for a whole map there, and holding it to 8 bits costs more response than all the rest.
inline constexpr int kMostBiasBits = 16;
inline constexpr int kLargestGlobalStep = 320;  // sixteenths of an octave: 2^-20 to 2^20
inline constexpr int kLargestGroupStep = 40;    // half octaves: 2^-20 to 2^20, each of three

struct CompactTensor {
  std::string name;
  Shape shape;
  TensorLayout layout;
  Transform transform = Transform::kNone;
  std::vector<int> filter_step;   // [filters], half octaves
  std::vector<int> band_step;     // [bands]
  std::vector<int> channel_step;  // [channels]
  std::vector<int32_t> codes;     // in the order of the tensor (of its coefficients)

  friend bool operator==(const CompactTensor& a, const CompactTensor& b) {
    return a.name == b.name && a.shape == b.shape && a.transform == b.transform &&
           a.filter_step == b.filter_step && a.band_step == b.band_step &&
           a.channel_step == b.channel_step && a.codes == b.codes;
  }
};

struct CompactModel {
  Architecture architecture;           // every norm is Norm::kNone
  int global_step = 0;                 // sixteenths of an octave
  std::vector<CompactTensor> tensors;  // in the order of parameter_specs()
  nlohmann::json metadata = nlohmann::json::object();

  friend bool operator==(const CompactModel&, const CompactModel&) = default;
};

// Every number of `tensor` has its step: [filters][channels][block].
std::vector<double> steps_of(const CompactTensor& tensor, int global_step);

// The largest absolute code at a place of a block.
int32_t largest_code(const TensorLayout& layout, Transform transform, int64_t place);

// Bits of the codes of a filter: the fewest, from 2, whose signed symmetric range holds them all,
// the means of transformed blocks apart.
int filter_bits(const CompactTensor& tensor, int64_t filter);

// The coefficients of weights, or the weights of coefficients, in double: every block turned when
// `transform` says so.
std::vector<double> to_coefficients(std::span<const float> weights, const TensorLayout& layout,
                                    Transform transform);
std::vector<double> to_weights(std::vector<double> coefficients, const TensorLayout& layout,
                               Transform transform);

// The weights that the file gives, and a model of them: no batch norms, output scale and metadata
// kept. Throws Error(kBadInput) when the parts do not fit the architecture.
Tensor decode(const CompactTensor& tensor, int global_step);
Model decode(const CompactModel& compact);

// Throws Error(kBadInput) naming the first thing that does not fit.
void validate(const CompactTensor& tensor, const ParameterSpec& spec);
void validate(const CompactModel& compact);

// Where one weight comes from.
struct CodeTrace {
  std::string tensor;
  int64_t index = 0;  // flat, in the tensor
  int64_t filter = 0;
  int64_t channel = 0;
  int64_t band = 0;
  Transform transform = Transform::kNone;
  int bits = 0;            // of its filter
  double step = 0.0;       // of the coefficient at the same place
  int32_t code = 0;        // of the coefficient at the same place
  double coefficient = 0;  // code * step; the weight itself unless transformed
  float decoded = 0.0f;    // the weight the file gives
  float original = 0.0f;   // the weight of the folded model
};
// `folded` is the model that was quantised. Throws Error(kBadInput) on an unknown name or index.
CodeTrace trace_code(const CompactModel& compact, const Model& folded, const std::string& tensor,
                     int64_t index);

}  // namespace secateur
