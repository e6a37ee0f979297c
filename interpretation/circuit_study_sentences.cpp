#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "interpretation/circuit_study.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

constexpr size_t kMostNamed = 4;      // filters or parts in one sentence
constexpr size_t kMostListed = 6;     // filters of a group
constexpr double kAgrees = 0.8;       // a correlation of shares with those by ablation
constexpr double kNamedLoss = 0.005;  // of the variance, unexplained

std::string percent(double part) { return fmt::format("{:.0f} %", 100 * part + 0.0); }

// Parts of a layer, those first for which `key` is largest.
template <class Key>
std::vector<const CircuitPart*> ranked(const CircuitLayer& layer, const Key& key) {
  std::vector<const CircuitPart*> parts;
  for (const CircuitPart& part : layer.parts) parts.push_back(&part);
  std::ranges::stable_sort(parts, [&](const auto* a, const auto* b) { return key(*a) > key(*b); });
  return parts;
}

std::string images_sentence(const CircuitStudy& study, double deviation) {
  const auto silent = std::ranges::count_if(
      study.pictures, [](const FilterPictures& one) { return !(one.patch.value > 0); });
  const int64_t shown = std::ssize(study.intact);
  const std::string over = study.available > shown
                               ? fmt::format("the first {} of {}", fmt::group_digits(shown),
                                             fmt::group_digits(study.available))
                               : fmt::format("{}", fmt::group_digits(shown));
  std::string text = fmt::format(
      "Over {} {} the model's response is {:.3g} in the mean with a standard deviation of {:.3g}; "
      "all shares are of its variance over them. This is about the model, not about the neuron.",
      over, study.source, mean_of(study.intact), deviation);
  if (silent > 0) {
    text += fmt::format(" {} of its {} filters are silent for all of them.", silent,
                        study.pictures.size());
  }
  return text;
}

std::string preference_sentence(const CircuitStudy& study) {
  const ReferenceResponses& reference = study.tuning.reference;
  if (!(reference.deviation > 0)) {
    return "It answers all simulated pictures alike, so nothing can be said of what it prefers.";
  }
  const std::string scale =
      fmt::format("{:+.1f} standard deviations from the mean response to {} simulated pictures",
                  study.preferred.z, reference.pictures);
  if (!study.preferred.clear) {
    return fmt::format(
        "It has no clear preference among artificial stimuli; the best, {}, gives "
        "{}.",
        study.preferred.text, scale);
  }
  return fmt::format(
      "Of artificial stimuli it prefers {}, which gives {}; the empty ground gives "
      "{:+.1f}.",
      study.preferred.text, scale, z_of(study.tuning, study.tuning.blank));
}

// Which filters make that response: those without which most of it is lost, in each narrow layer.
std::string stimulus_sentence(const CircuitStudy& study) {
  if (!study.preferred.clear) return "";
  std::vector<std::string> said;
  for (size_t layer = study.layers.size(); layer-- > 0;) {
    const auto parts =
        ranked(study.layers[layer], [](const CircuitPart& part) { return part.stimulus; });
    std::vector<std::string> some;
    for (const CircuitPart* part : parts) {
      if (part->stimulus < kMuchOfStimulus || some.size() == 3) break;
      some.push_back(fmt::format("{} ({})", part->name, percent(part->stimulus)));
    }
    if (!some.empty()) {
      said.push_back(fmt::format("{} {}", study.circuit.layers[layer], fmt::join(some, ", ")));
    }
  }
  if (said.empty()) {
    return fmt::format(
        "No part alone makes that response: without any one of them, less than {} "
        "of it is lost.",
        percent(kMuchOfStimulus));
  }
  return fmt::format(
      "These filters make it prefer that; in brackets what of the response to it, above that to "
      "the "
      "empty ground, is lost when they alone see the empty ground: {}.",
      fmt::join(said, "; "));
}

// "filters 10 (+0.18), 1 (+0.29) excite"
std::string signed_words(const std::vector<const CircuitFilter*>& filters, const char* one,
                         const char* more) {
  std::vector<std::string> words;
  for (const CircuitFilter* filter : filters) {
    if (words.size() == kMostNamed) break;
    words.push_back(fmt::format("{} ({:+.2g})", filter->filter, filter->ablated.mean_change));
  }
  const size_t unnamed = filters.size() - words.size();
  return fmt::format(
      "{} {}{} {}", filters.size() == 1 ? "filter" : "filters", fmt::join(words, ", "),
      unnamed > 0 ? fmt::format(" and {} more", unnamed) : "", filters.size() == 1 ? one : more);
}

// Of the last layer: what each filter adds to the mean response.
std::string readout_sentence(const CircuitStudy& study) {
  const auto size = [](const CircuitFilter* one) { return std::abs(one->ablated.mean_change); };
  std::vector<const CircuitFilter*> excite, inhibit;
  for (const CircuitFilter& one : study.circuit.filters) {
    if (one.layer + 1 < study.layers.size() || size(&one) <= study.rounding) continue;
    (one.ablated.mean_change > 0 ? excite : inhibit).push_back(&one);
  }
  if (excite.empty() && inhibit.empty()) return "";
  for (auto* filters : {&excite, &inhibit}) {
    std::ranges::stable_sort(*filters, [&](auto* a, auto* b) { return size(a) > size(b); });
  }
  std::string text = fmt::format("Read out from {}: ", study.circuit.layers.back());
  if (!excite.empty()) text += signed_words(excite, "excites", "excite");
  if (!excite.empty() && !inhibit.empty()) text += "; ";
  if (!inhibit.empty()) text += signed_words(inhibit, "inhibits", "inhibit");
  return text + "; in brackets what each adds to the mean response.";
}

// Of the narrowest layer, the first of equals.
std::string narrow_words(const CircuitStudy& study, size_t layer) {
  std::vector<size_t> counts(study.layers.size());
  for (const CircuitFilter& one : study.circuit.filters) ++counts[one.layer];
  const auto least = std::ranges::min_element(counts);
  if (least - counts.begin() != static_cast<std::ptrdiff_t>(layer) || counts.size() < 2) return "";
  return fmt::format(" (all that the model knows of an image passes through {} filter{})", *least,
                     *least == 1 ? "" : "s");
}

// "group A (filters 3, 7, 8)", "filter 1"
std::string group_words(const FilterGroups& groups, const AblatedFilters& group) {
  const std::vector<int64_t>& filters = group.set.filters;
  if (filters.size() == 1) return fmt::format("filter {}", filters.front());
  const std::string name = group_name(groups, filters.front());
  if (filters.size() > kMostListed)
    return fmt::format("group {} of {} filters", name, filters.size());
  return fmt::format("group {} (filters {})", name, fmt::join(filters, ", "));
}

// Filters of a group that alone move the mean the other way; empty where there are none.
std::string against_words(const CircuitStudy& study, const AblatedFilters& group) {
  std::vector<int64_t> filters;
  for (const int64_t filter : group.set.filters) {
    const CircuitFilter& one = study.circuit.filters[study.at(group.set.layer, filter)];
    if (std::abs(one.ablated.mean_change) <= study.rounding) continue;
    if (one.ablated.mean_change * group.loss.mean_change < 0) filters.push_back(filter);
  }
  if (filters.empty()) return "";
  if (filters.size() == group.set.filters.size()) return " (though each alone does the opposite)";
  return fmt::format(" (alone {} {} the opposite)", fmt::join(filters, ", "),
                     filters.size() == 1 ? "does" : "do");
}

// What is lost without the groups of a layer that matter most, and without the others together.
std::string layer_sentence(const CircuitStudy& study, size_t layer) {
  const FilterGroups& groups = study.layers[layer].groups;
  if (groups.groups.empty()) return "";
  const AblatedFilters& first = groups.groups.front();
  const bool one = first.set.filters.size() == 1, excites = first.loss.mean_change >= 0;
  const double moved = std::abs(first.loss.mean_change);
  std::string text = fmt::format("{} {} ", study.circuit.layers[layer], group_words(groups, first));
  if (moved <= study.rounding) {
    text += fmt::format(
        "{} the response from image to image and not its mean: {} of its variance "
        "is not explained by what is left",
        one ? "moves" : "move", percent(first.loss.variance_unexplained));
  } else {
    text += fmt::format(
        "{}{}: without {} the mean response {} by {:.3g} and {} of its variance is not explained "
        "by what is left",
        excites ? (one ? "excites" : "excite") : (one ? "inhibits" : "inhibit"),
        against_words(study, first), one ? "it" : "them", excites ? "falls" : "rises", moved,
        percent(first.loss.variance_unexplained));
  }
  for (size_t g = 1; g < std::min<size_t>(3, groups.groups.size()); ++g) {
    const AblatedFilters& next = groups.groups[g];
    if (next.loss.variance_unexplained < kNamedLoss) break;
    text += fmt::format("; without {}: {}", group_words(groups, next),
                        percent(next.loss.variance_unexplained));
  }
  if (study.layers[layer].others) {
    const CircuitPart& others = *study.layers[layer].others;
    text += fmt::format("; without the {} that are not drawn large: {}", others.name,
                        percent(others.ablated.variance_unexplained));
  }
  return text + narrow_words(study, layer) + ".";
}

std::string agreement_sentence(const CircuitStudy& study) {
  std::vector<std::string> good, bad;
  for (size_t layer = 0; layer < study.layers.size(); ++layer) {
    const auto& agreement = study.circuit.agreement[layer];
    if (!agreement) continue;
    (*agreement >= kAgrees ? good : bad)
        .push_back(fmt::format("{} ({:.2f})", study.circuit.layers[layer], *agreement));
  }
  if (good.empty() && bad.empty()) return "";
  const auto apart = [](const CircuitFilter& one) {
    return std::abs(one.share - one.ablated.share);
  };
  const CircuitFilter& most = *std::ranges::max_element(study.circuit.filters, {}, apart);
  std::string text = "Shares along the weights and by ablation ";
  if (!good.empty()) text += fmt::format("agree in {}", fmt::join(good, ", "));
  if (!good.empty() && !bad.empty()) text += " and ";
  if (!bad.empty())
    text += fmt::format("do not in {}: believe ablation there", fmt::join(bad, ", "));
  return text + fmt::format(
                    " (correlation over filters; 1 in the last layer by their formulas). Farthest "
                    "apart are those of {} filter {}: {} and {}.",
                    study.circuit.layers[most.layer], most.filter, percent(most.share),
                    percent(most.ablated.share));
}

}  // namespace

std::vector<std::string> study_sentences(const CircuitStudy& study) {
  const double deviation = std::sqrt(variance_of(study.intact, 0));
  std::vector<std::string> said = {images_sentence(study, deviation), preference_sentence(study)};
  if (!varies(study)) {
    said.emplace_back(
        "The response is the same for all of these images, up to rounding: there is no variance "
        "to share, and no line is drawn.");
    return said;
  }
  said.push_back(stimulus_sentence(study));
  said.push_back(readout_sentence(study));
  for (size_t layer = study.layers.size(); layer-- > 0;) {
    said.push_back(layer_sentence(study, layer));
  }
  said.push_back(agreement_sentence(study));
  std::erase(said, "");
  return said;
}

}  // namespace secateur
