#pragma once
// The models that a call of `secateur interpret` names.

#include <cstdint>
#include <string>
#include <vector>

#include "models/model.h"

namespace secateur {

struct InterpretedModel {
  std::string file;
  std::string name;  // of the file, without its extension
  Model model;
  int64_t output = 0;
  std::string stem = {};  // with which the names of its files begin, see InterpretWork::ends
};

// The files of a pattern, in which {neuron} stands for every number there is, in their order.
// Throws Error(kUsage) for a pattern without files.
std::vector<std::string> files_of_pattern(const std::string& pattern);

// Those of all patterns, each with a name of its own; two of one name are Error(kUsage).
std::vector<std::string> interpreted_files(const std::vector<std::string>& patterns);

// `output` below 0: none was asked for. Throws Error(kUsage) where a model has several and none was
// asked for, or not that one; and as read_model().
InterpretedModel open_model(const std::string& file, int64_t output);

}  // namespace secateur
