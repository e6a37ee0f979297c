#pragma once
// Sessions of the published V4 recordings that have a role of their own.
// Source: Cowley, Stan, Pillow, Smith, "Compact deep neural network models of the visual cortex",
// Nature 2026, doi 10.1038/s41586-026-10150-1, and its data repository
// cowleygroup/V4_compact_models.

#include <array>
#include <string_view>

namespace secateur {

// In the order of the 219 compact models: 33, 89, 55 and 42 neurons.
inline constexpr std::array<std::string_view, 4> kTestSessions = {"190923", "201025", "210225",
                                                                  "211022"};
inline constexpr std::string_view kValidationSession = "210224";

}  // namespace secateur
