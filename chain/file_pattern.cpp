#include "chain/file_pattern.h"

namespace secateur {

std::string filled_in(std::string pattern, const std::string& session, const NeuronTarget& target) {
  const auto replace = [&](const std::string& what, const std::string& with) {
    for (size_t at = 0; (at = pattern.find(what, at)) != std::string::npos; at += with.size())
      pattern.replace(at, what.size(), with);
  };
  replace("{session}", session);
  replace("{neuron}", std::to_string(target.neuron));
  replace("{label}", target.label);
  return pattern;
}

}  // namespace secateur
