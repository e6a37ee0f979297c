#include "report/circuit_layout.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

namespace secateur {
namespace {

constexpr double kPageWidth = 1240;  // with the margins of the page 1280
constexpr double kLeastGap = 52, kMostGap = 190;
constexpr double kBoxPadding = 3, kBetweenBoxes = 8;
constexpr double kOthersTitle = 36;
constexpr double kLineScale = 30;  // pixels for all of the variance
constexpr double kThinnest = 1;
constexpr double kResponseHeight = 58;
constexpr double kResponseColumn = 470;  // with the pictures that stand above and below it

int64_t large_pictures(const CircuitStudy& study, size_t layer) {
  return study.pictures[study.at(layer, 0)].kernel.empty() ? 2 : 3;
}

double box_width(int64_t pictures) {
  return static_cast<double>(pictures) * (kCircuitPicture + kCircuitGap) + kCircuitWords +
         2 * kBoxPadding;
}

double rows_of_thumbs(size_t thumbs, double width) {
  const double in_a_row = std::floor((width - 2 * kBoxPadding) / (kCircuitThumb + 1));
  return std::ceil(static_cast<double>(thumbs) / in_a_row);
}

double box_height(const CircuitBox& box) {
  const size_t filters = box.part->set.filters.size();
  if (box.others) {
    return kOthersTitle + 2 * kBoxPadding +
           rows_of_thumbs(filters, box.width) * (kCircuitThumb + 1);
  }
  return kCircuitPicture + 2 * kBoxPadding +
         rows_of_thumbs(filters - 1, box.width) * (kCircuitThumb + 1) + (filters > 1 ? 2 : 0);
}

std::vector<CircuitBox> boxes_of(const CircuitStudy& study, size_t layer) {
  std::vector<CircuitBox> boxes;
  const CircuitLayer& parts = study.layers[layer];
  for (const CircuitPart& part : parts.parts) boxes.push_back({.part = &part});
  if (parts.others) boxes.push_back({.part = &*parts.others, .others = true});
  for (CircuitBox& box : boxes) {
    box.pictures = large_pictures(study, layer);
    box.width = box_width(box.pictures);
    box.height = box_height(box);
  }
  return boxes;
}

double total_height(const std::vector<CircuitBox>& boxes) {
  double height = 0;
  for (const CircuitBox& box : boxes) height += box.height + kBetweenBoxes;
  return height;
}

// Whether two boxes hold filters of one group.
bool in_one_group(const CircuitStudy& study, const CircuitBox& a, const CircuitBox& b) {
  const FilterGroups& groups = study.layers[a.part->set.layer].groups;
  const std::string name = group_name(groups, a.part->set.filters.front());
  return !name.empty() && name == group_name(groups, b.part->set.filters.front());
}

// A column of boxes, spread over the height; a group stays together.
void place(const CircuitStudy& study, std::span<CircuitBox> boxes, double height) {
  double gaps = 1, used = 0;
  for (size_t i = 0; i < boxes.size(); ++i) {
    used += boxes[i].height + kBetweenBoxes;
    gaps += i > 0 && !in_one_group(study, boxes[i - 1], boxes[i]) ? 1 : 0;
  }
  const double room = std::max(0.0, height - used) / gaps;
  double y = kCircuitTop + room / 2;
  for (size_t i = 0; i < boxes.size(); ++i) {
    if (i > 0 && !in_one_group(study, boxes[i - 1], boxes[i])) y += room;
    boxes[i].y = y;
    y += boxes[i].height + kBetweenBoxes;
  }
}

// The box of every filter, [layer][filter].
std::vector<std::vector<size_t>> boxes_by_filter(const CircuitStudy& study,
                                                 const std::vector<CircuitBox>& boxes) {
  std::vector<std::vector<size_t>> found(study.layers.size());
  for (const CircuitFilter& one : study.circuit.filters) found[one.layer].push_back(0);
  for (size_t b = 0; b < boxes.size(); ++b) {
    if (boxes[b].part == nullptr) continue;
    for (const int64_t filter : boxes[b].part->set.filters) {
      found[boxes[b].part->set.layer][static_cast<size_t>(filter)] = b;
    }
  }
  return found;
}

std::vector<CircuitLine> lines_of(const CircuitStudy& study, const std::vector<CircuitBox>& boxes) {
  const auto by_filter = boxes_by_filter(study, boxes);
  std::vector<std::vector<CircuitLine>> all(boxes.size(), std::vector<CircuitLine>(boxes.size()));
  for (const CircuitEdge& edge : study.circuit.edges) {
    const bool last = edge.layer + 1 == study.layers.size();
    const size_t from = by_filter[edge.layer][static_cast<size_t>(edge.from)];
    const size_t to =
        last ? boxes.size() - 1 : by_filter[edge.layer + 1][static_cast<size_t>(edge.to)];
    const double onwards =
        last ? 1 : study.circuit.filters[study.at(edge.layer + 1, edge.to)].share;
    const double share = finite_or_0(edge.share * onwards);
    CircuitLine& line = all[from][to];
    line.from = from;
    line.to = to;
    line.share += share;
    (edge.mean >= 0 ? line.excite : line.inhibit) += std::abs(share);
    ++line.edges;
  }
  std::vector<CircuitLine> lines;
  for (const auto& row : all) {
    for (const CircuitLine& line : row) {
      if (line.edges > 0) lines.push_back(line);
    }
  }
  return lines;
}

// How far the lines that leave a layer climb and fall, by what they carry.
double detours(const CircuitLayout& layout, const std::vector<CircuitLine>& lines, size_t layer) {
  double sum = 0;
  for (const CircuitLine& line : lines) {
    const CircuitBox& from = layout.boxes[line.from];
    const CircuitBox& to = layout.boxes[line.to];
    if (from.part->set.layer != layer) continue;
    sum += std::abs(line.share) * std::abs(from.y + from.height / 2 - to.y - to.height / 2);
  }
  return sum;
}

// A column from bottom to top where its lines are shorter so; the others stay below.
void turn_columns(const CircuitStudy& study, CircuitLayout& layout, std::vector<CircuitLine>& lines,
                  double height) {
  for (size_t layer = study.layers.size(); layer-- > 0;) {
    const auto at = [&](const CircuitBox& box) {
      return box.part != nullptr && box.part->set.layer == layer;
    };
    const auto begin = std::ranges::find_if(layout.boxes, at);
    const size_t count = study.layers[layer].parts.size();
    const std::span<CircuitBox> column(
        begin, study.layers[layer].parts.size() + (study.layers[layer].others ? 1 : 0));
    const auto first = static_cast<size_t>(begin - layout.boxes.begin());
    const auto turn = [&] {
      std::reverse(column.begin(), column.begin() + static_cast<std::ptrdiff_t>(count));
      place(study, column, height);
      for (CircuitLine& line : lines) {
        for (size_t* end : {&line.from, &line.to}) {
          if (*end >= first && *end < first + count) *end = 2 * first + count - 1 - *end;
        }
      }
    };
    const double before = detours(layout, lines, layer);
    turn();
    if (detours(layout, lines, layer) >= before) turn();
  }
}

// Lines side by side along the side of a box, in the order of their other ends.
void spread_ends(CircuitLayout& layout, size_t box, bool leaving) {
  std::vector<CircuitLine*> lines;
  double total = 0;
  for (CircuitLine& line : layout.lines) {
    if ((leaving ? line.from : line.to) != box) continue;
    lines.push_back(&line);
    total += line.width;
  }
  const auto middle = [&](const CircuitLine* line) {
    const CircuitBox& other = layout.boxes[leaving ? line->to : line->from];
    return other.y + other.height / 2;
  };
  std::ranges::stable_sort(lines,
                           [&](const auto* a, const auto* b) { return middle(a) < middle(b); });
  const CircuitBox& at = layout.boxes[box];
  const double between =
      lines.size() < 2
          ? 0
          : std::clamp((at.height - 8 - total) / static_cast<double>(lines.size() - 1), 0.0, 4.0);
  double y = at.y + at.height / 2 -
             (total + between * static_cast<double>(std::max<size_t>(1, lines.size()) - 1)) / 2;
  for (CircuitLine* line : lines) {
    (leaving ? line->y0 : line->y1) = y + line->width / 2;
    (leaving ? line->x0 : line->x1) = leaving ? at.x + at.width : at.x;
    y += line->width + between;
  }
}

void add_lines(const CircuitStudy& study, double height, CircuitLayout& layout) {
  std::vector<CircuitLine> all = lines_of(study, layout.boxes);
  turn_columns(study, layout, all, height);
  double most = 1;
  for (const CircuitLine& line : all) most = std::max(most, std::abs(line.share));
  layout.line_scale = kLineScale / most;
  for (CircuitLine& line : all) {
    line.width = std::max(kThinnest, layout.line_scale * std::abs(line.share));
    if (std::abs(line.share) >= kLeastLine) {
      layout.lines.push_back(line);
      continue;
    }
    HiddenLines& hidden = layout.hidden[layout.boxes[line.from].part->set.layer];
    ++hidden.lines;
    hidden.share += line.share;
  }
  for (size_t box = 0; box < layout.boxes.size(); ++box) {
    spread_ends(layout, box, true);
    spread_ends(layout, box, false);
  }
}

}  // namespace

double finite_or_0(double value) { return std::isfinite(value) ? value : 0; }

CircuitLayout circuit_layout(const CircuitStudy& study) {
  CircuitLayout layout;
  std::vector<std::vector<CircuitBox>> columns;
  double widths = kResponseWidth, tallest = kResponseColumn;
  for (size_t layer = 0; layer < study.layers.size(); ++layer) {
    columns.push_back(boxes_of(study, layer));
    widths += box_width(large_pictures(study, layer));
    tallest = std::max(tallest, total_height(columns.back()));
  }
  const double gap =
      std::clamp((kPageWidth - widths) / static_cast<double>(columns.size()), kLeastGap, kMostGap);
  double x = 0;
  for (size_t layer = 0; layer < columns.size(); ++layer) {
    for (CircuitBox& box : columns[layer]) box.x = x;
    place(study, columns[layer], tallest);
    layout.boxes.insert(layout.boxes.end(), columns[layer].begin(), columns[layer].end());
    layout.layer_x.push_back(x);
    x += box_width(large_pictures(study, layer)) + gap;
    layout.hidden.push_back({.x = x - gap / 2});
  }
  layout.boxes.push_back({.x = x,
                          .y = kCircuitTop + (tallest - kResponseHeight) / 2,
                          .width = kResponseWidth,
                          .height = kResponseHeight});
  layout.width = x + kResponseWidth;
  layout.height = kCircuitTop + tallest;
  add_lines(study, tallest, layout);
  return layout;
}

}  // namespace secateur
