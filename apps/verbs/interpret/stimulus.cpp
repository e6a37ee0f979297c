// secateur interpret stimulus: the images that a model responds to most and least.

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "apps/verbs/interpret/frame.h"
#include "apps/verbs/interpret/stimulus_bank.h"
#include "apps/verbs/interpret/verbs.h"
#include "formats/atomic_file.h"
#include "formats/image_writer.h"
#include "formats/npy.h"
#include "interpretation/agreement.h"
#include "interpretation/ascent.h"
#include "interpretation/starts.h"
#include "report/svg.h"
#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// Of a bank, that facets are clustered from.
constexpr int64_t kFacetImages = 50;
constexpr int64_t kNoiseStarts = 9;

struct StimulusOptions : InterpretOptions {
  std::string start;
  int64_t seeds = 0;  // 0: none was given
  int64_t facets = 0;
  int64_t steps = 100;
  bool both = false;
  bool descend = false;
  std::string space = "pixels";
  std::string precision = "auto";
};

int64_t noise_count(const StimulusOptions& options) {
  return options.seeds > 0 ? options.seeds : kNoiseStarts;
}

// A path from one given start can be followed step by step, so it is worked out in double; from
// many, what counts is where they end.
Precision precision_of(const StimulusOptions& options, int64_t starts) {
  if (options.precision == "auto") {
    return !options.start.empty() && starts == 1 ? Precision::kDouble : Precision::kSingle;
  }
  return options.precision == "double" ? Precision::kDouble : Precision::kSingle;
}

const char* name_of(Precision precision) {
  return precision == Precision::kDouble ? "double" : "single";
}

// One way of the ascent: its files, its part of the answer, its rows of the sheet.
struct Way {
  bool descend;
  const char* word;    // of the file of responses
  const char* images;  // of the file of images
  const char* title;
};
constexpr Way kUp{false, "ascent", "best", "preferred: the largest response from each start"};
constexpr Way kDown{true, "descent", "worst", "anti-preferred: the smallest response"};

Plot curves_of(const Ascent& ascent, int64_t steps, const char* word) {
  Plot plot{.title = word, .x = "step", .y = "response", .series = {}, .names = {}, .chance = {}};
  for (size_t i = 0; i < ascent.best_steps.size(); ++i) {
    PlotSeries series;
    const auto count = static_cast<size_t>(steps);
    for (size_t s = 0; s < count; ++s) {
      series.points.push_back(
          {.x = static_cast<double>(s + 1), .y = ascent.responses[i * count + s], .interval = {}});
    }
    plot.series.push_back(std::move(series));
  }
  return plot;
}

void go(const Way& way, const InterpretedModel& opened, const StimulusOptions& options,
        const Tensor& starts, const fs::path& folder, Observer& observer, StimulusFound& found) {
  const Ascent ascent =
      ascend(opened.model, opened.output, starts,
             {.steps = options.steps,
              .precision = precision_of(options, starts.dim(0)),
              .descend = way.descend,
              .space = options.space == "fourier" ? AscentSpace::kFourier : AscentSpace::kPixels},
             observer);
  write_npy(folder / fmt::format("{}.npy", way.word), Shape{starts.dim(0), options.steps},
            ascent.responses);
  write_pixels(folder / fmt::format("{}.npy", way.images), ascent.best);
  std::vector<double> ends;
  PictureRow row{.title = way.title, .pictures = {}};
  for (size_t i = 0; i < ascent.best_steps.size(); ++i) {
    const size_t step =
        i * static_cast<size_t>(options.steps) + static_cast<size_t>(ascent.best_steps[i]);
    ends.push_back(ascent.responses[step]);
    row.pictures.push_back({.picture = picture_of(ascent.best, static_cast<int64_t>(i)),
                            .caption = fmt::format("{:.3g}", ends.back())});
    write_file_atomically(folder / fmt::format("{}_{}.png", way.images, i),
                          encode_png(row.pictures.back().picture));
  }
  const Agreement agreement = agreement_of(opened.model, ascent.best);
  found.answer[way.word] = {{"responses", ends},
                            {"median", median_of(ends)},
                            {"constant", std::ranges::minmax(ascent.responses).min ==
                                             std::ranges::minmax(ascent.responses).max},
                            {"steps_of_best", ascent.best_steps},
                            {"agreement_of_pixels", agreement.pixels},
                            {"agreement_of_maps", agreement.maps}};
  found.rows.push_back(std::move(row));
  found.plots.push_back(curves_of(ascent, options.steps, way.word));
}

Tensor starts_of(const InterpretedModel& opened, const StimulusOptions& options,
                 ImagesForModels& given, const Bank& bank, json& answer) {
  if (options.facets > 0) {
    Facets facets = facet_starts(opened.model, bank.images->pixels, bank.responses, kFacetImages,
                                 options.facets, static_cast<uint64_t>(options.seed));
    answer["facets"] = json::array();
    for (const auto& images : facets.images) answer["facets"].push_back(images.size());
    return facets.starts;
  }
  if (!options.start.empty()) return given(opened).pixels;
  return noise_starts(opened.model.architecture().input, noise_count(options),
                      static_cast<uint64_t>(options.seed));
}

json make_stimulus(const InterpretedModel& opened, const StimulusOptions& options,
                   ImagesForModels& given, ImagesForModels& images, const fs::path& folder,
                   Observer& observer) {
  const Bank bank = respond_to_bank(opened, options.images.empty() ? nullptr : &images(opened));
  StimulusFound found;
  const Tensor starts = starts_of(opened, options, given, bank, found.answer);
  found.answer["starts"] = starts.dim(0);
  found.answer["precision"] = name_of(precision_of(options, starts.dim(0)));
  if (!options.descend) go(kUp, opened, options, starts, folder, observer, found);
  if (options.both || options.descend) {
    go(kDown, opened, options, starts, folder, observer, found);
  }
  if (bank.images != nullptr) show_bank(opened, bank, folder, observer, found);
  write_drawing(
      folder / "stimulus.svg",
      picture_sheet_svg(opened.name + ": responses of the model, not of the neuron", found.rows));
  write_drawing(folder / "stimulus_steps.svg",
                plots_svg(opened.name + ": response after each step", found.plots));
  return found.answer;
}

double lowest_of(const json& values) {
  const std::vector<double> all = values;
  return *std::ranges::min_element(all);
}
double highest_of(const json& values) {
  const std::vector<double> all = values;
  return *std::ranges::max_element(all);
}

std::string way_text(const json& way, const char* most) {
  if (way["constant"]) {
    return fmt::format("the response stayed {:.4g} at every step: no pixel of the starts moves it",
                       way["median"].get<double>());
  }
  const json& responses = way["responses"];
  std::string text = fmt::format("{} response {:.4g}", most, way["median"].get<double>());
  if (responses.size() > 1) {
    text = fmt::format(
        "{} response {:.4g} in the median of {} starts, {:.4g} to {:.4g}; agreement of pixels "
        "{:.2f}, of maps {:.2f}",
        most, way["median"].get<double>(), responses.size(), lowest_of(responses),
        highest_of(responses), way["agreement_of_pixels"].get<double>(),
        way["agreement_of_maps"].get<double>());
  }
  return text;
}

std::string stimulus_text(const json& result) {
  std::vector<std::string> parts;
  if (result.contains("ascent")) parts.push_back(way_text(result["ascent"], "largest"));
  if (result.contains("descent")) parts.push_back(way_text(result["descent"], "smallest"));
  if (result.contains("natural_best")) {
    parts.push_back(fmt::format("best image of the bank {:.4g}",
                                result["natural_best"][0]["response"].get<double>()));
  }
  return fmt::format("{}; {} precision", fmt::join(parts, "; "),
                     result["precision"].get<std::string>());
}

void check_options(const StimulusOptions& options) {
  if (options.facets > 0 && options.images.empty()) {
    fail(ErrorKind::kUsage, "interpret",
         "--facets are clusters of the best of --images, wanted a bank");
  }
  if (options.facets > 0 && !options.start.empty()) {
    fail(ErrorKind::kUsage, "interpret", "wanted --start or --facets, got both");
  }
  if (options.seeds > 0 && (options.facets > 0 || !options.start.empty())) {
    fail(ErrorKind::kUsage, "interpret",
         "--seeds are starts of noise: wanted them or --start or --facets, got two of these");
  }
  if (options.both && options.descend) {
    fail(ErrorKind::kUsage, "interpret", "wanted --both or --descend, got both");
  }
  if (options.space == "fourier" && options.precision == "double") {
    fail(ErrorKind::kUsage, "interpret", "in --space fourier the precision is single");
  }
}

int interpret_stimulus(const StimulusOptions& options, const CommonOptions& common) {
  check_options(options);
  ImagesForModels given(options.start, options.fit);
  ImagesForModels images(options.images, options.fit);
  const auto settings = [&](const InterpretedModel& opened) {
    json all = {{"steps", options.steps},        {"seed", options.seed},
                {"facets", options.facets},      {"both", options.both},
                {"descend", options.descend},    {"space", options.space},
                {"precision", options.precision}};
    all["start"] =
        options.start.empty() ? json(noise_count(options)) : json(given(opened).identity);
    if (!options.images.empty()) all["images"] = images(opened).identity;
    return all;
  };
  return interpret_models(options, common,
                          {.verb = "stimulus",
                           .settings = settings,
                           .make =
                               [&](const InterpretedModel& opened, const fs::path& folder) {
                                 return make_stimulus(opened, options, given, images, folder,
                                                      *common.terminal);
                               },
                           .text = stimulus_text});
}

}  // namespace

void add_interpret_stimulus(CLI::App& interpret, CommonOptions& common, Action& action) {
  auto options = std::make_shared<StimulusOptions>();
  CLI::App* const verb =
      add_verb(interpret, common, "stimulus", "images that a model responds to most and least",
               "secateur interpret stimulus model.keras --images pictures --both --out stimulus");
  add_interpret_options(
      *verb, *options,
      "a bank, folder, .zip or .npy: its best and worst images, and small changes of them");
  verb->add_option("--start", options->start,
                   "images to begin from, folder, .zip or .npy (default: noise)");
  verb->add_option("--seeds", options->seeds, "starts of noise (default: 9)")
      ->check(CLI::Range(1, 1000));
  verb->add_option("--facets", options->facets,
                   "begin from the mean images of so many clusters of the bank's best images")
      ->check(CLI::Range(1, 50));
  verb->add_option("--steps", options->steps, "of each ascent (default: 100)")
      ->check(CLI::Range(1, 100000));
  verb->add_flag("--both", options->both, "the smallest response too");
  verb->add_flag("--descend", options->descend, "the smallest response alone");
  verb->add_option("--space", options->space,
                   "what is stepped: pixels, as in the paper, or fourier (default: pixels)")
      ->check(CLI::IsMember({"pixels", "fourier"}));
  verb->add_option("--precision", options->precision,
                   "single (fast), double (another program's steps, ten times slower) or auto: "
                   "double from one given start, else single (default: auto)")
      ->check(CLI::IsMember({"auto", "single", "double"}));
  verb->callback([&action, &common, options] {
    action = [&common, options] { return interpret_stimulus(*options, common); };
  });
}

}  // namespace secateur
