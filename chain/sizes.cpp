#include "chain/sizes.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <optional>

#include "chain/budget.h"
#include "chain/chain.h"
#include "chain/metrics_log.h"
#include "formats/atomic_file.h"
#include "formats/input_file.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "sizes";
constexpr int64_t kSharedCap = int64_t{1} << 32;

fs::path size_folder(const fs::path& run, int64_t parameters) {
  return run / kFolder / std::to_string(parameters);
}

// The regular files of a folder of `from` whose names begin so, to where they stand in `to`, unless
// they are there.
void share(const RunDirectory& from, const RunDirectory& to, const std::string& folder,
           const std::string& beginning) {
  if (!fs::is_directory(from.file(folder))) return;
  for (const auto& entry : fs::directory_iterator(from.file(folder))) {
    const std::string name = entry.path().filename().string();
    const fs::path target = to.file(folder) / name;
    if (!name.starts_with(beginning) || !entry.is_regular_file() || fs::exists(target)) continue;
    fs::create_directories(target.parent_path());
    write_file_atomically(target, read_file(entry.path(), kSharedCap));
  }
}

// How many variants are labelled goes by the most images that a stage shows (materials.h).
bool same_labels(const Recipe& of_size, const Recipe& recipe) {
  return std::max(recipe.core.images, recipe.distill.images) <= of_size.retrain.images;
}

// The learning curve of a teacher that the run has made.
void share_curve(const RunDirectory& from, const RunDirectory& to) {
  const MetricsLog before(from.root());
  std::map<std::string, std::vector<CurvePoint>> members;
  for (const CurvePoint& row : before.rows()) {
    if (row.stage == kTeacherStage) members[row.neuron].push_back(row);
  }
  MetricsLog log(to.root());
  if (!log.rows().empty()) return;
  for (const auto& [member, rows] : members) log.set(kTeacherStage, member, rows);
}

// Its students start from the retrained networks of `before`.
Recipe recipe_of_size(const Recipe& recipe, const RunDirectory& before, int64_t parameters) {
  Recipe next = recipe;
  next.budget.clear();
  next.start = before.model("{label}_retrained.safetensors").string();
  next.start_outputs.clear();
  next.core.images = 0;
  next.distill.images = 0;
  next.distill.activation = "relu";  // or what the start has
  next.prune.parameters = parameters;
  next.prune.keep.clear();
  return next;
}

// Begun or opened, with what it shares with `run`, which has `recipe`: the labels, unless it shows
// fewer images, and a teacher that the run has made.
RunDirectory begin_size(const RunDirectory& run, const Recipe& recipe, const Recipe& of_size) {
  const fs::path folder = size_folder(run.root(), of_size.prune.parameters);
  const bool begun = fs::exists(folder / "config.toml");
  RunDirectory size = begun ? RunDirectory::open(folder) : RunDirectory::create(folder);
  if (!begun) size.write_config(of_size);
  if (same_labels(of_size, recipe)) share(run, size, "labels", "");
  share(run, size, "models", "teacher_member");
  share(run, size, "teacher", "");
  share_curve(run, size);
  return size;
}

}  // namespace

void order_sizes(Recipe& recipe) {
  std::vector<int64_t>& sizes = recipe.prune.keep;
  if (sizes.empty()) return;
  std::ranges::sort(sizes, std::greater<>());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  recipe.prune.parameters = sizes.front();
}

std::vector<int64_t> further_sizes(const Recipe& recipe) {
  const std::vector<int64_t>& sizes = recipe.prune.keep;
  return sizes.empty() ? sizes : std::vector<int64_t>(sizes.begin() + 1, sizes.end());
}

std::vector<fs::path> size_runs(const fs::path& run) {
  std::vector<int64_t> sizes;
  if (!fs::is_directory(run / kFolder)) return {};
  for (const auto& entry : fs::directory_iterator(run / kFolder)) {
    const std::string name = entry.path().filename().string();
    int64_t size = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), size);
    const bool whole = error == std::errc() && end == name.data() + name.size();
    if (whole && entry.is_directory()) sizes.push_back(size);
  }
  std::ranges::sort(sizes, std::greater<>());
  std::vector<fs::path> runs;
  for (const int64_t size : sizes) runs.push_back(size_folder(run, size));
  return runs;
}

void run_further_sizes(const RunDirectory& run, const Recipe& recipe, ChainObserver& observer,
                       const SizeDone& done) {
  std::optional<RunDirectory> before;
  for (const int64_t parameters : further_sizes(recipe)) {
    observer.say(fmt::format("on to {} parameters, from the retrained networks", parameters));
    const Recipe of_size = recipe_of_size(recipe, before ? *before : run, parameters);
    before.emplace(begin_size(run, recipe, of_size));
    done(*before, of_size, run_chain(*before, of_size, observer));
  }
}

}  // namespace secateur
