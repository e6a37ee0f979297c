#include "report/recording_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/population.h"
#include "report/markup.h"
#include "report/ticks.h"

namespace secateur {
namespace {

constexpr double kRow = 16;  // pixels
constexpr double kUnitWidth = 320, kSnrWidth = 220, kBetween = 40, kMargin = 24;
constexpr double kLetter = 6.6;  // wide at most, of 11 pixels
constexpr size_t kLongestName = 60;
constexpr double kLeastShown = 0.01, kMostShown = 100;  // of the SNR

constexpr const char* kPlotStyle = R"css(
text { font: 11px system-ui, "DejaVu Sans", Arial, sans-serif; fill: #22252a; }
.title { font-size: 13px; font-weight: 600; }
.soft { fill: #646a73; }
.bad { fill: #b3372f; }
.grid { stroke: #dcdcd6; }
.limit { stroke: #b3372f; stroke-dasharray: 3 3; }
.dot { fill: #0b6fb8; }
.ceiling { stroke: #c46a00; stroke-width: 2.5; }
.snr { fill: #a23b8f; }
.spread { stroke: #0b6fb8; stroke-width: 1.5; }
.dead { fill: #b3372f; }
)css";

// Where the columns of the picture begin.
struct Columns {
  double unit = 0;
  double snr = 0;
  double width = 0;

  double at_unit(double value) const { return unit + kUnitWidth * std::clamp(value, 0.0, 1.0); }
  double at_snr(double value) const {
    const double inside = std::clamp(value, kLeastShown, kMostShown);
    return snr +
           kSnrWidth * std::log10(inside / kLeastShown) / std::log10(kMostShown / kLeastShown);
  }
};

std::string number_and_name(const NeuronQuality& neuron) {
  const std::string number = std::to_string(neuron.neuron);
  std::string text = neuron.name == number ? number : number + " " + neuron.name;
  if (text.size() <= kLongestName) return text;
  // Not in the middle of a character of several bytes.
  size_t end = kLongestName;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "\u2026";
}

Columns columns_of(const std::vector<SessionQuality>& sessions) {
  size_t longest = 8;
  for (const SessionQuality& session : sessions) {
    for (const NeuronQuality& neuron : session.neurons) {
      longest = std::max(longest, number_and_name(neuron).size());
    }
  }
  Columns columns;
  columns.unit = kMargin + kLetter * static_cast<double>(longest) + 12;
  columns.snr = columns.unit + kUnitWidth + kBetween;
  columns.width = columns.snr + kSnrWidth + kMargin;
  return columns;
}

std::string upright(double x, double top, double bottom, const char* kind) {
  return fmt::format(
      "<line class=\"{}\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>\n", kind, x, x,
      top, bottom);
}

std::string words(double x, double y, const std::string& text, const char* more) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" {}>{}</text>\n", x, y, more, escaped(text));
}

std::string axes(const Columns& columns, double top, double bottom) {
  constexpr const char* kSoftMiddle = "class=\"soft\" text-anchor=\"middle\"";
  std::string out;
  for (const double value : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    out += upright(columns.at_unit(value), top, bottom, "grid");
    out += words(columns.at_unit(value), bottom + 14, fmt::format("{}", value), kSoftMiddle);
  }
  for (const double value : {0.01, 0.1, 1.0, 10.0, 100.0}) {
    out += upright(columns.at_snr(value), top, bottom, "grid");
    out += words(columns.at_snr(value), bottom + 14, fmt::format("{}", value), kSoftMiddle);
  }
  return out + upright(columns.at_snr(kLeastSnr), top, bottom, "limit");
}

std::string legend(const Columns& columns, double y) {
  return fmt::format("<circle class=\"dot\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>\n",
                     columns.unit + 4, y - 4) +
         words(columns.unit + 14, y, "split-half reliability", "") +
         upright(columns.unit + 150, y - 10, y + 2, "ceiling") +
         words(columns.unit + 158, y, "noise ceiling of raw r2", "") +
         words(columns.snr, y, fmt::format("SNR (dashed: {})", kLeastSnr), "");
}

std::string shown(const std::optional<double>& value) {
  return value ? fmt::format("{:.3f}", *value) : "unknown";
}

std::string row(const NeuronQuality& neuron, const Columns& columns, double y) {
  const bool bad = neuron.constant || (neuron.snr && *neuron.snr < kLeastSnr);
  std::string out =
      fmt::format("<g><title>{}: {} images, reliability {}, noise ceiling {}, SNR {}</title>\n",
                  escaped(number_and_name(neuron)), neuron.images, shown(neuron.reliability),
                  shown(neuron.noise_ceiling), shown(neuron.snr));
  out += words(kMargin, y + 4, number_and_name(neuron), bad ? "class=\"bad\"" : "");
  if (neuron.constant) {
    out += words(columns.unit + 6, y + 4, "the same response to every image", "class=\"bad\"");
  } else if (!neuron.reliability && !neuron.noise_ceiling) {
    out += words(columns.unit + 6, y + 4, "no repeats", "class=\"soft\"");
  }
  if (neuron.noise_ceiling) {
    out += upright(columns.at_unit(*neuron.noise_ceiling), y - 6, y + 6, "ceiling");
  }
  const auto dot = [&](double x, const char* kind) {
    return fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>\n", kind, x, y);
  };
  if (neuron.reliability) out += dot(columns.at_unit(*neuron.reliability), "dot");
  if (neuron.snr) out += dot(columns.at_snr(*neuron.snr), "snr");
  return out + "</g>\n";
}

// Where no picture was repeated: what every neuron answers, in the unit of the file.
struct MeanAxis {
  std::vector<double> ticks;
  double left = 0;

  static constexpr double kMeanWidth = kUnitWidth + kBetween + kSnrWidth;
  double at(double value) const {
    return left + kMeanWidth * (value - ticks.front()) / (ticks.back() - ticks.front());
  }
};

MeanAxis mean_axis(const SessionQuality& session, const Columns& columns) {
  double low = 0, high = 0;
  for (const NeuronQuality& neuron : session.neurons) {
    low = std::min(low, neuron.mean - neuron.deviation);
    high = std::max(high, neuron.mean + neuron.deviation);
  }
  return {.ticks = ticks_around(low, high), .left = columns.unit};
}

std::string mean_row(const NeuronQuality& neuron, const MeanAxis& axis, double y) {
  std::string out =
      fmt::format("<g><title>{}: {} images, mean {:.4g}, deviation {:.4g}</title>\n",
                  escaped(number_and_name(neuron)), neuron.images, neuron.mean, neuron.deviation);
  out += words(kMargin, y + 4, number_and_name(neuron), neuron.constant ? "class=\"bad\"" : "");
  const double x = axis.at(neuron.mean);
  if (neuron.constant) {
    // On the side where there is room.
    const bool left = x > axis.left + MeanAxis::kMeanWidth / 2;
    out += words(left ? x - 10 : x + 10, y + 4, "the same response to every image",
                 left ? "class=\"bad\" text-anchor=\"end\"" : "class=\"bad\"");
  } else {
    out += fmt::format(
        "<line class=\"spread\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>\n",
        axis.at(neuron.mean - neuron.deviation), axis.at(neuron.mean + neuron.deviation), y, y);
  }
  return out + fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>\n</g>\n",
                           neuron.constant ? "dead" : "dot", x, y);
}

std::string mean_panel(const SessionQuality& session, const Columns& columns, double& y) {
  const MeanAxis axis = mean_axis(session, columns);
  std::string out = words(kMargin, y + 16, session.title, "class=\"title\"");
  out +=
      words(kMargin, y + 36,
            "No neuron has repeats that differ: reliability, noise ceiling and SNR are not known.",
            "class=\"soft\"");
  out += words(kMargin, y + 52,
               "Drawn: the mean response (dot) and the standard deviation over images (line).",
               "class=\"soft\"");
  const double top = y + 62;
  const double bottom = top + kRow * static_cast<double>(session.neurons.size());
  for (const double tick : axis.ticks) {
    out += upright(axis.at(tick), top, bottom, "grid");
    out += words(axis.at(tick), bottom + 14, fmt::format("{:g}", tick),
                 "class=\"soft\" text-anchor=\"middle\"");
  }
  for (size_t i = 0; i < session.neurons.size(); ++i) {
    out += mean_row(session.neurons[i], axis, top + kRow * (static_cast<double>(i) + 0.5));
  }
  y = bottom + 40;
  return out;
}

bool has_repeats(const SessionQuality& session) {
  return std::ranges::any_of(session.neurons, [](const NeuronQuality& neuron) {
    return neuron.reliability || neuron.noise_ceiling || neuron.snr;
  });
}

std::string panel(const SessionQuality& session, const Columns& columns, double& y) {
  if (!has_repeats(session)) return mean_panel(session, columns, y);
  std::string out = words(kMargin, y + 16, session.title, "class=\"title\"");
  out += legend(columns, y + 38);
  const double top = y + 48;
  const double bottom = top + kRow * static_cast<double>(session.neurons.size());
  out += axes(columns, top, bottom);
  for (size_t i = 0; i < session.neurons.size(); ++i) {
    out += row(session.neurons[i], columns, top + kRow * (static_cast<double>(i) + 0.5));
  }
  y = bottom + 40;
  return out;
}

}  // namespace

std::string recording_plot(const std::vector<SessionQuality>& sessions) {
  const Columns columns = columns_of(sessions);
  std::string body;
  double y = 8;
  for (const SessionQuality& session : sessions) body += panel(session, columns, y);
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "viewBox=\"0 0 {0:.0f} {1:.0f}\">\n<style>{2}</style>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{3}</svg>\n",
      columns.width, y, kPlotStyle, body);
}

}  // namespace secateur
