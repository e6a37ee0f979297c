// secateur playground: a page in which compact models run.

#include "playground/playground.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/exit_code.h"
#include "apps/output_file.h"
#include "apps/verbs/evaluate_job.h"
#include "apps/verbs/interpret/frame.h"
#include "apps/verbs/verbs.h"
#include "data/recording_split.h"
#include "formats/atomic_file.h"
#include "interpretation/image_pixels.h"
#include "interpretation/stimuli/stimulus.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

using nlohmann::json;

// In the page: some 30 KB each. More when they are to score.
constexpr int64_t kPageImages = 24, kScoringImages = 28;
// Behind the scores of pruning.
constexpr int64_t kPruningImages = 96;

struct PlaygroundOptions {
  std::vector<std::string> models;
  std::string out;
  int64_t output = -1;
  std::string images;
  bool fit = false;
  std::string recordings;
  std::string session;
  std::vector<std::string> neurons;
  int64_t seed = 1;
};

// As a page keeps them: whole numbers.
Tensor whole_numbers(Tensor pixels) {
  for (float& value : pixels.values()) value = std::round(std::clamp(value, 0.0f, 255.0f));
  return pixels;
}

PlaygroundImages some_of(const Tensor& pixels, const std::vector<std::string>& names,
                         const std::vector<int64_t>& places, const std::string& source) {
  PlaygroundImages some{.pixels = whole_numbers(images_at(pixels, places)), .source = source};
  for (const int64_t place : places)
    some.names.push_back(readable(names[static_cast<size_t>(place)]));
  return some;
}

void simulate(const PlaygroundOptions& options, PlaygroundModel& model) {
  const Tensor pixels =
      stimuli::simulated_pictures(stimuli::ground_of(model.model.architecture().input),
                                  static_cast<uint64_t>(options.seed), kPruningImages);
  std::vector<std::string> names;
  for (int64_t i = 0; i < kPruningImages; ++i) names.push_back(fmt::format("simulated {}", i));
  model.images = some_of(pixels, names, evenly_spread(kPageImages, kPageImages),
                         fmt::format("{} simulated pictures", kPageImages));
  model.pruning_images = some_of(pixels, names, evenly_spread(kPruningImages, kPruningImages),
                                 fmt::format("{} simulated pictures", kPruningImages));
}

void take_bank(const PlaygroundOptions& options, PlaygroundModel& model) {
  const PixelImages bank =
      read_pixels(options.images, model.model.architecture().input, options.fit);
  const int64_t count = bank.pixels.dim(0);
  require(count >= 2, "playground", "wanted at least 2 images, {} holds {}",
          printable(options.images), count);
  const std::string name = readable(std::filesystem::path(options.images).filename().string());
  const auto part = [&](int64_t most) {
    const std::vector<int64_t> places = evenly_spread(count, most);
    return some_of(bank.pixels, bank.names, places,
                   fmt::format("{} of {} images of {}", places.size(), count, name));
  };
  model.images = part(kPageImages);
  model.pruning_images = part(kPruningImages);
}

PlaygroundImages part_of_session(const EvaluateJob& job, ImageRange range,
                                 const std::vector<int64_t>& places, const std::string& which) {
  PlaygroundImages part{.source = fmt::format("{} of the {} images of session {} that {} ({})",
                                              places.size(), range.count(), job.recording.session,
                                              which, split_of(job.recording).by)};
  const ImageSource& source = *job.recording.image_source;
  part.pixels =
      Tensor(Shape{static_cast<int64_t>(places.size()), 3, source.height(), source.width()});
  float* to = part.pixels.data();
  for (const int64_t place : places) {
    const Tensor one = image_pixels(source, range.begin + place, 1);
    to = std::copy(one.values().begin(), one.values().end(), to);
    part.names.push_back(source.name(range.begin + place));
  }
  return part;
}

// The second half of a session scores, so its images are in the page; by those of the first half
// filters are pruned.
void take_session(const PlaygroundOptions& options, const InterpretedModel& opened,
                  const std::string& neuron, Observer& observer, PlaygroundModel& model) {
  EvaluateOptions wanted;
  wanted.model = opened.file;
  wanted.recordings = options.recordings;
  wanted.session = options.session;
  wanted.neurons = neuron;
  EvaluateJob job = open_evaluate_job(wanted, observer);
  guard_scores(job, opened.model.metadata, opened.file);
  if (job.neurons.size() != 1) {
    fail(ErrorKind::kUsage, "playground", "--neuron {} is {} neurons, wanted one for each model",
         printable(neuron), job.neurons.size());
  }
  const InputSpec& in = opened.model.architecture().input;
  require(job.images->height() == in.height && job.images->width() == in.width, "playground",
          "{} reads images of {} x {}, those of session {} have {} x {}", printable(opened.file),
          in.height, in.width, job.recording.session, job.images->height(), job.images->width());
  std::vector<int64_t> answered;
  for (int64_t i = 0; i < job.range.count(); ++i) {
    if (std::isfinite(job.recording.mean_at(job.neurons.front(), job.range.begin + i))) {
      answered.push_back(i);
    }
  }
  std::vector<int64_t> places;
  RecordedResponses recorded{.neuron = fmt::format("neuron {} of session {}",
                                                   job.recording.name_of(job.neurons.front()),
                                                   job.recording.session)};
  for (const int64_t at : evenly_spread(static_cast<int64_t>(answered.size()), kScoringImages)) {
    places.push_back(answered[static_cast<size_t>(at)]);
    recorded.responses.push_back(
        job.recording.mean_at(job.neurons.front(), job.range.begin + places.back()));
  }
  require(places.size() >= 3, "playground", "neuron {} has responses to {} images that score",
          printable(neuron), places.size());
  const ImageRange first = split_range(job.recording, Half::kFirst);
  model.images = part_of_session(job, job.range, places, "score");
  model.pruning_images =
      part_of_session(job, first, evenly_spread(first.count(), kPruningImages), "may fit");
  model.recorded = std::move(recorded);
}

void check_neurons(const PlaygroundOptions& options, size_t models) {
  if (options.recordings.empty()) {
    if (!options.neurons.empty() || !options.session.empty()) {
      fail(ErrorKind::kUsage, "playground", "--neuron and --session want --recordings FOLDER");
    }
    return;
  }
  if (!options.images.empty()) {
    fail(ErrorKind::kUsage, "playground",
         "wanted --images or --recordings, whose session has images of its own, not both");
  }
  if (options.neurons.size() != 1 && options.neurons.size() != models) {
    fail(ErrorKind::kUsage, "playground",
         "--recordings wants the neuron that each model is of, --neuron N once or {} times, got {}",
         models, options.neurons.size());
  }
}

PlaygroundModel playground_model(const PlaygroundOptions& options, const std::string& file,
                                 const std::string& neuron, Observer& observer) {
  const InterpretedModel opened = open_model(file, options.output);
  const bool several = opened.model.architecture().readout.outputs > 1;
  PlaygroundModel model{
      .name = several ? fmt::format("{}, output {}", opened.name, opened.output) : opened.name,
      .model = select_outputs(opened.model, {opened.output})};
  if (!options.recordings.empty()) {
    take_session(options, opened, neuron, observer, model);
  } else if (!options.images.empty()) {
    take_bank(options, model);
  } else {
    simulate(options, model);
  }
  return model;
}

int write_playground(const PlaygroundOptions& options, const CommonOptions& common) {
  require_writable(options.out, "--out", ".html");
  std::vector<std::string> files;
  for (const std::string& pattern : options.models) {
    const std::vector<std::string> some = files_of_pattern(pattern);
    files.insert(files.end(), some.begin(), some.end());
  }
  check_neurons(options, files.size());
  std::vector<PlaygroundModel> models;
  json list = json::array();
  for (size_t i = 0; i < files.size(); ++i) {
    const std::string neuron =
        options.neurons.empty() ? "" : options.neurons[options.neurons.size() == 1 ? 0 : i];
    models.push_back(about_model(
        files[i], [&] { return playground_model(options, files[i], neuron, *common.terminal); }));
    const PlaygroundModel& model = models.back();
    list.push_back({{"file", files[i]},
                    {"name", model.name},
                    {"images", model.images.source},
                    {"pruning_images", model.pruning_images.source},
                    {"recorded", model.recorded ? json(model.recorded->neuron) : json(nullptr)}});
  }
  const std::string page = playground_page(models, *common.terminal);
  common.terminal->end_progress();
  write_file_atomically(options.out, page);
  for (const json& model : list) {
    fmt::print(common.text(), "{}: {}{}\n", readable(model["name"].get<std::string>()),
               readable(model["images"].get<std::string>()),
               model["recorded"].is_null()
                   ? ""
                   : ", with the responses of " + readable(model["recorded"].get<std::string>()));
  }
  fmt::print(common.text(), "written: {} ({:.1f} MB), a page that needs nothing else: open it\n",
             readable(options.out), static_cast<double>(page.size()) / 1e6);
  common.answer({{"out", options.out}, {"bytes", page.size()}, {"models", std::move(list)}});
  return kExitDone;
}

}  // namespace

void add_playground(CLI::App& program, CommonOptions& common, Action& action) {
  auto options = std::make_shared<PlaygroundOptions>();
  CLI::App* const verb =
      add_verb(program, common, "playground", "a page in which compact models run",
               "secateur playground model.keras --recordings V4_compact_models --session 201025 "
               "--neuron 2 -o page.html");
  verb->add_option(
          "models", options->models,
          "model files of any kind; {neuron} in a name stands for every number that files have")
      ->required();
  verb->add_option("-o,--out", options->out, "page to write, a name that ends in .html")
      ->required()
      ->check(a_name());
  verb->add_option("--output", options->output, "which output of a model of many neurons")
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--images", options->images,
                   "folder, .zip or .npy of images, some of which the page keeps (default: "
                   "simulated pictures)");
  verb->add_flag("--fit", options->fit, "bring images of another size to that of the model");
  verb->add_option(
      "--recordings", options->recordings,
      "folder of recordings: the page keeps images of the second half of a session and "
      "what the neuron answered to them");
  verb->add_option("--session", options->session,
                   "recording session (default: the only one there is)");
  verb->add_option("--neuron", options->neurons,
                   "neuron of the session: one for all models, or 2,5,... one for each")
      ->delimiter(',')
      ->allow_extra_args(false);
  verb->add_option("--seed", options->seed, "of the simulated pictures (default: 1)")
      ->check(CLI::NonNegativeNumber);
  verb->callback([&action, &common, options] {
    action = [&common, options] { return write_playground(*options, common); };
  });
}

}  // namespace secateur
