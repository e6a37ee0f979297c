#pragma once
// The parts of the playground that are files of their own, as text (cmake/EmbedText.cmake), and the
// engine in base64 (cmake/WebAssembly.cmake).

#include <string_view>

namespace secateur {

extern const std::string_view kPlaygroundHtml;
extern const std::string_view kPlaygroundCss;
extern const std::string_view kPlayEngineJs;
extern const std::string_view kPlayStimulusJs;
extern const std::string_view kPlayPlotJs;
extern const std::string_view kPlayMapsJs;
extern const std::string_view kPlayTuningJs;
extern const std::string_view kPlayAscentJs;
extern const std::string_view kPlayPruningJs;
extern const std::string_view kPlayPruneViewJs;
extern const std::string_view kPlayCheckJs;
extern const std::string_view kPlayColumnJs;
extern const std::string_view kPlayMainJs;
extern const std::string_view kEngineSimdTxt;
extern const std::string_view kEngineReferenceTxt;

}  // namespace secateur
