// What the compact model wants: a stimulus made for it, and the images it likes best and least.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/resample.h"
#include "formats/image_writer.h"
#include "report/cards/cards.h"
#include "report/cards/pictures.h"
#include "report/figure.h"
#include "report/markup.h"

namespace secateur {
namespace {

constexpr double kPhoto = 112, kPhotoStep = 124;

std::string response_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.3g}", value) : "";
}

std::string photo_row(const std::vector<ShownImage>& images, const std::string& title, double y) {
  std::string out =
      fmt::format("<text class=\"strong\" x=\"0\" y=\"{:.0f}\">{}</text>\n", y + 14, title);
  for (size_t i = 0; i < images.size(); ++i) {
    const ShownImage& image = images[i];
    const double x = kPhotoStep * static_cast<double>(i);
    out +=
        svg_photograph(image.picture, x, y + 22, kPhoto,
                       fmt::format("{}: predicted {}, recorded {}", image.name,
                                   response_text(image.predicted), response_text(image.recorded)));
    out += fmt::format(
        "<text x=\"{0:.0f}\" y=\"{1:.0f}\">pred. {2}</text><text x=\"{0:.0f}\" "
        "y=\"{3:.0f}\">rec. {4}</text>\n",
        x, y + kPhoto + 38, response_text(image.predicted), y + kPhoto + 55,
        std::isfinite(image.recorded) ? response_text(image.recorded) : "none");
  }
  return out;
}

}  // namespace

std::string images_card(const RunRecord& run, size_t neuron) {
  const NeuronEvidence& found = run.evidence[neuron];
  if (found.best.empty()) {
    if (found.no_images.empty()) return "";
    return fmt::format("<p class=\"note\">The images that score are not shown: {}.</p>\n",
                       escaped(found.no_images));
  }
  Figure figure{.id = fmt::format("images-{}", neuron),
                .title = "Best and worst images",
                .drawing = "",
                .caption =
                    "Of the images that score, by the compact model\u2019s prediction; below "
                    "each the prediction and the mean recorded response.",
                .data = {}};
  figure.drawing =
      page_drawing(kPhotoStep * static_cast<double>(found.best.size()), 2 * (kPhoto + 72),
                   "The images of the largest and smallest predictions, with their responses",
                   photo_row(found.best, "largest predictions", 0) +
                       photo_row(found.worst, "smallest predictions", kPhoto + 72));
  figure.data.columns = {"image", "predicted", "recorded"};
  for (const auto* images : {&found.best, &found.worst}) {
    for (const ShownImage& image : *images) {
      figure.data.rows.push_back(
          {image.name, image.predicted,
           std::isfinite(image.recorded) ? nlohmann::json(image.recorded) : nullptr});
    }
  }
  return figure_html(figure);
}

std::string stimulus_picture(const RunRecord& run, size_t neuron, int width) {
  if (run.evidence[neuron].stimulus.rgb.empty()) return "";
  const Image8 picture = resampled(run.evidence[neuron].stimulus, width, width);
  return fmt::format(
      "<img class=\"stimulus\" width=\"{0}\" height=\"{0}\" alt=\"preferred stimulus of the "
      "compact "
      "model of {1}\" src=\"{2}\">",
      width, escaped(name_of(run.neurons()[neuron])), jpeg_uri(encode_jpeg(picture, 80)));
}

std::string stimulus_card(const RunRecord& run, size_t neuron) {
  const NeuronEvidence& found = run.evidence[neuron];
  if (found.stimulus.rgb.empty()) return "";
  const std::string beside = found.best.empty()
                                 ? ""
                                 : fmt::format(" The best of the images that score gives {}.",
                                               response_text(found.best.front().predicted));
  const double side = std::max(kPhoto, static_cast<double>(found.stimulus.width));
  Figure figure{
      .id = fmt::format("stimulus-{}", neuron),
      .title = "Preferred stimulus",
      .drawing = page_drawing(side, side, "The image that the compact model responds to most",
                              svg_photograph(found.stimulus, 0, 0, side, "preferred stimulus")),
      .caption = fmt::format(
          "By gradient ascent on the pixels, 100 steps from {} (the best start): the compact "
          "model responds with {}.{} It is the model\u2019s wish, not the neuron\u2019s.",
          found.stimulus_from, response_text(found.stimulus_response), beside),
      .data = {}};
  return figure_html(figure);
}

std::string tuning_card(const RunRecord& run, size_t neuron) {
  std::string sentences;
  for (const std::string& sentence : run.evidence[neuron].tuning) {
    sentences += "<li>" + escaped(sentence) + "</li>\n";
  }
  if (sentences.empty()) return "";
  return "<h4>Tuning of the compact model to artificial stimuli</h4>\n<ul>\n" + sentences +
         "</ul>\n";
}

std::string circuit_card(const RunRecord& run, size_t neuron) {
  const std::string& drawing = run.evidence[neuron].circuit;
  if (drawing.empty()) return "";
  return figure_html({.id = fmt::format("circuit-{}", neuron),
                      .title = "Circuit",
                      .drawing = drawing,
                      .caption = "Every filter and what it feeds, as <code>secateur interpret "
                                 "circuit</code> draws it; docs/interpretation.md says how to "
                                 "read it.",
                      .data = {}});
}

}  // namespace secateur
