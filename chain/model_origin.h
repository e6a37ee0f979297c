#pragma once
// Which session, and which neuron of it, a model is of: what its file says, so that a score on
// another neuron, or a teacher of another session, is no surprise.

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/recording.h"

namespace secateur {

struct ModelOrigin {
  std::string file;                   // its name
  std::vector<std::string> sessions;  // whose neurons it was fitted to; empty: its file is silent
  std::optional<int64_t> neuron;      // of a model of one neuron
  bool by_name = false;               // the neuron is told by the name of the file alone
};

// By the metadata of a model: "session" and "neuron", else the test sessions of its "split" that
// fitted it. Compact files have neither; runs call theirs SESSION_neuronN_compact.secateur, and the
// published models go by such names too.
ModelOrigin model_origin(const nlohmann::json& metadata, const std::filesystem::path& path);

// Whether its file says that it was fitted to neurons of other sessions than this one.
bool of_other_session(const ModelOrigin& origin, const std::string& session);
// For people: "190923"; "day1, day2".
std::string sessions_of(const ModelOrigin& origin);

// "a.safetensors is of neuron 201025/2 and is scored here on 201025/3"; empty where it is of this
// session and neuron, or nothing is known. neuron -1: the outputs are the session's neurons.
std::string other_origin(const ModelOrigin& origin, const Recording& recording, int64_t neuron);

}  // namespace secateur
