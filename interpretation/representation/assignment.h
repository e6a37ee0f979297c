#pragma once
// The one-to-one matching of two sets.

#include <cstdint>
#include <span>
#include <vector>

namespace secateur {

// Of a table [rows, columns] of gains: the column of each row, -1 for rows that go without where
// there are more of them; no column twice. The sum of the gains is the largest possible (Kuhn,
// Naval Res Logist Q 2:83, 1955, by shortest augmenting paths: Jonker and Volgenant, Computing
// 38:325, 1987). min(rows, columns)^2 max(rows, columns) steps. Throws Error(kBadInput) for a table
// of another size, or a gain that is not finite.
std::vector<int64_t> best_assignment(std::span<const double> gains, int64_t rows, int64_t columns);

}  // namespace secateur
