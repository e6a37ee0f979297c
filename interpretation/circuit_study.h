#pragma once
// All that the circuit of one model on one page says: its wiring, what each filter looks for, the
// groups of filters, and what artificial stimuli the model prefers.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "interpretation/circuit.h"
#include "interpretation/filter_groups.h"
#include "interpretation/preferred_patch.h"
#include "interpretation/preferred_stimulus.h"

namespace secateur {

// A filter with its pictures. In a chain of separable layers a depthwise kernel belongs to the
// filter that is read: all filters of the next layer see its map through this one kernel, and mix
// such views. So only filters of the first layer have a kernel on the image.
struct FilterPictures {
  Tensor kernel;        // [3, k, k] of the first layer; empty in others
  Tensor read_through;  // [k, k], the kernel of the next layer on this map; empty where none is
  PreferredPatch patch;
};

// Filters that are drawn and named as one: a filter, a group (filter_groups.h), or all others of a
// layer. What is lost without them is lost without all of them together.
struct CircuitPart {
  std::string name;  // "filter 7", "group A", "53 others"
  FilterSet set;     // the filters that lose most alone first
  double share = 0;  // along the weights, the sum of theirs
  AblationLoss ablated;
  // What of the response to the preferred stimulus above that to the empty ground is lost when
  // these filters alone see the empty ground (patching.h): 1 all, below 0: it rises. 0 where there
  // is no such response.
  double stimulus = 0;
};

// Parts that carry as much of the response to the preferred stimulus are named.
inline constexpr double kMuchOfStimulus = 0.2;

// Parts in the order in which those alike (by their changes over images) stand side by side.
struct CircuitLayer {
  FilterGroups groups;
  std::vector<CircuitPart> parts;
  std::optional<CircuitPart> others;
};

// In a layer of at most so many filters each is a part; of more, groups are, as many as
// kMostParts, without which at least kLeastOfPart of the variance is missing or whose share is as
// large; the rest are the others.
inline constexpr int64_t kMostSingleFilters = 12;
inline constexpr size_t kMostParts = 7;
inline constexpr double kLeastOfPart = 0.02;

// The images that a study is over.
struct StudyImages {
  Tensor pixels;          // [n, 3, h, w] of 0..255, n at least 2
  std::string source;     // what they are, after a number: "simulated pictures (seed 1)"
  int64_t available = 0;  // where there are more, of which these are the first
};

struct CircuitStudy {
  std::vector<double> intact;  // responses to the images
  std::string source;          // of the images
  int64_t available = 0;       // likewise
  double rounding = 0;         // of changes of the mean response, rounding_of()
  Circuit circuit;
  std::vector<CircuitLayer> layers;
  std::vector<FilterPictures> pictures;  // in the order of circuit.filters
  Tensor best, worst;                    // [1, 3, h, w], of the largest and smallest response
  TuningProfile tuning;
  PreferredStimulus preferred;

  // The filter's place in circuit.filters and in pictures.
  size_t at(size_t layer, int64_t filter) const;
};

// For one output of a model. Tuning is to artificial stimuli of that seed, all else over the
// images. A response that hardly varies over the images has shares of 0 and no groups. Throws
// Error(kBadInput) as circuit_of() does, and for a response that is not a number; and Stopped.
CircuitStudy study_circuit(const Model& model, int64_t output, const StudyImages& images,
                           uint64_t seed, Observer& observer);

// Whether the response varies over the images by more than rounding.
bool varies(const CircuitStudy& study);

// The letter of the group of more than one filter that holds a filter, "A" that without which most
// is lost; empty where there is none.
std::string group_name(const FilterGroups& groups, int64_t filter);

// What the page says beside the drawing, some ten sentences: what the model prefers and where,
// which filters excite and inhibit, what is lost without each group, how far shares and ablation
// agree, and over which images.
std::vector<std::string> study_sentences(const CircuitStudy& study);

// The keys of circuit_tables.h, and "images", "source", "intact", "preferred", "parts",
// "patches" and "sentences"; docs/interpretation.md says them.
nlohmann::json study_json(const CircuitStudy& study);
// A row per filter: what the drawing shows of it, and what a pointer that rests on it says.
std::string filters_csv(const CircuitStudy& study);

}  // namespace secateur
