#include "interpretation/representation/semi_nmf_fit.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tensor/symmetric_matrix.h"
#include "interpretation/representation/item_groups.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

constexpr size_t kItemsTogether = 256;
constexpr int kStepsBetweenLooks = 10;
constexpr int kWeightSweeps = 2;
constexpr double kTinyWeight = 1e-12;

}  // namespace

template <class Add>
std::vector<double> SemiNmfFit::sum_over_blocks(size_t width, const Add& add) const {
  const size_t blocks = (items_ + kItemsTogether - 1) / kItemsTogether;
  std::vector<double> parts(blocks * width, 0.0);
  parallel_for(static_cast<int64_t>(blocks), [&](int64_t block) {
    const size_t first = static_cast<size_t>(block) * kItemsTogether;
    double* const sums = parts.data() + static_cast<size_t>(block) * width;
    for (size_t i = first; i < std::min(items_, first + kItemsTogether); ++i) add(i, sums);
  });
  std::vector<double> sums(width, 0.0);
  for (size_t k = 0; k < parts.size(); ++k) sums[k % width] += parts[k];
  return sums;
}

SemiNmfFit::SemiNmfFit(const ItemTable& table, const EntryMask& seen, int64_t factors, Rng rng)
    : items_(static_cast<size_t>(table.items)),
      size_(static_cast<size_t>(table.size)),
      count_(static_cast<size_t>(factors)),
      given_(table),
      seen_(seen),
      filled_(table.values),
      factors_(count_ * size_, 0.0),
      weights_(items_ * count_, 0.0) {
  if (!seen_.empty()) fill_with_means();
  const ItemTable start{.items = table.items, .size = table.size, .values = filled_};
  const std::vector<int64_t> groups = item_groups(start, factors, rng);
  for (size_t i = 0; i < items_; ++i) {
    weights_[i * count_ + static_cast<size_t>(groups[i])] = 1;
  }
}

void SemiNmfFit::run(Observer& observer) {
  double before = 0;
  for (steps_ = 0; steps_ < kMostSemiNmfSteps; ++steps_) {
    solve_factors();
    if (steps_ % kStepsBetweenLooks == 0) {
      stop_if_asked(observer);
      const double now = squared_error(true);
      if (steps_ > 0 && before - now <= kSemiNmfTolerance * before) break;
      before = now;
    }
    update_weights();
  }
}

double SemiNmfFit::squared_error(bool of_seen) const {
  return sum_over_blocks(1, [&](size_t i, double* sum) {
    std::vector<double> predicted;
    predict(i, predicted);
    for (size_t d = 0; d < size_; ++d) {
      if ((seen_.empty() || seen_[i * size_ + d] != 0) != of_seen) continue;
      const double error = given_.values[i * size_ + d] - predicted[d];
      *sum += error * error;
    }
  })[0];
}

// Of an item, [size].
void SemiNmfFit::predict(size_t item, std::vector<double>& to) const {
  to.assign(size_, 0.0);
  for (size_t k = 0; k < count_; ++k) {
    const double w = weights_[item * count_ + k];
    if (w == 0) continue;
    const double* const factor = factors_.data() + k * size_;
    for (size_t d = 0; d < size_; ++d) to[d] += w * factor[d];
  }
}

void SemiNmfFit::fill_with_means() {
  for (size_t d = 0; d < size_; ++d) {
    double sum = 0;
    double count = 0;
    for (size_t i = 0; i < items_; ++i) {
      if (seen_[i * size_ + d] == 0) continue;
      sum += given_.values[i * size_ + d];
      count += 1;
    }
    for (size_t i = 0; i < items_; ++i) {
      if (seen_[i * size_ + d] == 0) filled_[i * size_ + d] = count > 0 ? sum / count : 0;
    }
  }
}

void SemiNmfFit::solve_factors() {
  std::vector<double> between = sum_over_blocks(count_ * count_, [&](size_t i, double* sums) {
    const double* const w = weights_.data() + i * count_;
    for (size_t a = 0; a < count_; ++a) {
      for (size_t b = 0; b < count_; ++b) sums[a * count_ + b] += w[a] * w[b];
    }
  });
  const std::vector<double> with = sum_over_blocks(factors_.size(), [&](size_t i, double* sums) {
    for (size_t k = 0; k < count_; ++k) {
      const double w = weights_[i * count_ + k];
      for (size_t d = 0; d < size_; ++d) sums[k * size_ + d] += w * filled_[i * size_ + d];
    }
  });
  // Factors that nobody uses any more, or two that became one, leave no inverse without this.
  double trace = 0;
  for (size_t k = 0; k < count_; ++k) trace += between[k * count_ + k];
  for (size_t k = 0; k < count_; ++k) between[k * count_ + k] += 1e-10 * trace + kTinyWeight;
  const std::vector<double> inverse = inverse_of(between, static_cast<int64_t>(count_)).inverse;
  std::fill(factors_.begin(), factors_.end(), 0.0);
  for (size_t a = 0; a < count_; ++a) {
    for (size_t b = 0; b < count_; ++b) {
      for (size_t d = 0; d < size_; ++d) {
        factors_[a * size_ + d] += inverse[a * count_ + b] * with[b * size_ + d];
      }
    }
  }
}

void SemiNmfFit::update_weights() {
  std::vector<double> between(count_ * count_, 0.0);
  for (size_t d = 0; d < size_; ++d) {
    for (size_t a = 0; a < count_; ++a) {
      for (size_t b = 0; b < count_; ++b) {
        between[a * count_ + b] += factors_[a * size_ + d] * factors_[b * size_ + d];
      }
    }
  }
  std::vector<double> turned(factors_.size());  // [size, factors]
  for (size_t k = 0; k < count_; ++k) {
    for (size_t d = 0; d < size_; ++d) turned[d * count_ + k] = factors_[k * size_ + d];
  }
  const auto blocks = static_cast<int64_t>((items_ + kItemsTogether - 1) / kItemsTogether);
  parallel_for(blocks, [&](int64_t block) {
    const size_t first = static_cast<size_t>(block) * kItemsTogether;
    std::vector<double> room;
    for (size_t i = first; i < std::min(items_, first + kItemsTogether); ++i) {
      if (!seen_.empty()) fill_item(i, room);
      update_item(i, between, turned, room);
    }
  });
}

void SemiNmfFit::fill_item(size_t i, std::vector<double>& room) {
  predict(i, room);
  for (size_t d = 0; d < size_; ++d) {
    if (seen_[i * size_ + d] == 0) filled_[i * size_ + d] = room[d];
  }
}

void SemiNmfFit::update_item(size_t i, const std::vector<double>& between,
                             const std::vector<double>& turned, std::vector<double>& along) {
  along.assign(count_, 0.0);
  for (size_t d = 0; d < size_; ++d) {
    const double v = filled_[i * size_ + d];
    for (size_t k = 0; k < count_; ++k) along[k] += v * turned[d * count_ + k];
  }
  double* const w = weights_.data() + i * count_;
  for (int sweep = 0; sweep < kWeightSweeps; ++sweep) {
    for (size_t k = 0; k < count_; ++k) {
      const double own = between[k * count_ + k];
      if (!(own > kTinyWeight)) continue;
      double left = along[k];
      for (size_t b = 0; b < count_; ++b) left -= w[b] * between[k * count_ + b];
      w[k] = std::max(0.0, w[k] + left / own);
    }
  }
}

SemiNmf SemiNmfFit::result() const {
  std::vector<double> lengths(count_), amounts(count_, 0.0);
  for (size_t k = 0; k < count_; ++k) {
    double squares = 0;
    for (size_t d = 0; d < size_; ++d) squares += factors_[k * size_ + d] * factors_[k * size_ + d];
    lengths[k] = std::sqrt(squares);
    for (size_t i = 0; i < items_; ++i) {
      const double w = weights_[i * count_ + k] * lengths[k];
      amounts[k] += w * w;
    }
  }
  std::vector<size_t> order(count_);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return amounts[a] > amounts[b]; });
  const double all = std::accumulate(amounts.begin(), amounts.end(), 0.0);
  const double whole =
      std::inner_product(given_.values.begin(), given_.values.end(), given_.values.begin(), 0.0);
  SemiNmf result{.factors_count = static_cast<int64_t>(count_),
                 .factors = {},
                 .weights = std::vector<double>(weights_.size()),
                 .shares = {},
                 .explained = 1 - squared_error(true) / whole,
                 .steps = steps_};
  for (size_t to = 0; to < count_; ++to) {
    const size_t k = order[to];
    result.shares.push_back(all > 0 ? amounts[k] / all : 0);
    for (size_t d = 0; d < size_; ++d) {
      result.factors.push_back(lengths[k] > 0 ? factors_[k * size_ + d] / lengths[k] : 0);
    }
    for (size_t i = 0; i < items_; ++i) {
      result.weights[i * count_ + to] = weights_[i * count_ + k] * lengths[k];
    }
  }
  return result;
}

}  // namespace secateur
