#pragma once
// A figure of the page: a drawing with its caption, and the numbers that it shows, for the page's
// script (report/page/downloads.js gives both as files) and for who reads the source.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "report/axis.h"

namespace secateur {

struct FigureData {
  std::vector<std::string> columns;
  std::vector<nlohmann::json> rows;  // an array each
};

struct Figure {
  std::string id;       // names its files
  std::string title;    // text, escaped here
  std::string drawing;  // HTML
  std::string caption;  // HTML
  FigureData data;
};

std::string figure_html(const Figure& figure);

// <script type="application/json" class="NAME">: no text of it can end the script.
std::string data_block(const std::string& name, const nlohmann::json& data);

// A drawing of the page's colours, width x height pixels, never scaled: its text keeps 13 pixels.
// `description` is read out in its place.
std::string page_drawing(double width, double height, const std::string& description,
                         const std::string& body);

// What may be wider than the window: scrolled by itself, also by the keyboard.
std::string scrollable(const std::string& name, const std::string& body);

// Grid, ticks and names of two axes; x.from, x.to, y.from and y.to frame them.
std::string panel_frame(const PlotAxis& x, const PlotAxis& y, const std::string& x_name,
                        const std::string& y_name);

// "12", "12k", "1.2M".
std::string short_count(double count);

}  // namespace secateur
