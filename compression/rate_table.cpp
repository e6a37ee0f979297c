#include "compression/rate_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>

namespace secateur {

RateTable::RateTable(std::span<const int32_t> sizes, std::span<const int32_t> bands,
                     int64_t band_count)
    : bits_(static_cast<size_t>(band_count * kSizes), 0.0) {
  std::array<double, kSizes> whole{};
  whole.fill(0.05);  // no size is impossible
  for (size_t i = 0; i < sizes.size(); ++i) {
    const int32_t size = std::min(sizes[i], kSizes - 1);
    bits_[static_cast<size_t>(bands[i % bands.size()] * kSizes + size)] += 1.0;
    whole[static_cast<size_t>(size)] += 1.0;
  }
  const double total = std::accumulate(whole.begin(), whole.end(), 0.0);
  constexpr double kPrior = 4.0;  // a band's own counts, drawn towards those of the tensor
  for (int64_t band = 0; band < band_count; ++band) {
    double* const row = bits_.data() + band * kSizes;
    const double count = std::accumulate(row, row + kSizes, kPrior);
    for (int32_t size = 0; size < kSizes; ++size) {
      const double share = whole[static_cast<size_t>(size)] / total;
      row[size] = -std::log2((row[size] + kPrior * share) / count) + (size > 0 ? 1.0 : 0.0);
    }
  }
}

double RateTable::bits(int32_t band, int32_t size) const {
  const double known = bits_[static_cast<size_t>(band * kSizes + std::min(size, kSizes - 1))];
  if (size < kSizes - 1) return known;
  return known + 2.0 * std::bit_width(static_cast<uint32_t>(size - kSizes + 2)) - 1.0;
}

}  // namespace secateur
