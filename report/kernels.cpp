// First-layer kernels as colour pictures.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "formats/image_writer.h"
#include "report/markup.h"
#include "report/sections.h"

namespace secateur {
namespace {

using nlohmann::json;

// Weight 0 is mid-grey, the kernel's largest |weight| black or white in its channel.
Image8 picture(const Tensor& kernels, int64_t filter) {
  const int side = static_cast<int>(kernels.dim(2));
  const int64_t pixels = int64_t{side} * side;
  const float* weights = kernels.data() + filter * 3 * pixels;
  float largest = 0;
  for (int64_t i = 0; i < 3 * pixels; ++i) largest = std::max(largest, std::abs(weights[i]));
  const float scale = largest > 0 ? 127.0f / largest : 0.0f;
  Image8 image{.height = side, .width = side, .rgb = {}};
  for (int64_t p = 0; p < pixels; ++p) {
    for (int64_t c = 0; c < 3; ++c) {
      const float level = std::round(128.0f + scale * weights[c * pixels + p]);
      image.rgb.push_back(static_cast<uint8_t>(std::clamp(level, 0.0f, 255.0f)));
    }
  }
  return image;
}

std::string card(const json& neuron, const Model& model) {
  const std::vector<Block>& blocks = model.architecture().blocks;
  if (blocks.empty() || blocks[0].kind != BlockKind::kConv) return "";
  if (model.architecture().input.channels != 3) return "";
  // Folded, so that what a batch norm does to a filter's sign shows.
  const Tensor kernels = fold_batch_norm(model).tensor(blocks[0].name + ".conv.weight");
  std::string pictures;
  for (int64_t f = 0; f < kernels.dim(0); ++f) {
    pictures += fmt::format("<img alt=\"kernel {0}\" title=\"kernel {0}\" src=\"{1}\">", f,
                            png_uri(encode_png(picture(kernels, f))));
  }
  return fmt::format("<figure class=\"card\"><h3>{}</h3><div class=\"kernels\">{}</div></figure>\n",
                     escaped(neuron.at("name").get<std::string>()), pictures);
}

}  // namespace

std::string kernels_section(const RunRecord& run) {
  std::string cards;
  for (const json& neuron : run.neurons()) {
    if (const auto model = run.compact_model(neuron)) cards += card(neuron, *model);
  }
  if (cards.empty()) return "";
  return section("kernels", "What the first layer looks for",
                 "<p class=\"note\">Each square is one kernel of the compact model\u2019s first "
                 "layer, in colour: mid-grey is weight 0, brighter is a positive weight, darker a "
                 "negative one, each kernel scaled by itself.</p>\n<div class=\"cards\">\n" +
                     cards + "</div>\n");
}

}  // namespace secateur
