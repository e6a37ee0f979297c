#include "report/page/page.h"

namespace secateur {

extern const std::string_view kFigureDataJs;
extern const std::string_view kDownloadsJs;
extern const std::string_view kNeuronPickerJs;
extern const std::string_view kNeuronListJs;
extern const std::string_view kPruningScoresJs;
extern const std::string_view kPrintJs;

std::string report_script() {
  std::string script;
  for (const std::string_view part :
       {kFigureDataJs, kDownloadsJs, kNeuronPickerJs, kNeuronListJs, kPruningScoresJs, kPrintJs}) {
    script += part;
  }
  return script;
}

}  // namespace secateur
