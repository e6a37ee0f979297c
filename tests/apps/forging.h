#pragma once
// What a forger does to a run: every digest that can be computed agrees again.

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace secateur {

inline constexpr int64_t kCap = 1 << 28;  // of a file of a run

nlohmann::json read_statement(const std::filesystem::path& run);  // lineage.json
void write_statement(const std::filesystem::path& run, const nlohmann::json& statement);

// The lines of a neuron, as lineages digest them.
std::string ledger_part(const std::filesystem::path& run, const std::string& label);

// Every digest of a file of the run as the file is now.
void make_digests_agree(const std::filesystem::path& run);

}  // namespace secateur
