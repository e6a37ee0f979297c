#pragma once
// One factorisation of semi_nmf.h on its way, from one start.

#include <vector>

#include "interpretation/representation/semi_nmf.h"
#include "tensor/rng.h"

namespace secateur {

// Of every entry [items, size] whether the fit sees it; empty: all.
using EntryMask = std::vector<char>;

// `table` and `seen` must outlive it.
class SemiNmfFit {
 public:
  SemiNmfFit(const ItemTable& table, const EntryMask& seen, int64_t factors, Rng rng);

  void run(Observer& observer);
  // Over the entries that the fit sees, or over the others.
  double squared_error(bool of_seen) const;
  SemiNmf result() const;

 private:
  void fill_with_means();
  void fill_item(size_t item, std::vector<double>& room);
  void predict(size_t item, std::vector<double>& to) const;
  // add(item, sums) over all items, blocks of them added in their order.
  template <class Add>
  std::vector<double> sum_over_blocks(size_t width, const Add& add) const;
  void solve_factors();
  void update_weights();
  void update_item(size_t item, const std::vector<double>& between,
                   const std::vector<double>& turned, std::vector<double>& along);

  size_t items_;
  size_t size_;
  size_t count_;
  const ItemTable& given_;
  const EntryMask& seen_;
  std::vector<double> filled_;   // given, and what is predicted where the fit does not see
  std::vector<double> factors_;  // [factors, size]
  std::vector<double> weights_;  // [items, factors]
  int steps_ = 0;
};

}  // namespace secateur
