#include "report/report.h"

#include <fmt/format.h>

#include "formats/atomic_file.h"
#include "report/evidence/gather.h"
#include "report/markup.h"
#include "report/page/page.h"
#include "report/sections/sections.h"

namespace secateur {
namespace {

using nlohmann::json;

std::string picker_html(const RunRecord& run) {
  if (run.one_neuron()) return "";
  std::string choices;
  for (size_t i = 0; i < run.neurons().size(); ++i) {
    choices +=
        fmt::format("<option value=\"{}\">{}</option>", i, escaped(name_of(run.neurons()[i])));
  }
  return fmt::format(
      "<div class=\"picker\" hidden><label>Neuron <select id=\"picked\">{}</select></label>"
      "<button type=\"button\" data-step=\"-1\">previous</button><button type=\"button\" "
      "data-step=\"1\">next</button></div>\n",
      choices);
}

std::string contents_html(const std::vector<Section>& sections) {
  std::string items;
  for (const Section& section : sections) {
    if (section.title.empty()) continue;
    items += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", section.id, section.title);
  }
  return "<nav aria-label=\"Contents\">\n<ul>\n" + items + "</ul>\n</nav>\n";
}

std::string page_html(const RunRecord& run) {
  std::vector<Section> sections;
  for (const auto make : {verdict_section, chain_section, overview_section, pruning_section,
                          sizes_section, scores_section, neurons_section, recovery_section,
                          curves_section, reading_section, lineage_section}) {
    sections.push_back(make(run));
  }
  std::erase_if(sections, [](const Section& section) { return section.body.empty(); });
  std::string body;
  for (const Section& section : sections) {
    body += section.title.empty()
                ? section.body + contents_html(sections) + picker_html(run) + "<main>\n"
                : section_html(section.id, section.title, section.body);
  }
  const json& session = at_or_null(run.results, "session");
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>Compact models of {}</title>\n<style>\n{}{}</style>\n</head>\n<body>\n{}</main>\n"
      "<script type=\"module\">\n{}</script>\n</body>\n</html>\n",
      escaped(session.is_string() ? session.get<std::string>() : "a run"), kStyleCss, kReportCss,
      body, report_script());
}

}  // namespace

void write_report(const std::filesystem::path& root, const ReportOptions& options,
                  Observer& observer) {
  RunRecord run = read_run_record(root);
  gather_evidence(run, options, observer);
  write_file_atomically(options.out.empty() ? root / "report.html" : options.out, page_html(run));
}

}  // namespace secateur
