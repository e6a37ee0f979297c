#include "report/figure.h"

#include <fmt/format.h>

#include <cmath>

#include "report/markup.h"

namespace secateur {
namespace {

using nlohmann::json;

std::string tick_text(const PlotAxis& axis, double value) {
  if (axis.log || axis.high >= 1000) return short_count(value);
  return fmt::format("{:.{}f}", value, axis.high - axis.low > 10 ? 0 : 2);
}

}  // namespace

std::string short_count(double count) {
  if (count >= 1e6) return fmt::format("{:.{}f}M", count / 1e6, count < 1e7 ? 1 : 0);
  if (count >= 1000) return fmt::format("{:g}k", std::round(count / 100) / 10);
  return fmt::format("{:g}", count);
}

std::string data_block(const std::string& name, const json& data) {
  const std::string text = data.dump(-1, ' ', false, json::error_handler_t::replace);
  std::string safe;
  for (const char c : text) safe += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return fmt::format("<script type=\"application/json\" class=\"{}\">{}</script>\n", name, safe);
}

std::string page_drawing(double width, double height, const std::string& description,
                         const std::string& body) {
  return fmt::format(
      "<svg class=\"drawing\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
      "role=\"img\" aria-label=\"{2}\">\n{3}</svg>\n",
      width, height, escaped(description), body);
}

std::string scrollable(const std::string& name, const std::string& body) {
  return fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n{}</div>\n",
      escaped(name), body);
}

std::string figure_html(const Figure& figure) {
  const std::string title =
      figure.title.empty() ? "" : fmt::format("<h3>{}</h3>\n", escaped(figure.title));
  const std::string caption =
      figure.caption.empty() ? "" : fmt::format("<figcaption>{}</figcaption>\n", figure.caption);
  std::string data;
  if (!figure.data.rows.empty()) {
    data = data_block("table", {{"columns", figure.data.columns}, {"rows", figure.data.rows}});
  }
  return fmt::format(
      "<figure class=\"figure\" data-name=\"{}\">\n{}{}{}{}</figure>\n", figure.id, title,
      scrollable(figure.title.empty() ? figure.id : figure.title, figure.drawing), caption, data);
}

std::string panel_frame(const PlotAxis& x, const PlotAxis& y, const std::string& x_name,
                        const std::string& y_name) {
  std::string out;
  for (const double tick : ticks_of(y)) {
    out += fmt::format(
        "<path class=\"grid\" d=\"M{0:.1f} {2:.1f}H{1:.1f}\"/><text x=\"{3:.1f}\" y=\"{4:.1f}\" "
        "text-anchor=\"end\">{5}</text>\n",
        x.from, x.to, y.at(tick), x.from - 6, y.at(tick) + 4.5, tick_text(y, tick));
  }
  for (const double tick : ticks_of(x)) {
    out += fmt::format(
        "<path class=\"grid\" d=\"M{0:.1f} {1:.1f}v5\"/><text x=\"{0:.1f}\" y=\"{2:.1f}\" "
        "text-anchor=\"middle\">{3}</text>\n",
        x.at(tick), y.from, y.from + 19, tick_text(x, tick));
  }
  out += fmt::format("<path class=\"axis\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>\n", x.from, y.from, x.to);
  out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
                     (x.from + x.to) / 2, y.from + 38, escaped(x_name));
  if (!y_name.empty()) {
    out += fmt::format("<text x=\"4\" y=\"14\">{}</text>\n", escaped(y_name));
  }
  return out;
}

}  // namespace secateur
