#include "report/circuit_boxes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "report/circuit_pictures.h"
#include "report/markup.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

constexpr double kInset = 3;          // of pictures in a box
constexpr double kStimulusSide = 92;  // side of the pictures about the response
constexpr const char* kMinus = "\u2212";
constexpr const char* kStar = "\u2605";

std::string with_minus(std::string number) {
  if (number.starts_with('-')) number.replace(0, 1, kMinus);
  return number;
}

std::string three_digits(double value) {
  return std::isfinite(value) ? with_minus(fmt::format("{:.3g}", value)) : kDash;
}

const char* sign_of(const AblationLoss& loss) { return loss.mean_change >= 0 ? "+" : kMinus; }
const char* class_of(const AblationLoss& loss) {
  return loss.mean_change >= 0 ? "excites" : "inhibits";
}

std::string loss_hint(const AblationLoss& loss) {
  return fmt::format(
      "by ablation {}; without it {} of the variance is missing and {} is not explained by what "
      "is left; mean change {}",
      circuit_percent(loss.share), circuit_percent(loss.variance_missing),
      circuit_percent(loss.variance_unexplained), three_digits(loss.mean_change));
}

std::string filter_hint(const CircuitStudy& study, size_t layer, int64_t filter) {
  const CircuitFilter& one = study.circuit.filters[study.at(layer, filter)];
  const std::string group = group_name(study.layers[layer].groups, filter);
  return fmt::format("{} filter {}{}: {}; share along the weights {}, {}",
                     study.circuit.layers[layer], filter,
                     group.empty() ? "" : fmt::format(" of group {}", group),
                     one.ablated.mean_change >= 0 ? "excites" : "inhibits",
                     circuit_percent(one.share), loss_hint(one.ablated));
}

std::string part_hint(const CircuitStudy& study, const CircuitPart& part) {
  if (part.set.filters.size() == 1) {
    return filter_hint(study, part.set.layer, part.set.filters.front()) +
           fmt::format("; of the response to the preferred stimulus it carries {}",
                       circuit_percent(part.stimulus));
  }
  return fmt::format(
      "{} {}, filters {}: {} together; share along the weights {}, {}; of the response to the "
      "preferred stimulus they carry {}",
      study.circuit.layers[part.set.layer], part.name, fmt::join(part.set.filters, ", "),
      part.ablated.mean_change >= 0 ? "excite" : "inhibit", circuit_percent(part.share),
      loss_hint(part.ablated), circuit_percent(part.stimulus));
}

// Of the kernels of the first layer, but for the strongest of them.
double first_layer_scale(const CircuitStudy& study) {
  constexpr double kScaledKernels = 0.9;
  std::vector<double> largest;
  for (const FilterPictures& one : study.pictures) {
    if (!one.kernel.empty()) largest.push_back(largest_weight(one.kernel));
  }
  return largest.empty() ? 0 : quantile_of(largest, kScaledKernels);
}

std::string nothing_svg(double x, double y, double side, const std::string& hint) {
  return fmt::format(
      "<rect class=\"box\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.0f}\" height=\"{:.0f}\"><title>"
      "{}</title></rect>\n",
      x, y, side, side, escaped(hint));
}

std::string patch_svg(const PreferredPatch& patch, double x, double y, double side,
                      const std::string& hint) {
  if (!(patch.value > 0)) return nothing_svg(x, y, side, hint + ". It is silent for all images");
  return circuit_image(patch.pixels, x, y, side,
                       fmt::format("{}. What drives it most: {} px of image {}, from row {}, "
                                   "column {} on; value {}",
                                   hint, patch.pixels.dim(1), patch.image, patch.top, patch.left,
                                   three_digits(patch.value)));
}

// The pictures of a filter from left to right.
std::string pictures_svg(const CircuitStudy& study, const CircuitBox& box, int64_t filter) {
  const size_t layer = box.part->set.layer;
  const FilterPictures& one = study.pictures[study.at(layer, filter)];
  const std::string hint = filter_hint(study, layer, filter);
  double x = box.x + kInset;
  const double y = box.y + kInset;
  const auto next = [&] {
    const double at = x;
    x += kCircuitPicture + kCircuitGap;
    return at;
  };
  std::string out;
  if (!one.kernel.empty()) {
    out += circuit_weights(one.kernel, first_layer_scale(study), next(), y, kCircuitPicture,
                           hint + ". Its kernel");
  }
  out += patch_svg(one.patch, next(), y, kCircuitPicture, hint);
  if (layer + 1 == study.layers.size()) {
    const Tensor& map = study.circuit.readout_maps[static_cast<size_t>(filter)];
    return out + circuit_weights(map, largest_weight(map), next(), y, kCircuitPicture,
                                 hint + ". Its readout map");
  }
  if (one.read_through.empty()) return out;
  return out + circuit_weights(one.read_through, largest_weight(one.read_through), next(), y,
                               kCircuitPicture,
                               hint + ". The kernel through which the next layer sees its map");
}

// The first layer's kernels, the patches of others.
std::string thumbs_svg(const CircuitStudy& study, const CircuitBox& box, size_t from, double y) {
  const size_t layer = box.part->set.layer;
  const double in_a_row = std::floor((box.width - 2 * kInset) / (kCircuitThumb + 1));
  const double scale = first_layer_scale(study);
  std::string out;
  for (size_t i = from; i < box.part->set.filters.size(); ++i) {
    const int64_t filter = box.part->set.filters[i];
    const FilterPictures& one = study.pictures[study.at(layer, filter)];
    const auto at = static_cast<double>(i - from);
    const double row = std::floor(at / in_a_row);
    const double px = box.x + kInset + (at - row * in_a_row) * (kCircuitThumb + 1);
    const double py = y + row * (kCircuitThumb + 1);
    const std::string hint = filter_hint(study, layer, filter);
    if (!one.kernel.empty()) {
      out += circuit_weights(one.kernel, scale, px, py, kCircuitThumb, hint);
    } else {
      out += patch_svg(one.patch, px, py, kCircuitThumb, hint);
    }
  }
  return out;
}

std::string short_name(const CircuitStudy& study, const CircuitPart& part) {
  if (part.set.filters.size() == 1) return fmt::format("{}", part.set.filters.front());
  return fmt::format("{}\u00d7{}",
                     group_name(study.layers[part.set.layer].groups, part.set.filters.front()),
                     part.set.filters.size());
}

std::string frame_svg(const CircuitBox& box, const std::string& kind, const std::string& hint) {
  return fmt::format(
      "<rect class=\"box {}\" rx=\"4\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
      "height=\"{:.1f}\"><title>{}</title></rect>\n",
      kind, box.x, box.y, box.width, box.height, escaped(hint));
}

std::string others_svg(const CircuitStudy& study, const CircuitBox& box) {
  const CircuitPart& part = *box.part;
  return frame_svg(box, "", part_hint(study, part)) +
         circuit_text(box.x + kInset + 2, box.y + 16, part.name, "name") +
         circuit_text(box.x + kInset + 2, box.y + 33,
                      fmt::format("w {} a {}", circuit_percent(part.share),
                                  circuit_percent(part.ablated.share)),
                      "") +
         thumbs_svg(study, box, 0, box.y + 38);
}

std::string part_svg(const CircuitStudy& study, const CircuitBox& box) {
  const CircuitPart& part = *box.part;
  const double words = box.x + box.width - kCircuitWords + 2;
  const std::string hint = part_hint(study, part);
  const bool starred = study.preferred.clear && part.stimulus >= kMuchOfStimulus;
  return frame_svg(box, class_of(part.ablated), hint) +
         pictures_svg(study, box, part.set.filters.front()) +
         thumbs_svg(study, box, 1, box.y + kInset + kCircuitPicture + 2) +
         fmt::format("<g><title>{}</title>", escaped(hint)) +
         circuit_text(words, box.y + 15,
                      fmt::format("{} {}", short_name(study, part), sign_of(part.ablated)),
                      "name") +
         circuit_text(words, box.y + 30, "w " + circuit_percent(part.share), "") +
         circuit_text(box.x + box.width - 4, box.y + 15, starred ? kStar : "", "name", "end") +
         circuit_text(words, box.y + 45, "a " + circuit_percent(part.ablated.share), "") + "</g>\n";
}

// Behind the boxes of single filters that are one group.
std::string groups_svg(const CircuitStudy& study, const CircuitLayout& layout) {
  std::string out;
  for (const CircuitLayer& layer : study.layers) {
    for (const AblatedFilters& group : layer.groups.groups) {
      if (group.set.filters.size() < 2) continue;
      double top = 1e9, bottom = -1, x = 0, width = 0;
      for (const CircuitBox& box : layout.boxes) {
        if (box.part == nullptr || box.part->set.layer != group.set.layer) continue;
        if (box.part->set.filters.size() > 1) continue;
        if (std::ranges::count(group.set.filters, box.part->set.filters.front()) == 0) continue;
        top = std::min(top, box.y), bottom = std::max(bottom, box.y + box.height);
        x = box.x, width = box.width;
      }
      if (bottom < 0) continue;
      out += fmt::format(
          "<rect class=\"group\" rx=\"6\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
          "height=\"{:.1f}\"><title>group {}, filters {}: {} together; {}</title></rect>\n",
          x - 5, top - 4, width + 10, bottom - top + 8,
          group_name(layer.groups, group.set.filters.front()), fmt::join(group.set.filters, ", "),
          group.loss.mean_change >= 0 ? "excite" : "inhibit", escaped(loss_hint(group.loss)));
    }
  }
  return out;
}

// The response, above it what the model prefers, below it the best and the worst image.
std::string response_svg(const CircuitStudy& study, const CircuitBox& box) {
  const double middle = box.x + box.width / 2, left = middle - kStimulusSide / 2;
  const auto line = [&](double y, const std::string& text, const char* kind) {
    return circuit_text(middle, y, text, kind, "middle");
  };
  const double above = box.y - kStimulusSide - 56, below = box.y + box.height + 14;
  std::string out =
      frame_svg(box, "", "the response, of the images") + line(box.y + 18, "response", "name") +
      line(box.y + 34, "mean " + three_digits(study.circuit.mean_response), "") +
      line(box.y + 50, "SD " + three_digits(std::sqrt(variance_of(study.intact, 0))), "");
  out += circuit_image(study.preferred.pixels, left, above, kStimulusSide, study.preferred.text) +
         line(above - 24, study.preferred.clear ? "prefers" : "best stimulus,", "name") +
         line(above - 8, study.preferred.clear ? "" : "not clear", "name") +
         line(above + kStimulusSide + 16, "gives " + three_digits(study.preferred.response), "");
  const auto [least, most] = std::ranges::minmax_element(study.intact);
  const double half = kStimulusSide - 30;
  out +=
      circuit_image(study.best, left - 14, below + 34, half, "the image of the largest response") +
      circuit_image(study.worst, left + half - 8, below + 34, half,
                    "the image of the smallest response");
  return out + line(below + 12, "best and worst", "name") +
         line(below + 27, fmt::format("of {} images", study.intact.size()), "name") +
         circuit_text(left - 14 + half / 2, below + 50 + half, three_digits(*most), "", "middle") +
         circuit_text(left + 1.5 * half - 8, below + 50 + half, three_digits(*least), "", "middle");
}

}  // namespace

std::string circuit_percent(double part, int digits) {
  if (!std::isfinite(part)) return kDash;
  const double tens = std::pow(10.0, digits);
  const double rounded = std::round(100 * part * tens) / tens + 0.0;
  return with_minus(fmt::format("{:.{}f}", rounded, digits)) + " %";
}

std::string circuit_text(double x, double y, const std::string& text, const std::string& kind,
                         const char* anchor) {
  if (text.empty()) return "";
  return fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n",
                     kind, x, y, anchor, escaped(text));
}

std::string circuit_boxes(const CircuitStudy& study, const CircuitLayout& layout) {
  std::string out = groups_svg(study, layout);
  for (const CircuitBox& box : layout.boxes) {
    out += box.part == nullptr ? response_svg(study, box)
           : box.others        ? others_svg(study, box)
                               : part_svg(study, box);
  }
  return out;
}

}  // namespace secateur
