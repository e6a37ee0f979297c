#include "apps/config/nearest.h"

#include <algorithm>
#include <numeric>

namespace secateur {
namespace {

size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

}  // namespace

std::string near_name(const std::string& given, const std::vector<std::string>& names) {
  std::string nearest;
  size_t least = std::string::npos;
  for (const std::string& name : names) {
    // Of words that have less in common than that, one is not a slip for the other.
    const auto [shorter, longer] = std::minmax({given.size(), name.size()});
    const size_t most = std::max<size_t>(1, shorter / 3);
    if (longer - shorter > most) continue;  // at least so many letters are missing
    const size_t distance = edit_distance(given, name);
    if (distance > most || distance >= least) continue;
    least = distance;
    nearest = name;
  }
  return nearest;
}

}  // namespace secateur
