#pragma once
// Groups of items by k-means, which factorisations start from.

#include "interpretation/representation/semi_nmf.h"
#include "tensor/rng.h"

namespace secateur {

// The group of each item, 0 to groups - 1. Centres are drawn far from one another (k-means++:
// Arthur and Vassilvitskii, SODA 2007) and moved by at most kMostGroupSteps steps of Lloyd's.
inline constexpr int kMostGroupSteps = 20;
std::vector<int64_t> item_groups(const ItemTable& table, int64_t groups, Rng& rng);

}  // namespace secateur
