#include "apps/verbs/readout_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "chain/frozen_trunk.h"
#include "chain/neuron_choice.h"
#include "chain/seen_pictures.h"
#include "data/recording_split.h"
#include "model_files/model_files.h"
#include "model_files/trunk_files.h"
#include "tensor/error.h"
#include "tensor/printable.h"
#include "tensor/statistics.h"
#include "training/recorded_places.h"

namespace secateur {
namespace {

std::vector<const ReadoutKindEntry*> chosen_kinds(const std::string& names) {
  std::vector<const ReadoutKindEntry*> kinds;
  if (names == "all") {
    for (const ReadoutKindEntry& kind : readout_kinds()) kinds.push_back(&kind);
    return kinds;
  }
  for (size_t begin = 0; begin <= names.size();) {
    const size_t end = std::min(names.find(',', begin), names.size());
    const ReadoutKindEntry& kind = readout_kind(names.substr(begin, end - begin));
    if (std::find(kinds.begin(), kinds.end(), &kind) != kinds.end()) {
      throw Error(ErrorKind::kUsage, fmt::format("the readout {} is named twice", kind.name));
    }
    kinds.push_back(&kind);
    begin = end + 1;
  }
  return kinds;
}

// "3", "1,5" or "all", of the core's layers, from 1; the last where none is named.
std::vector<int64_t> chosen_depths(const std::string& text, const Model& core) {
  const auto most = static_cast<int64_t>(core.architecture().blocks.size());
  if (text.empty()) return {most};
  std::vector<int64_t> depths = parse_range(text, most + 1, "layers of the core");
  std::erase(depths, 0);
  if (depths.empty() || (text != "all" && text.starts_with("0"))) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--depth {}: wanted layers from 1 to {}, or all", text, most));
  }
  return depths;
}

// Also of every part that is held out.
void require_responses(const ReadoutJob& job) {
  const Tensor responses = responses_in(job, job.fit);
  const auto least = static_cast<int64_t>(2 * kFewestResponses);
  for (size_t n = 0; n < job.neurons.size(); ++n) {
    const std::vector<double> all = column(responses, static_cast<int64_t>(n));
    const int64_t there =
        std::count_if(all.begin(), all.end(), [](double v) { return !std::isnan(v); });
    require(there >= least, "readout",
            "neuron {} of session {} has responses to {} of the {} images of the fit, wanted at "
            "least {}; name others with --neurons",
            job.recording.name_of(job.neurons[n]), job.recording.session, there, job.fit.count(),
            least);
  }
}

// The leak rule by what the core's file says, by session and place.
SplitGuard guarded(const ReadoutJob& job) {
  const std::string& session = job.recording.session;
  SplitGuard guard;
  guard.declare_test_session(session);
  if (job.core && job.core->metadata.contains("split")) {
    guard.merge(SplitGuard::from_json(job.core->metadata.at("split"), job.options.core));
  }
  const std::string order = split_of(job.recording).order;
  guard.fitted(session, job.fit, order);
  SplitGuard(guard).scored(session, job.score, order);
  return guard;
}

// And by the pixels: of what the core has seen, as far as its list is there, and of the fit.
void guard_pictures(ReadoutJob& job) {
  const ImageSourcePtr& images = job.recording.image_source;
  const std::string& session = job.recording.session;
  const std::string core = std::filesystem::path(job.options.core).filename().string();
  job.seen.add(*image_range(images, job.fit.begin, job.fit.end), "the fit of session " + session);
  const ModelHasSeen has =
      seen_by_model(job.core ? job.core->metadata : nlohmann::json::object(), job.options.core);
  if (has.manifest) job.seen.add(*has.manifest, "core " + core);
  if (!has.unknown.empty()) job.seen.add_unknown(has.unknown);
  SeenGuard guard(image_range(images, job.score.begin, job.score.end), session,
                  job.options.allow_seen);
  guard.check(job.seen, "readout");
  job.findings = guard.findings();
}

// Weights of ResNet-50, as a run with trunk= reads them.
std::shared_ptr<const Trunk> resnet_of(const ReadoutJob& job) {
  const ReadoutOptions& options = job.options;
  if (!options.depth.empty()) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("--depth is of the layers of a model; {} has weights of ResNet-50, which "
                    "are read behind conv4_block4",
                    options.core));
  }
  if (!options.out.empty()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--out writes a model, and no model file can hold ResNet-50: wanted a "
                            "run with trunk={}",
                            options.core));
  }
  InputSpec images;
  images.height = job.recording.image_source->height();
  images.width = job.recording.image_source->width();
  return frozen_trunk(options.core, options.pixels, images);
}

}  // namespace

Tensor responses_in(const ReadoutJob& job, ImageRange range) {
  const auto count = static_cast<int64_t>(job.neurons.size());
  Tensor responses(Shape{range.count(), count});
  for (int64_t i = 0; i < range.count(); ++i) {
    for (int64_t n = 0; n < count; ++n) {
      responses[i * count + n] = static_cast<float>(
          job.recording.mean_at(job.neurons[static_cast<size_t>(n)], range.begin + i));
    }
  }
  return responses;
}

// Found before the work, not after it.
void require_maps_for_a_model(const ReadoutJob& job) {
  const ReadoutOptions& options = job.options;
  if (options.out.empty() || !job.core || job.kinds.size() > 1 || job.depths.size() > 1) return;
  for (const int64_t depth : job.depths) {
    const Shape maps = job.core->architecture().shape_before(static_cast<size_t>(depth));
    if (maps[1] * maps[2] <= options.side * options.side) continue;
    throw Error(
        ErrorKind::kUsage,
        fmt::format("--out: the maps behind {} layers have {} x {} pixels and would be read "
                    "as means over patches of them, which no model file can say: wanted "
                    "--side {} or a deeper layer",
                    depth, maps[1], maps[2], std::max(maps[1], maps[2])));
  }
}

ReadoutJob open_readout_job(const ReadoutOptions& options, Observer& observer) {
  std::optional<Model> core;
  if (!holds_resnet50(options.core)) core = read_model(options.core);
  const int64_t pixels = core ? core->architecture().input.height : int64_t{kOwnPixels};
  ReadoutJob job{.options = options,
                 .observer = observer,
                 .core = std::move(core),
                 .resnet = nullptr,
                 .kinds = chosen_kinds(options.readouts),
                 .depths = {},
                 .recording = load_recording(options.recordings,
                                             chosen_session(options.recordings, options.session),
                                             static_cast<int>(pixels), options.fold),
                 .neurons = {},
                 .fit = {},
                 .score = {},
                 .guard = {},
                 .seen = {},
                 .findings = {}};
  job.depths = job.core ? chosen_depths(options.depth, *job.core) : std::vector<int64_t>{0};
  require(job.recording.image_source != nullptr, "readout", "session {} has no images below {}",
          job.recording.session, options.recordings);
  if (!job.core) job.resnet = resnet_of(job);
  job.neurons = chosen_neurons(options.neurons, job.recording);
  job.fit = split_range(job.recording, Half::kFirst);
  job.score = split_range(job.recording, Half::kSecond);
  require_maps_for_a_model(job);
  require_responses(job);
  job.guard = guarded(job);
  guard_pictures(job);
  job.recording.image_source = cache_images(job.recording.image_source);
  return job;
}

std::string what_the_core_saw(const ReadoutJob& job) {
  if (!job.core || !job.core->metadata.contains("split")) return "";
  std::vector<std::string> seen;
  bool of_the_fit = false;
  const SplitGuard guard = SplitGuard::from_json(job.core->metadata.at("split"), job.options.core);
  for (const SplitGuard::Entry& entry : guard.entries()) {
    if (entry.use == SplitGuard::Use::kFit) {
      of_the_fit = of_the_fit ||
                   (entry.session == job.recording.session && entry.images.begin < job.fit.end);
      seen.push_back(fmt::format("images {} to {} of {}", entry.images.begin, entry.images.end - 1,
                                 entry.session));
    }
  }
  return fmt::format(
      "the core's file says that it was fitted on {}: by session and place none that scores{}",
      seen.empty() ? "no recording" : fmt::format("{}", fmt::join(seen, ", ")),
      of_the_fit ? "; it has learnt images that fit, so what is held out of these is flattered"
                 : "");
}

}  // namespace secateur
