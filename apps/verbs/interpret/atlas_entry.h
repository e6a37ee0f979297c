#pragma once
// What an atlas makes of one model: pictures, drawings and a playground in the model's folder
// (report/atlas_pages.h names them), and what its pages say.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/verbs/interpret/atlas_bank.h"
#include "apps/verbs/interpret/frame.h"
#include "tensor/observer.h"

namespace secateur {

inline constexpr int64_t kAtlasStarts = 3;  // of noise, up and down

struct AtlasOptions : InterpretOptions {
  std::string recordings;
  std::string session;
  int64_t steps = 100;  // of each ascent
  bool playground = true;
};

// {"parameters", "filters", "preferred", "anti": responses, "photographs", "worst":
// [{"name", "response"}], "prefers", "tuning", "circuit": sentences or "no_circuit": why,
// "playground"}. Throws Error(kBadInput) for a response that is no number.
nlohmann::json make_atlas_entry(const InterpretedModel& opened, const AtlasBank& bank,
                                const AtlasOptions& options, const std::filesystem::path& folder,
                                Observer& observer);

}  // namespace secateur
