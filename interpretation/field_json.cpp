#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "interpretation/receptive_field.h"

namespace secateur {
namespace {

nlohmann::json extent_json(const FieldExtent& extent, double overlap) {
  return {{"x", extent.x},
          {"y", extent.y},
          {"major", extent.major},
          {"minor", extent.minor},
          {"orientation", extent.orientation},
          {"half_area", extent.half_area},
          {"overlap", overlap}};
}

std::string extent_sentence(const char* way, const FieldExtent& extent, double overlap) {
  if (!(extent.half_area > 0)) return fmt::format("{}: no pixel changes the response.", way);
  return fmt::format(
      "{}: centre ({:.0f}, {:.0f}), half of the energy in {:.0f} pixels, sigma {:.1f} x {:.1f} px "
      "(long axis at {:.0f} degrees), overlap with the theoretical field {:.2f}.",
      way, extent.x, extent.y, extent.half_area, extent.major, extent.minor, extent.orientation,
      overlap);
}

}  // namespace

std::vector<std::string> field_sentences(const ReceptiveField& field) {
  const TheoreticalField& theory = field.theoretical;
  return {extent_sentence("By gradients", field.by_gradient, field.gradient_overlap),
          extent_sentence("By blurring", field.by_blur, field.blur_overlap),
          fmt::format("By the architecture: one place of the last layer reads {0} x {0} pixels; "
                      "{1:.0f} % of the image can reach the response.",
                      theory.unit, 100 * theory.reached)};
}

nlohmann::json field_json(const ReceptiveField& field) {
  const BlurOptions& blur = field.blur.options;
  return {
      {"height", field.gradients.height},
      {"width", field.gradients.width},
      {"images", field.gradients.images},
      {"gradient", extent_json(field.by_gradient, field.gradient_overlap)},
      {"blur", extent_json(field.by_blur, field.blur_overlap)},
      {"blur_settings",
       {{"images", field.blur.images},
        {"grid", blur.grid},
        {"window", blur.window},
        {"sigma", blur.sigma}}},
      {"theoretical", {{"unit", field.theoretical.unit}, {"reached", field.theoretical.reached}}},
      {"sentences", field_sentences(field)}};
}

}  // namespace secateur
