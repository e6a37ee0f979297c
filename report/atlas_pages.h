#pragma once
// The pages of an atlas: one of all models, as cards that are searched and sorted, and one of each
// model. Beside them stand folders, one of each model, whose files they show:
//   preferred_1.png ..., anti_1.png ...     by gradient ascent and descent, the best first
//   photograph_1.png ..., worst_1.png ...   of the bank, the largest and the smallest response
//   first tuning.svg, circuit.svg, playground.html

#include <optional>
#include <string>
#include <vector>

namespace secateur {

struct AtlasScore {
  double r2 = 0;  // raw r2 on the images that score
  double low = 0, high = 0;
  int64_t images = 0;
};

struct AtlasEntry {
  std::string name;    // of the model, and of its folder and page
  std::string neuron;  // "190923/3"; empty where nothing says
  int64_t parameters = 0;
  std::string counted;                  // counted_how()
  std::vector<int64_t> filters;         // of each layer
  std::optional<AtlasScore> score;      // none: see no_score
  std::string no_score;                 // why there is none
  std::vector<double> preferred, anti;  // responses to preferred_1.png ...
  std::vector<double> photographs, worst;
  std::vector<std::string> photograph_names, worst_names;
  std::string prefers;                                // in a sentence
  std::vector<std::string> tuning_words;              // all of them
  std::vector<std::string> circuit_words;             // empty: there is no circuit.svg
  std::string no_circuit;                             // why there is none
  bool playground = false;                            // whether there is playground.html
  std::vector<std::pair<std::string, double>> alike;  // names of others, with their correlations
};

struct AtlasAbout {
  std::string title;
  std::vector<std::string> sentences;  // what was done, over which images, warnings
};

// index.html; the entries stand in their order, alike ones side by side.
std::string atlas_index(const AtlasAbout& about, const std::vector<AtlasEntry>& entries);
// <name>.html of entry number `at`.
std::string atlas_model_page(const std::vector<AtlasEntry>& entries, size_t at);

}  // namespace secateur
