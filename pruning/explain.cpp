#include "pruning/explain.h"

#include <fmt/format.h>

#include <algorithm>

namespace secateur {
namespace {

using Lines = std::vector<const LedgerEntry*>;

constexpr auto kThresholdText =
    "Filters leave one layer at a time, in the order of this text. Each is scored on images; those "
    "with\n"
    "the smallest scores go first, for as long as the share of what matters that is left stays at "
    "the\n"
    "threshold or above. What a filter gave is not made up for. A later layer of this text is "
    "scored\n"
    "in the network from which the filters of the layers before it are gone.\n";

constexpr auto kReadoutText =
    "  score: standard deviation over images of what the filter adds to the response.\n"
    "  share: squared correlation of the response with the teacher's, without this filter "
    "and\n"
    "         those that went before it, divided by that of all filters. It rises, above 1 even, "
    "when\n"
    "         a filter goes that brought the response away from the teacher's.\n";

constexpr auto kVarianceText =
    "  score: variance over images of the depthwise output behind the filter, summed over pixels, "
    "times\n"
    "         the sum of the squared pointwise weights that read it.\n"
    "  share: centred sum of squares of the pointwise output, without this filter and those that "
    "went\n"
    "         before it, divided by that of all filters. Filters that vary together count "
    "together: "
    "the\n"
    "         share is not a sum of the scores. Where filters cancel each other it rises when one "
    "goes,"
    "\n"
    "         and can be above 1.\n";

constexpr auto kCutText =
    "Filters leave in small cuts, from all layers at once, and the network is tuned after each. "
    "Put "
    "a\n"
    "gate on a filter: at 1, the response to an image changes with the gate by the sum over pixels "
    "of\n"
    "activation times d response / d activation, the part of the response that rests on the "
    "filter. "
    "The\n"
    "score is the variance of that over images: what is the same for every image costs nothing. "
    "The "
    "cost\n"
    "of a filter is the parameters that would leave with it at the start of the cut; within a cut, "
    "as\n"
    "others go, fewer may leave. The least score per parameter goes first, but no filter of a "
    "layer "
    "at\n"
    "the floor, the fewest a layer keeps: its last filter is always spared. Each cut measures all\n"
    "scores anew, in the tuned network, so scores of different cuts are of different networks.\n";

std::string numbers(const std::vector<int64_t>& values) {
  return fmt::format("[{}]", fmt::join(values, ", "));
}

std::string threshold_row(const LedgerEntry& e) {
  const std::string begin = fmt::format("  {:>4}  {:>6}  {:>12.6g}", e.rank, e.filter, e.score);
  // A filter beyond the line, or at the floor, was not tried: its share was never computed.
  if (e.kept_after == e.kept_before && !e.removed) {
    return fmt::format("{}  {:>19}  stays: {}\n", begin, "not tried", e.reason);
  }
  return fmt::format("{}  {:.6f} > {:.6f}  {}: {}\n", begin, e.kept_before, e.kept_after,
                     e.removed ? "goes" : "stays", e.reason);
}

std::string line_text(const LedgerEntry& e) {
  if (e.kept_after == e.kept_before) return fmt::format("  ------ the line: {}\n", e.reason);
  return fmt::format(
      "  ------ the line: without filter {} a share of {:.6f} would be left, less than {:g}\n",
      e.filter, e.kept_after, e.threshold);
}

std::string layer_text(const Block& block, Lines lines, bool last,
                       const std::vector<int64_t>& kept) {
  std::stable_sort(lines.begin(), lines.end(),
                   [](const LedgerEntry* a, const LedgerEntry* b) { return a->rank < b->rank; });
  std::string text =
      fmt::format("\n{}: {} filters, read by {}; a share of at least {:g} must stay\n{}",
                  block.name, block.filters, last ? "the readout" : "the next layer",
                  lines.front()->threshold, last ? kReadoutText : kVarianceText);
  text += fmt::format("  {:>4}  {:>6}  {:>12}  {:>19}\n", "rank", "filter", "score",
                      "share left before > after");
  bool drawn = false;
  for (const LedgerEntry* entry : lines) {
    if (!entry->removed && !drawn) text += line_text(*entry);
    drawn = drawn || !entry->removed;
    text += threshold_row(*entry);
  }
  return text +
         fmt::format("  {} of {} filters stay: {}\n", kept.size(), block.filters, numbers(kept));
}

std::string threshold_text(const Architecture& student, const std::vector<LedgerEntry>& ledger,
                           const ReplayPlan& plan) {
  std::string text = kThresholdText;
  std::vector<std::string> order;  // of layers, as they were pruned
  for (const LedgerEntry& entry : ledger) {
    if (std::find(order.begin(), order.end(), entry.layer) == order.end()) {
      order.push_back(entry.layer);
    }
  }
  for (const std::string& name : order) {
    Lines lines;
    for (const LedgerEntry& entry : ledger) {
      if (entry.layer == name) lines.push_back(&entry);
    }
    for (size_t i = 0; i < student.blocks.size(); ++i) {
      if (student.blocks[i].name != name) continue;
      text += layer_text(student.blocks[i], lines, i + 1 == student.blocks.size(), plan.kept[i]);
    }
  }
  return text;
}

std::string cut_row(const FilterName& name, int64_t rank, double score, int64_t cost,
                    const std::string& left) {
  return fmt::format("  {:>4}  {:<12}  {:>12.6g}  {:>6}  {:>12.6g}  {:>10}\n", rank, text_of(name),
                     score, cost, score / static_cast<double>(cost), left);
}

// Ranks below the last that went, or below the first that stayed and could have gone, that did not
// go.
std::string passed_over(const Lines& lines) {
  std::vector<int64_t> ranks;
  int64_t rank = 0;
  for (const LedgerEntry* entry : lines) {
    for (; rank < entry->rank; ++rank) ranks.push_back(rank);
    rank = entry->rank + 1;
  }
  const auto& next = lines.back()->cut->next;
  for (; next && rank < next->rank; ++rank) ranks.push_back(rank);
  if (ranks.empty()) return "";
  return fmt::format("  passed over, their layers being at the floor: the filters of rank {}\n",
                     fmt::join(ranks, ", "));
}

std::string cut_text(const Lines& lines) {
  const CutRecord& last = *lines.back()->cut;
  std::string text =
      fmt::format("\ncut {}: {} filters go, {} parameters become {}\n", last.cut, lines.size(),
                  lines.front()->cut->parameters_before, last.parameters_after);
  text += fmt::format("  {:>4}  {:<12}  {:>12}  {:>6}  {:>12}  {:>10}\n", "rank", "filter", "score",
                      "cost", "score / cost", "parameters");
  for (const LedgerEntry* e : lines) {
    text += cut_row({e->layer, e->filter}, e->rank, e->score, e->cut->cost,
                    std::to_string(e->cut->parameters_after));
  }
  text += passed_over(lines);
  if (!last.next) {
    return text + "  the ledger names no filter that would have been next\n";
  }
  const NextInLine& n = *last.next;
  const bool skips = n.rank > lines.back()->rank + 1;
  return text +
         fmt::format("  ------ the line: the first that stayed{}\n",
                     skips ? ", but for those passed over" : "") +
         cut_row({n.layer, n.filter}, n.rank, n.score, n.cost, "");
}

std::string cuts_text(const std::vector<LedgerEntry>& ledger) {
  std::string text = kCutText;
  for (size_t begin = 0; begin < ledger.size();) {
    Lines lines;
    const int64_t cut = ledger[begin].cut->cut;
    for (; begin < ledger.size() && ledger[begin].cut->cut == cut; ++begin) {
      lines.push_back(&ledger[begin]);
    }
    text += cut_text(lines);
  }
  return text;
}

}  // namespace

std::string explain(const Architecture& student, const std::vector<LedgerEntry>& ledger,
                    const ReplayPlan& plan) {
  std::string text = plan.cuts ? cuts_text(ledger) : threshold_text(student, ledger, plan);
  text += "\n";
  for (size_t i = 0; i < student.blocks.size(); ++i) {
    text += fmt::format("{}: {} of {} filters stay\n", student.blocks[i].name, plan.kept[i].size(),
                        student.blocks[i].filters);
  }
  for (const FilterName& name : plan.restored) {
    text += fmt::format("put back by hand: {}\n", text_of(name));
  }
  return text;
}

}  // namespace secateur
