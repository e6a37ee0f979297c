#include "data/session_split.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "data/picture_table.h"
#include "tensor/error.h"
#include "tensor/printable.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

constexpr auto kSplitting = "recording";

enum Side : int64_t { kFit, kValidation, kScore };

// What pictures of one group share: on one side of a split, in one fold.
void keep_groups_whole(const PictureTable& table, const std::vector<std::string>& groups,
                       const std::vector<int64_t>& parts, const std::string& what) {
  std::map<std::string, size_t> first;
  for (size_t i = 0; i < groups.size(); ++i) {
    const size_t other = first.emplace(groups[i], i).first->second;
    if (parts[other] == parts[i]) continue;
    table.refuse(i, fmt::format("the group {} of images.csv is {}, its pictures may not be parted",
                                printable(groups[i]), what));
  }
}

std::vector<int64_t> sides_by_name(const PictureTable& table) {
  std::vector<int64_t> sides;
  for (const std::string& name : table.texts("split")) {
    const auto side = name == "fit" ? kFit : name == "validation" ? kValidation : kScore;
    if (side == kScore && name != "score") {
      table.refuse(sides.size(), fmt::format("wanted fit, validation or score in column 'split', "
                                             "got {}",
                                             printable(name)));
    }
    sides.push_back(side);
  }
  return sides;
}

// The fold that scores.
int64_t chosen_fold(const PictureTable& table, const std::vector<int64_t>& folds, int64_t fold) {
  const std::set<int64_t> there(folds.begin(), folds.end());
  if (fold == kSmallestFold) return *there.begin();
  if (!there.contains(fold)) {
    constexpr size_t kShown = 10;
    std::vector<int64_t> some(there.begin(), there.end());
    some.resize(std::min(some.size(), kShown));
    throw Error(ErrorKind::kUsage,
                fmt::format("there is no fold {} in {}, its folds are {}{}", fold, table.file(),
                            fmt::join(some, ", "), there.size() > kShown ? " and more" : ""));
  }
  return fold;
}

std::vector<int64_t> without_validation(const std::vector<bool>& scores) {
  std::vector<int64_t> sides;
  for (const bool score : scores) sides.push_back(score ? kScore : kFit);
  return sides;
}

// By split.csv.
std::vector<int64_t> sides_of(const PictureTable& table, const std::vector<std::string>& groups,
                              int64_t fold, std::string& by) {
  require(table.has("split") != table.has("fold"), kSplitting,
          "{}: wanted a column 'split' or a column 'fold', got {}", table.file(),
          table.has("split") ? "both" : "neither");
  if (table.has("fold")) {
    const std::vector<int64_t> folds = table.wholes("fold");
    keep_groups_whole(table, groups, folds, "in two folds");
    const int64_t chosen = chosen_fold(table, folds, fold);
    by = fmt::format("fold {} of split.csv", chosen);
    std::vector<bool> scores;
    for (const int64_t one : folds) scores.push_back(one == chosen);
    return without_validation(scores);
  }
  by = "split.csv";
  std::vector<int64_t> sides = sides_by_name(table);
  std::vector<int64_t> parts;
  for (const int64_t side : sides) parts.push_back(side == kScore ? 1 : 0);
  keep_groups_whole(table, groups, parts, "among the pictures that score and among others");
  return sides;
}

// The first groups, as many as come nearest to half of the pictures.
std::vector<int64_t> sides_by_groups(const std::vector<std::string>& groups, std::string& by) {
  std::map<std::string, int64_t> sizes;
  std::vector<std::string> in_order;
  for (const std::string& group : groups) {
    if (sizes[group]++ == 0) in_order.push_back(group);
  }
  require(in_order.size() > 1, kSplitting,
          "images.csv has all pictures in one group, {}: nothing would be left to score",
          printable(in_order.front()));
  const auto pictures = std::ssize(groups);
  std::set<std::string> fit;
  for (int64_t count = 0; fit.size() + 1 < in_order.size();) {
    const std::string& next = in_order[fit.size()];
    const int64_t with = count + sizes[next];
    if (!fit.empty() && std::abs(2 * with - pictures) >= std::abs(2 * count - pictures)) break;
    fit.insert(next);
    count = with;
  }
  by = fmt::format("half of {} groups", in_order.size());
  std::vector<bool> scores;
  for (const std::string& group : groups) scores.push_back(!fit.contains(group));
  return without_validation(scores);
}

ImageSplit in_order_of(const std::vector<int64_t>& sides, const std::string& by) {
  const auto of = [&](Side side) { return std::count(sides.begin(), sides.end(), side); };
  ImageSplit split{.fit = of(kFit),
                   .validation = of(kValidation),
                   .score = of(kScore),
                   .by = by,
                   .order = "",
                   .places = {}};
  for (const int64_t side : {kFit, kValidation, kScore}) {
    for (size_t i = 0; i < sides.size(); ++i) {
      if (sides[i] == side) split.places.push_back(static_cast<int64_t>(i));
    }
  }
  return split;
}

}  // namespace

PictureNotes read_picture_notes(const std::filesystem::path& file,
                                const std::vector<std::string>& pictures) {
  const PictureTable table(file, pictures);
  require(table.has("group") || table.has("index"), kSplitting,
          "{}: wanted a column 'group' or 'index', got neither", table.file());
  PictureNotes notes;
  if (table.has("group")) notes.groups = table.texts("group");
  if (!table.has("index")) return notes;
  notes.indices = table.wholes("index");
  std::set<int64_t> seen;
  for (size_t i = 0; i < notes.indices.size(); ++i) {
    const int64_t index = notes.indices[i];
    if (index >= std::ssize(pictures) || !seen.insert(index).second) {
      table.refuse(i, fmt::format("wanted an index from 0 to {} that no other picture has, got {}",
                                  pictures.size() - 1, index));
    }
  }
  return notes;
}

std::optional<ImageSplit> split_pictures(const std::optional<std::filesystem::path>& file,
                                         const std::vector<std::string>& pictures,
                                         const std::vector<std::string>& groups, int64_t fold) {
  std::string by;
  if (!file) {
    if (groups.empty()) return std::nullopt;
    const std::vector<int64_t> sides = sides_by_groups(groups, by);
    return in_order_of(sides, by);
  }
  const PictureTable table(*file, pictures);
  const std::vector<int64_t> sides = sides_of(table, groups, fold, by);
  ImageSplit split = in_order_of(sides, by);
  require(split.fit > 0, kSplitting, "{} leaves nothing to fit", table.file());
  require(split.score > 0, kSplitting, "{} leaves nothing to score", table.file());
  require(split.validation != 1, kSplitting,
          "{} has one picture for validation, wanted none or at least 2", table.file());
  return split;
}

std::string order_digest(const std::vector<std::string>& order,
                         const std::vector<std::string>& usual) {
  if (order == usual) return "";
  return sha256_of(fmt::format("{}", fmt::join(order, "\n")));
}

}  // namespace secateur
