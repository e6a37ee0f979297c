#include "playground/playground.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "playground/page/page.h"
#include "playground/page_data.h"
#include "report/markup.h"
#include "report/page/page.h"
#include "tensor/error.h"
#include "tensor/json_text.h"

namespace secateur {
namespace {

// No "<" stands in the data, so nothing in it can end the script that holds it. Outside of texts
// JSON has none.
std::string for_script(std::string text) {
  for (size_t at = 0; (at = text.find('<', at)) != std::string::npos;) {
    text.replace(at, 1, "\\u003c");
  }
  return text;
}

std::string title_of(const std::vector<PlaygroundModel>& models) {
  if (models.size() > 1) return std::to_string(models.size()) + " models";
  return models.front().name;
}

// The template with what its marks stand for.
std::string filled(std::string_view page,
                   const std::vector<std::pair<std::string, std::string>>& marks) {
  std::string out;
  while (!page.empty()) {
    const size_t begin = page.find("{{");
    out += page.substr(0, begin);
    if (begin == std::string_view::npos) break;
    const size_t end = page.find("}}", begin);
    const std::string_view name = page.substr(begin + 2, end - begin - 2);
    for (const auto& [mark, text] : marks) {
      if (mark == name) out += text;
    }
    page.remove_prefix(end + 2);
  }
  return out;
}

}  // namespace

bool has_page_engine() { return !kEngineSimdTxt.empty() && !kEngineReferenceTxt.empty(); }

std::string playground_page(const std::vector<PlaygroundModel>& models, Observer& observer) {
  if (!has_page_engine()) {
    fail(ErrorKind::kUsage, "playground",
         "this build has no WebAssembly: install emscripten and build again");
  }
  require(!models.empty(), "playground", "wanted at least one model");
  std::string script;
  for (const std::string_view part :
       {kPlayEngineJs, kPlayStimulusJs, kPlayPlotJs, kPlayMapsJs, kPlayTuningJs, kPlayAscentJs,
        kPlayPruningJs, kPlayPruneViewJs, kPlayCheckJs, kPlayColumnJs, kPlayMainJs}) {
    script += part;
  }
  const std::string data = json_text(page_data(models, observer), "the page");
  return filled(kPlaygroundHtml, {{"title", escaped(title_of(models))},
                                  {"heading", breakable(title_of(models))},
                                  {"style", std::string(kStyleCss) + std::string(kPlaygroundCss)},
                                  {"data", for_script(data)},
                                  {"simd", std::string(kEngineSimdTxt)},
                                  {"reference", std::string(kEngineReferenceTxt)},
                                  {"script", script}});
}

}  // namespace secateur
