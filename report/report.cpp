#include "report/report.h"

#include <fmt/format.h>

#include "formats/atomic_file.h"
#include "report/markup.h"
#include "report/page/page.h"
#include "report/sections.h"

namespace secateur {

void write_report(const std::filesystem::path& root) {
  const RunRecord run = read_run_record(root);
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>Compact models of {}</title>\n<style>{}</style>\n</head>\n<body>\n",
      escaped(at_or_null(run.results, "session").is_string()
                  ? run.results["session"].get<std::string>()
                  : "a run"),
      kStyleCss);
  for (const auto part : {headline, accuracy_section, cost_section, stages_section, curves_section,
                          cuts_section, filters_section, kernels_section, recovery_section,
                          neurons_section, reading_section, recipe_section}) {
    page += part(run);
  }
  page += "</body>\n</html>\n";
  write_file_atomically(root / "report.html", page);
}

}  // namespace secateur
