#pragma once
// The style sheet of the report: light and dark by the reader's setting, and for paper.

namespace secateur {

extern const char* const kReportStyle;

}  // namespace secateur
