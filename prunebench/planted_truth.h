#pragma once
// What the planted circuit of a simulated neuron needs, and how far a pruned network has it.
// Filters have no truth of their own: a circuit's part may lie in many of them. So there are two
// measures, one of what the network does, one of the filters that can be told.
//
//   carried  For each part let c be what it adds to the true rate, rate - rate without it, over
//            images. Partial correlation of the network's response with c, given the rate without
//            the part: 1 for the true rate itself, 0 for what follows only the rest of the circuit.
//            Mean over the parts that matter (without which kLeastUnexplained of the rate's
//            variance cannot be explained).
//   matched  Of the filters that analysis/recovery.h finds in the unpruned student (the closest to
//   a
//            planted filter, closer than chance, with an ablation of the planted sign), the share
//            that stays. A criterion that knows nothing keeps the share of filters that it keeps.

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "data/image_source.h"
#include "data/simulated/circuit.h"
#include "models/model.h"

namespace secateur {

inline constexpr double kLeastUnexplained = 0.01;

class PlantedTruth {
 public:
  // `images`: on which networks are scored. Throws what recover_parts() does.
  PlantedTruth(const Model& student, const simulated::NeuronCircuit& circuit,
               const ImageSource& images);

  // Responses to the images. Nothing when no part of the circuit matters alone.
  std::optional<double> carried(const std::vector<double>& responses) const;
  // Nothing when the student has no such filter. kept: by layer, places in the student.
  std::optional<double> matched(const std::vector<std::vector<int64_t>>& kept) const;

 private:
  struct Part {
    std::vector<double> adds;     // over images
    std::vector<double> without;  // the rate without it
  };
  std::vector<Part> parts_;
  std::set<std::pair<size_t, int64_t>> filters_;  // layer, place
};

// Of m with c given r; 0 where m or c follows r entirely.
double partial_correlation(const std::vector<double>& m, const std::vector<double>& c,
                           const std::vector<double>& r);

}  // namespace secateur
