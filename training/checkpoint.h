#pragma once
// The state of a training loop in one file (safetensors): weights, moments, hooks, place in the
// data.

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "models/model.h"
#include "training/hook.h"
#include "training/optimiser.h"

namespace secateur {

struct LoopPlace {
  int64_t step = 0;
  double last_loss = 0;
};

// The same state gives the same bytes. Written beside, synced and renamed.
void write_state(const std::filesystem::path& path, const std::string& key, const Model& model,
                 const Optimiser& optimiser, const Hooks& hooks, const LoopPlace& place);

// write_state(), and the file that was there stays as <name>.previous.
void write_checkpoint(const std::filesystem::path& path, const std::string& key, const Model& model,
                      const Optimiser& optimiser, const Hooks& hooks, const LoopPlace& place);

// Puts the state back; nothing when neither the file nor <name>.previous exists. A damaged file is
// refused with Error(kBadInput), never half read, and the previous one is taken only when the file
// itself is missing. A file whose key differs is refused with Error(kUsage).
std::optional<LoopPlace> read_checkpoint(const std::filesystem::path& path, const std::string& key,
                                         Model& model, Optimiser& optimiser, const Hooks& hooks);

void remove_checkpoint(const std::filesystem::path& path);

}  // namespace secateur
