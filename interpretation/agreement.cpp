#include "interpretation/agreement.h"

#include <vector>

#include "interpretation/readout_input.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using Rows = std::vector<std::vector<double>>;

Rows rows_of(const Tensor& values) {
  Rows rows;
  for (int64_t i = 0; i < values.dim(0); ++i) {
    const Tensor row = values.rows(i, i + 1);
    rows.emplace_back(row.values().begin(), row.values().end());
  }
  return rows;
}

double mean_correlation(const Rows& rows) {
  double sum = 0;
  int64_t pairs = 0;
  for (size_t a = 0; a < rows.size(); ++a) {
    for (size_t b = a + 1; b < rows.size(); ++b, ++pairs) sum += correlation(rows[a], rows[b]);
  }
  return pairs == 0 ? 1 : sum / static_cast<double>(pairs);
}

}  // namespace

Agreement agreement_of(const Model& model, const Tensor& pixels) {
  return {.pixels = mean_correlation(rows_of(pixels)),
          .maps = mean_correlation(readout_input(model, pixels))};
}

}  // namespace secateur
