#include "interpretation/representation/kernel_dictionary.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "interpretation/representation/kernel_match.h"
#include "tensor/error.h"

namespace secateur {
namespace {

void add_kernel(const Tensor& kernel, int64_t model, KernelTable& table) {
  require(kernel.dim(0) == table.channels && kernel.dim(1) == table.side, "kernels",
          "wanted kernels of one shape, got [{}, {}, {}] in model {} and [{}, {}, {}] before",
          kernel.dim(0), kernel.dim(1), kernel.dim(2), model, table.channels, table.side,
          table.side);
  double squares = 0;
  for (const float v : kernel.values()) squares += double{v} * v;
  if (!(squares > 0)) {
    ++table.zero_kernels;
    return;
  }
  for (const float v : kernel.values()) table.items.values.push_back(v / std::sqrt(squares));
  table.models.push_back(model);
  ++table.items.items;
}

}  // namespace

KernelTable kernel_table(std::span<const Model> models, size_t layer) {
  KernelTable table;
  for (size_t m = 0; m < models.size(); ++m) {
    for (const Tensor& kernel : layer_kernels(models[m], layer)) {
      if (table.side == 0) {
        table.channels = kernel.dim(0);
        table.side = kernel.dim(1);
        table.items.size = kernel.numel();
      }
      add_kernel(kernel, static_cast<int64_t>(m), table);
    }
  }
  require(table.items.items > 0, "kernels",
          "wanted kernels that are not 0, got none from {} models", models.size());
  return table;
}

KernelDictionary kernel_dictionary(const KernelTable& table, int64_t factors, uint64_t seed,
                                   Observer& observer) {
  KernelDictionary dictionary{.parts = semi_nmf(table.items, factors, seed, observer),
                              .share_of_models = {}};
  const auto count = static_cast<size_t>(factors);
  std::vector<std::set<int64_t>> users(count);
  for (size_t i = 0; i < table.models.size(); ++i) {
    const auto begin = dictionary.parts.weights.begin() + static_cast<std::ptrdiff_t>(i * count);
    const auto largest = std::max_element(begin, begin + static_cast<std::ptrdiff_t>(count));
    if (*largest > 0) users[static_cast<size_t>(largest - begin)].insert(table.models[i]);
  }
  const std::set<int64_t> models(table.models.begin(), table.models.end());
  for (const std::set<int64_t>& of : users) {
    dictionary.share_of_models.push_back(static_cast<double>(of.size()) /
                                         static_cast<double>(models.size()));
  }
  return dictionary;
}

}  // namespace secateur
