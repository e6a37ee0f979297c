// secateur interpret field: which pixels a response depends on.

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "apps/verbs/interpret/frame.h"
#include "apps/verbs/interpret/verbs.h"
#include "formats/npy.h"
#include "interpretation/receptive_field.h"
#include "report/field_plot.h"
#include "report/svg.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

struct FieldVerb : InterpretOptions {
  int64_t most = 128;
  int64_t blurred = 16;
};

void write_maps(const ReceptiveField& field, const fs::path& folder) {
  const int64_t h = field.gradients.height;
  const int64_t w = field.gradients.width;
  const int64_t grid = field.blur.options.grid;
  write_npy(folder / "gradient_magnitude.npy", Shape{3, h, w}, field.gradients.magnitude);
  write_npy(folder / "gradient_mean.npy", Shape{3, h, w}, field.gradients.gradient);
  write_npy(folder / "blur_magnitude.npy", Shape{grid, grid}, field.blur.magnitude);
  write_npy(folder / "blur_change.npy", Shape{grid, grid}, field.blur.change);
}

json make_field(const InterpretedModel& opened, const PixelImages& images, int64_t blurred,
                const fs::path& folder, Observer& observer) {
  const stimuli::Ground ground = stimuli::ground_of(opened.model.architecture().input);
  const ReceptiveField field =
      receptive_field(opened.model, opened.output, images.pixels,
                      {.blur = blur_options_for(ground), .blurred = blurred}, observer);
  write_maps(field, folder);
  write_drawing(folder / "field.svg", field_plot(field, opened.name));
  json answer = field_json(field);
  answer["sentences"] = field_sentences(field);
  return answer;
}

}  // namespace

void add_interpret_field(CLI::App& interpret, CommonOptions& common, Action& action) {
  auto options = std::make_shared<FieldVerb>();
  CLI::App* const verb = add_verb(
      interpret, common, "field", "which pixels a response depends on: gradients and blurring",
      "secateur interpret field model.keras --images pictures --out field");
  add_interpret_options(*verb, *options, "folder, .zip or .npy of images");
  verb->get_option("--images")->required();
  verb->add_option("--most", options->most, "images that are used, the first (default: 128)")
      ->check(CLI::Range(1, 10000));
  verb->add_option("--blurred", options->blurred,
                   "of these, that are blurred place by place (default: 16)")
      ->check(CLI::Range(1, 10000));
  verb->callback([&action, &common, options] {
    action = [&common, options] {
      ImagesForModels images(options->images, options->fit, options->most);
      return interpret_models(
          *options, common,
          {.verb = "field",
           .settings = [&](const InterpretedModel& model) -> json {
             return {{"images", images(model).identity}, {"blurred", options->blurred}};
           },
           .make =
               [&](const InterpretedModel& model, const fs::path& folder) {
                 return make_field(model, images(model), options->blurred, folder,
                                   *common.terminal);
               },
           .text = sentences_text});
    };
  });
}

}  // namespace secateur
