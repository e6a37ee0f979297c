#pragma once
// The analyses of a recorded population for people: as text, and as plots.

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "analysis/identification.h"
#include "analysis/identifying_images.h"
#include "analysis/noise_ceilings.h"
#include "analysis/shared_variability.h"
#include "analysis/signal_dimension.h"
#include "data/recording.h"
#include "report/plots.h"

namespace secateur {

struct DepthIdentification {
  std::string layer;
  int64_t features = 0;
  double median_r2 = 0;  // raw r2 of the readouts on the scored images, over neurons
  Identification found;
};

struct SessionAnalysis {
  std::vector<NeuronQuality> quality;
  NoiseCeilings ceilings;
  PopulationTrials trials;
  std::optional<SignalDimension> dimension;
  std::optional<SharedVariability> shared;
  std::optional<IdentifyingImages> identifying;  // where a model was given
  std::vector<DepthIdentification> depths;
};

void print_analysis(FILE* text, const Recording& recording, const SessionAnalysis& analysis);

std::vector<Plot> plots_of(const SessionAnalysis& analysis);

}  // namespace secateur
