#pragma once
// What the models of an atlas are shown and held against: the images of a session, or of a bank,
// and what the session's neurons answered.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/image_source.h"
#include "report/atlas_pages.h"
#include "tensor/observer.h"

namespace secateur {

struct AtlasRecorded {
  std::string neuron;  // "190923/3"; empty where nothing says
  std::optional<AtlasScore> score;
  std::string no_score;  // why there is none
};

struct AtlasBank {
  std::string name;  // "session 190923", "the bank"
  ImageSourcePtr images;
  std::map<std::string, AtlasRecorded> recorded;  // by the file of the model
  std::vector<std::string> said;                  // warnings and notes of the scores
};

struct AtlasSources {
  std::string recordings;  // empty: none, models have no score
  std::string session;     // empty: the one that the name of the file tells, or the only one
  std::string images;      // empty: those of the session
  bool fit = false;        // bring these to the size that the models read
  int64_t seed = 1;        // of the intervals
};

// For the files of one argument, `pattern`, in which {neuron} may stand. Scores are those of
// `secateur evaluate --half second`, whose rules hold. Throws Error(kUsage) when neither recordings
// nor images are given, and where several sessions are there and none is told.
AtlasBank open_atlas_bank(const std::string& pattern, const std::vector<std::string>& files,
                          const AtlasSources& sources, Observer& observer);

}  // namespace secateur
