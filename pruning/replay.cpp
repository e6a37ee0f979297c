#include "pruning/replay.h"

#include <algorithm>
#include <charconv>

#include "pruning/rebuild.h"
#include "pruning/removal.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

size_t find_layer(const Architecture& architecture, const std::string& name) {
  size_t layer = 0;
  while (layer < architecture.blocks.size() && architecture.blocks[layer].name != name) ++layer;
  return layer;
}

// Checks the lines of a ledger one after the other, leaving out what they remove.
class LedgerReader {
 public:
  LedgerReader(const Model& student, const std::string& file, int64_t floor)
      : left_(student.architecture()),
        file_(file),
        floor_(floor),
        plan_{.kept = all_filters(student.architecture()), .removed = {}, .restored = {}} {
    for (const Block& block : student.architecture().blocks) {
      seen_.emplace_back(static_cast<size_t>(block.filters), false);
      lines_.emplace_back();
    }
    parameters_ = count_parameters(left_).total;
  }

  ReplayPlan read(const std::vector<LedgerEntry>& ledger, const Model& student) {
    require(!ledger.empty(), "replay", "{} holds no pruning decision", file_);
    plan_.cuts = ledger.front().cut.has_value();
    for (const LedgerEntry& entry : ledger) {
      require(entry.cut.has_value() == plan_.cuts, "replay",
              "{} mixes the lines of cuts with those of a threshold", file_);
      require(entry.student == ledger.front().student, "replay",
              "{} holds the decisions on more than one student", file_);
    }
    identify(ledger.front().student, student);
    for (const LedgerEntry& entry : ledger) read_line(entry);
    if (!plan_.cuts) check_layers();
    return std::move(plan_);
  }

 private:
  void identify(const StudentIdentity& named, const Model& student) {
    const StudentIdentity given = identity_of(student, named.kind);
    require(given == named, "replay",
            "{} is the ledger of another student: the {} is {}, this one's {}", file_,
            named.kind == StudentIdentity::Kind::kChecksum ? "check sum of its weights"
                                                           : "fingerprint of that one",
            printable(named.digits), printable(given.digits));
    plan_.identified = named.kind;
  }

  void read_line(const LedgerEntry& entry) {
    const size_t layer = find_layer(left_, entry.layer);
    require(layer < left_.blocks.size(), "replay", "{}: the student has no layer {}", file_,
            printable(entry.layer));
    const auto filters = static_cast<int64_t>(seen_[layer].size());
    require(entry.filter >= 0 && entry.filter < filters, "replay",
            "{}: {} of the student has filters 0 to {}, there is no {}", file_, entry.layer,
            filters - 1, entry.filter);
    const auto filter = static_cast<size_t>(entry.filter);
    require(!seen_[layer][filter], "replay", "{} decides on filter {}/{} twice", file_, entry.layer,
            entry.filter);
    seen_[layer][filter] = true;
    lines_[layer].push_back(&entry);
    const bool last = layer + 1 == left_.blocks.size();
    check_words(entry, entry.cut ? kResponseVariance
                       : last    ? kReadoutContribution
                                 : kPointwiseVariance);
    if (entry.removed) remove(layer, entry);
  }

  void check_words(const LedgerEntry& entry, const std::string& criterion) const {
    require(entry.criterion == criterion, "replay",
            "{} contradicts itself: {}/{} was judged by {}, its layer is by '{}'", file_,
            entry.layer, entry.filter, printable(entry.criterion), criterion);
    const std::vector<std::string> reasons =
        entry.cut       ? std::vector<std::string>{kLeastOfCut}
        : entry.removed ? std::vector<std::string>{kEnoughIsLeft}
                        : std::vector<std::string>{kTooLittleIsLeft, kAtFloor, kAboveCut};
    require(std::find(reasons.begin(), reasons.end(), entry.reason) != reasons.end(), "replay",
            "{} contradicts itself: {}/{} {} for the reason {}", file_, entry.layer, entry.filter,
            entry.removed ? "goes" : "stays", printable(entry.reason));
  }

  void remove(size_t layer, const LedgerEntry& entry) {
    const int64_t after = left_.blocks[layer].filters - 1;
    require(after >= floor_, "replay",
            "{}: the removal of {}/{} leaves {} of its filters, at least {} must stay", file_,
            entry.layer, entry.filter, after, floor_);
    left_.blocks[layer].filters = after;
    std::erase(plan_.kept[layer], entry.filter);
    plan_.removed.push_back({entry.layer, entry.filter});
    if (!entry.cut) return;
    const int64_t before = parameters_;
    parameters_ = count_parameters(left_).total;
    require(entry.cut->parameters_before == before && entry.cut->parameters_after == parameters_,
            "replay",
            "{} is of another student: it counts {} and {} parameters before and after the removal "
            "of {}/{}, this one has {} and {}",
            file_, entry.cut->parameters_before, entry.cut->parameters_after, entry.layer,
            entry.filter, before, parameters_);
  }

  // A threshold decides on every filter, and takes them from the smallest score up to a line.
  void check_layers() const {
    for (size_t i = 0; i < lines_.size(); ++i) {
      const std::string& name = left_.blocks[i].name;
      require(lines_[i].size() == seen_[i].size(), "replay",
              "{} is of another student: it decides on {} filters of {}, this one has {}", file_,
              lines_[i].size(), name, seen_[i].size());
      check_line(name, lines_[i]);
    }
  }

  void check_line(const std::string& name, std::vector<const LedgerEntry*> entries) const {
    std::sort(entries.begin(), entries.end(),
              [](const LedgerEntry* a, const LedgerEntry* b) { return a->rank < b->rank; });
    for (size_t rank = 0; rank < entries.size(); ++rank) {
      const LedgerEntry& entry = *entries[rank];
      require(entry.rank == static_cast<int64_t>(rank), "replay",
              "{}: the ranks of {} are not 0 to {}", file_, name, entries.size() - 1);
      const bool line = !entry.removed && (rank == 0 || entries[rank - 1]->removed);
      require(entry.removed || line == (entry.reason != kAboveCut), "replay",
              "{} contradicts itself: {}/{} stays for the reason '{}', it {} the first that does",
              file_, name, entry.filter, entry.reason, line ? "is" : "is not");
      if (!entry.removed) continue;
      require(entry.kept_after >= entry.threshold, "replay",
              "{} contradicts itself: the removal of {}/{} leaves a share of {}, below its "
              "threshold of {}",
              file_, name, entry.filter, entry.kept_after, entry.threshold);
      if (rank == 0) continue;
      const LedgerEntry& before = *entries[rank - 1];
      require(before.removed, "replay",
              "{} contradicts itself: {}/{} goes although {}/{}, of smaller score, stays ({})",
              file_, name, entry.filter, name, before.filter, before.reason);
    }
  }

  Architecture left_;  // after the removals so far
  const std::string& file_;
  int64_t floor_;
  int64_t parameters_ = 0;
  std::vector<std::vector<bool>> seen_;
  std::vector<std::vector<const LedgerEntry*>> lines_;  // by layer
  ReplayPlan plan_;
};

}  // namespace

FilterName filter_name_of(const std::string& text) {
  const size_t slash = text.rfind('/');
  FilterName name;
  bool good = slash != std::string::npos && slash > 0;
  if (good) {
    name.layer = text.substr(0, slash);
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, name.filter);
    good = error == std::errc() && stop == end && name.filter >= 0;
  }
  if (!good) {
    fail(ErrorKind::kUsage, "replay", "wanted a filter such as layer3/17, got '{}'", text);
  }
  return name;
}

std::string text_of(const FilterName& name) {
  return fmt::format("{}/{}", name.layer, name.filter);
}

ReplayPlan plan_replay(const Model& student, const std::vector<LedgerEntry>& ledger,
                       const std::string& file, int64_t floor) {
  require_prunable(student.architecture());
  require(floor >= 1, "replay", "wanted a floor of at least 1 filter, got {}", floor);
  return LedgerReader(student, file, floor).read(ledger, student);
}

void restore(ReplayPlan& plan, const Architecture& student, const FilterName& name) {
  const auto found = std::find(plan.removed.begin(), plan.removed.end(), name);
  if (found == plan.removed.end()) {
    const size_t layer = find_layer(student, name.layer);
    if (layer == student.blocks.size() || name.filter >= student.blocks[layer].filters) {
      fail(ErrorKind::kUsage, "replay", "the student has no filter {}", text_of(name));
    }
    fail(ErrorKind::kUsage, "replay",
         "wanted a filter that was removed, for example {}, but {} was not",
         plan.removed.empty() ? "none" : text_of(plan.removed.front()), text_of(name));
  }
  plan.removed.erase(found);
  plan.restored.push_back(name);
  std::vector<int64_t>& kept = plan.kept[find_layer(student, name.layer)];
  kept.insert(std::lower_bound(kept.begin(), kept.end(), name.filter), name.filter);
}

Model replay(const Model& student, const ReplayPlan& plan) {
  Model model = keep_everywhere(student, plan.kept).clone();
  model.metadata = student.metadata;
  model.metadata["stage"] = "pruned";
  if (plan.cuts || !plan.restored.empty()) {
    nlohmann::json restored = nlohmann::json::array();
    for (const FilterName& name : plan.restored) restored.push_back(text_of(name));
    model.metadata["replay"] = {{"restored", restored}, {"values", "of the student"}};
  }
  return model;
}

}  // namespace secateur
