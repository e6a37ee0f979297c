#pragma once
// The parts of a page that are files of their own here, as text: cmake/EmbedText.cmake makes a
// constant of each, named after the file.

#include <string>
#include <string_view>

namespace secateur {

extern const std::string_view kStyleCss;  // of all pages
extern const std::string_view kAtlasCss;
extern const std::string_view kAtlasJs;
extern const std::string_view kReportCss;

// The scripts of the report, one after the other: one module.
std::string report_script();

}  // namespace secateur
