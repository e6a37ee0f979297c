// secateur interpret gradient: the gradient of the response by the pixels of images.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>

#include "apps/verbs/interpret/frame.h"
#include "apps/verbs/interpret/verbs.h"
#include "formats/npy.h"
#include "interpretation/double_network.h"
#include "interpretation/pixel_files.h"
#include "interpretation/pixel_response.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

struct GradientOptions : InterpretOptions {
  int64_t most = kMostPixelImages;
};

float largest_of(const Tensor& values) {
  float largest = 0;
  for (const float v : values.values()) largest = std::max(largest, std::abs(v));
  return largest;
}

// The largest difference of the first image's gradient from that in double precision.
double difference_from_double(const InterpretedModel& opened, const Tensor& pixels,
                              const Tensor& gradient) {
  const Tensor first = pixels.rows(0, 1);
  std::vector<double> exact;
  DoubleNetwork(opened.model, opened.output)
      .respond({first.values().begin(), first.values().end()}, &exact);
  double difference = 0;
  for (size_t i = 0; i < exact.size(); ++i) {
    difference = std::max(difference, std::abs(exact[i] - gradient[static_cast<int64_t>(i)]));
  }
  return difference;
}

json make_gradient(const InterpretedModel& opened, const PixelImages& images,
                   const fs::path& folder) {
  const ResponseGradient found = PixelResponse(opened.model, opened.output).gradient(images.pixels);
  write_pixels(folder / "gradient.npy", found.gradient);
  write_npy(folder / "responses.npy", found.responses);
  return {{"images", images.names},
          {"largest", largest_of(found.gradient)},
          {"largest_of_first", largest_of(found.gradient.rows(0, 1))},
          {"difference_of_first", difference_from_double(opened, images.pixels, found.gradient)}};
}

std::string gradient_text(const json& result) {
  const double first = result["largest_of_first"];
  std::string text =
      fmt::format("{} image{}, largest value {:.4g} a pixel", result["images"].size(),
                  result["images"].size() == 1 ? "" : "s", result["largest"].get<double>());
  if (first > 0) {
    text += fmt::format("; in double precision that of the first differs by {:.1e} of its largest",
                        result["difference_of_first"].get<double>() / first);
  } else {
    text += "; no pixel of the first changes the response, nothing was compared";
  }
  return text;
}

}  // namespace

void add_interpret_gradient(CLI::App& interpret, CommonOptions& common, Action& action) {
  auto options = std::make_shared<GradientOptions>();
  CLI::App* const verb =
      add_verb(interpret, common, "gradient", "gradient of the response by the pixels of images",
               "secateur interpret gradient model.keras --images pictures --out gradients");
  add_interpret_options(*verb, *options, "folder, .zip or .npy of images");
  verb->get_option("--images")->required();
  verb->add_option("--most", options->most, "images that are used, the first (default: all)")
      ->check(CLI::Range(int64_t{1}, kMostPixelImages));
  verb->callback([&action, &common, options] {
    action = [&common, options] {
      ImagesForModels images(options->images, options->fit, options->most);
      return interpret_models(*options, common,
                              {.verb = "gradient",
                               .settings = [&](const InterpretedModel& model) -> json {
                                 return {{"images", images(model).identity}};
                               },
                               .make =
                                   [&](const InterpretedModel& model, const fs::path& folder) {
                                     return make_gradient(model, images(model), folder);
                                   },
                               .text = gradient_text});
    };
  });
}

}  // namespace secateur
