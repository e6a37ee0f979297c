#include "interpretation/representation/assignment.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "tensor/error.h"

namespace secateur {
namespace {

// Rows are given columns one after the other; prices of rows and columns keep every reduced cost at
// or above 0. Place 0 stands for "none", so rows and columns count from 1. Wants rows <= columns.
class ShortestPaths {
 public:
  ShortestPaths(std::vector<double> costs, size_t rows, size_t columns)
      : costs_(std::move(costs)),
        columns_(columns),
        row_price_(rows + 1, 0.0),
        column_price_(columns + 1, 0.0),
        row_of_(columns + 1, 0),
        from_(columns + 1, 0) {
    for (size_t row = 1; row <= rows; ++row) place(row);
  }

  std::vector<int64_t> columns_of_rows() const {
    std::vector<int64_t> columns(row_price_.size() - 1, -1);
    for (size_t c = 1; c <= columns_; ++c) {
      if (row_of_[c] > 0) columns[row_of_[c] - 1] = static_cast<int64_t>(c - 1);
    }
    return columns;
  }

 private:
  void place(size_t row) {
    row_of_[0] = row;
    size_t at = 0;
    std::vector<double> distance(columns_ + 1, std::numeric_limits<double>::infinity());
    std::vector<bool> done(columns_ + 1, false);
    while (row_of_[at] != 0) at = nearest(at, distance, done);
    while (at != 0) {
      row_of_[at] = row_of_[from_[at]];
      at = from_[at];
    }
  }

  // Goes on from column `at` to the nearest one that was not visited.
  size_t nearest(size_t at, std::vector<double>& distance, std::vector<bool>& done) {
    done[at] = true;
    const size_t row = row_of_[at];
    size_t next = 0;
    double least = std::numeric_limits<double>::infinity();
    for (size_t c = 1; c <= columns_; ++c) {
      if (done[c]) continue;
      const double reduced =
          costs_[(row - 1) * columns_ + c - 1] - row_price_[row] - column_price_[c];
      if (reduced < distance[c]) {
        distance[c] = reduced;
        from_[c] = at;
      }
      if (distance[c] < least) {
        least = distance[c];
        next = c;
      }
    }
    for (size_t c = 0; c <= columns_; ++c) {
      if (done[c]) {
        row_price_[row_of_[c]] += least;
        column_price_[c] -= least;
      } else {
        distance[c] -= least;
      }
    }
    return next;
  }

  std::vector<double> costs_;
  size_t columns_;
  std::vector<double> row_price_;
  std::vector<double> column_price_;
  std::vector<size_t> row_of_;  // of each column; 0: none yet
  std::vector<size_t> from_;    // the column before it on the path
};

}  // namespace

std::vector<int64_t> best_assignment(std::span<const double> gains, int64_t rows, int64_t columns) {
  require(rows >= 0 && columns >= 0 && gains.size() == static_cast<size_t>(rows * columns),
          "assignment", "wanted {} x {} gains, got {}", rows, columns, gains.size());
  require(std::all_of(gains.begin(), gains.end(), [](double v) { return std::isfinite(v); }),
          "assignment", "wanted finite gains");
  const bool turned = rows > columns;
  const auto n = static_cast<size_t>(rows), m = static_cast<size_t>(columns);
  std::vector<double> costs(n * m);
  for (size_t r = 0; r < n; ++r) {
    for (size_t c = 0; c < m; ++c) costs[turned ? c * n + r : r * m + c] = -gains[r * m + c];
  }
  const std::vector<int64_t> found =
      ShortestPaths(std::move(costs), turned ? m : n, turned ? n : m).columns_of_rows();
  if (!turned) return found;
  std::vector<int64_t> columns_of(n, -1);
  for (size_t c = 0; c < m; ++c) {
    columns_of[static_cast<size_t>(found[c])] = static_cast<int64_t>(c);
  }
  return columns_of;
}

}  // namespace secateur
