// secateur recordings check: what is in a folder of recordings.

#include "apps/verbs/recordings_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/population.h"
#include "analysis/recording_check.h"
#include "apps/exit_code.h"
#include "apps/output_file.h"
#include "apps/verbs/recording_warnings.h"
#include "data/recording_split.h"
#include "formats/atomic_file.h"
#include "report/recording_plot.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr uint64_t kSplitSeed = 1;

json or_null(const std::optional<double>& value) { return value ? json(*value) : json(nullptr); }

json neuron_json(const Recording& recording, const NeuronQuality& neuron) {
  json notes = json::object();
  if (!recording.neuron_notes.empty()) {
    notes = recording.neuron_notes[static_cast<size_t>(neuron.neuron)];
  }
  return {{"session", recording.session},
          {"neuron", neuron.neuron},
          {"name", neuron.name},
          {"images", neuron.images},
          {"repeats", neuron.repeats},
          {"images_repeated", neuron.images_repeated},
          {"mean", neuron.mean},
          {"deviation", neuron.deviation},
          {"constant", neuron.constant},
          {"snr", or_null(neuron.snr)},
          {"reliability", or_null(neuron.reliability)},
          {"noise_ceiling", or_null(neuron.noise_ceiling)},
          {"notes", notes}};
}

std::string shown(const std::optional<double>& value) {
  return value ? fmt::format("{:.3f}", *value) : "-";
}

// "300 images may fit, 60 of them for validation, 60 score (split.csv)"
std::string split_words(const Recording& recording) {
  const ImageSplit split = split_of(recording);
  return fmt::format(
      "{} images may fit{}, {} score ({})", split.fit + split.validation,
      split.validation > 0 ? fmt::format(", {} of them for validation", split.validation) : "",
      split.score, split.by == kSplitByHalf ? "the first half and the second" : split.by);
}

std::string title_of(const Recording& recording) {
  return fmt::format(
      "session {}: {} neurons, {} images, {}", recording.session, recording.neurons,
      recording.images,
      recording.repeats > 1 ? fmt::format("up to {} repeats", recording.repeats) : "no repeats");
}

// The first and the last along the axis of the responses, so that their order can be seen.
void print_pictures(FILE* text, const Recording& recording) {
  const ImageSourcePtr& pictures = recording.image_source;
  if (pictures != nullptr) {
    int64_t first = 0, last = 0;
    for (int64_t i = 0; i < recording.images; ++i) {
      if (place_in_responses(recording, i) == 0) first = i;
      if (place_in_responses(recording, i) == recording.images - 1) last = i;
    }
    fmt::print(text, "pictures from {} to {}, in this order, read as {} x {} pixels\n",
               printable(pictures->name(first)), printable(pictures->name(last)),
               pictures->height(), pictures->width());
  }
  fmt::print(text, "{}\n", split_words(recording));
}

void print_session(FILE* text, const Recording& recording,
                   const std::vector<std::string>& unreadable,
                   const std::vector<NeuronQuality>& neurons) {
  fmt::print(text, "{}\n", title_of(recording));
  print_pictures(text, recording);
  if (!unreadable.empty()) {
    fmt::print(text, "{} of the {} pictures cannot be read, {}\n", unreadable.size(),
               recording.images,
               unreadable.size() == 1 ? unreadable.front() : "the first: " + unreadable.front());
  }
  size_t width = 4;
  for (int64_t i = 0; i < recording.neurons; ++i) {
    width = std::max(width, recording.given_name(i).size());
  }
  fmt::print(text, "{:>8}  {:<{}} {:>7} {:>9} {:>7} {:>12} {:>14}\n", "neuron", "name", width,
             "images", "mean", "SNR", "reliability", "noise ceiling");
  for (const NeuronQuality& neuron : neurons) {
    const std::string name = without_controls(recording.given_name(neuron.neuron));
    fmt::print(text, "{:>8}  {:<{}} {:>7} {:>9.3f} {:>7} {:>12} {:>14}\n", neuron.neuron,
               name.empty() ? "-" : name, width, neuron.images, neuron.mean, shown(neuron.snr),
               shown(neuron.reliability), shown(neuron.noise_ceiling));
  }
}

json names_json(const std::vector<PictureName>& group) {
  json names = json::array();
  for (const PictureName& picture : group) {
    names.push_back({{"session", picture.session}, {"image", picture.name}});
  }
  return names;
}

std::vector<std::string> sessions_in(const std::string& folder) {
  std::vector<std::string> sessions = list_sessions(folder);
  if (!sessions.empty()) return sessions;
  throw Error(ErrorKind::kBadInput,
              fmt::format("there is no responses.npy or responses.csv in {} or in a folder of it, "
                          "nor the authors' layout; `secateur recordings example FOLDER` writes "
                          "one to copy from",
                          printable(folder)));
}

// What is said of recordings, as it grows.
struct Overview {
  json result;
  std::vector<Recording> recordings;
  std::vector<std::vector<std::string>> unreadable;  // of each, sentences
  std::vector<std::string> of_pictures;              // warnings of all
  std::vector<std::string> warnings;
  std::vector<SessionQuality> plotted;
};

// Before anything is printed: every picture is read once, and once more where one cannot be.
void look_at_pictures(Overview& overview) {
  overview.unreadable.resize(overview.recordings.size());
  RepeatedPictures repeated;
  try {
    repeated = repeated_pictures(overview.recordings);
  } catch (const Error&) {
    json all = json::array();
    for (size_t i = 0; i < overview.recordings.size(); ++i) {
      overview.unreadable[i] = unreadable_pictures(overview.recordings[i]);
      for (const std::string& one : overview.unreadable[i]) all.push_back(one);
    }
    if (all.empty()) throw;
    overview.result["unreadable"] = all;
    return;
  }
  json& result = overview.result;
  for (const auto& group : repeated.same) result["duplicates"].push_back(names_json(group));
  for (const auto& pair : repeated.alike) result["near_duplicates"].push_back(names_json(pair));
  overview.of_pictures = warnings_of(repeated);
}

void look_at(size_t which, const CommonOptions& common, Overview& overview) {
  const Recording& recording = overview.recordings[which];
  std::vector<NeuronQuality> neurons = quality_of(recording, kSplitSeed);
  print_session(common.text(), recording, overview.unreadable[which], neurons);
  json& result = overview.result;
  for (const NeuronQuality& neuron : neurons) {
    result["neurons"].push_back(neuron_json(recording, neuron));
  }
  result["images"] = result["images"].get<int64_t>() + recording.images;
  result["repeats"] = std::max(result["repeats"].get<int64_t>(), recording.repeats);
  json split = split_json(recording);
  split["session"] = recording.session;
  result["split"].push_back(split);
  for (std::string& warning : warnings_of(recording, neurons)) {
    overview.warnings.push_back(std::move(warning));
  }
  overview.plotted.push_back({title_of(recording), std::move(neurons)});
}

}  // namespace

int check_recordings(const CheckVerb& options, const CommonOptions& common) {
  require_writable(options.plot, "--plot", ".svg");
  const std::vector<std::string> sessions = sessions_in(options.folder);
  Overview overview;
  overview.result = {{"sessions", sessions},
                     {"images", 0},
                     {"repeats", 0},
                     {"neurons", json::array()},
                     {"duplicates", json::array()},
                     {"near_duplicates", json::array()},
                     {"split", json::array()},
                     {"warnings", json::array()}};
  for (const std::string& session : sessions) {
    overview.recordings.push_back(load_recording(options.folder, session));
  }
  common.terminal->say("looking at the pictures");
  look_at_pictures(overview);
  for (size_t i = 0; i < sessions.size(); ++i) look_at(i, common, overview);
  std::vector<std::string>& warnings = overview.warnings;
  warnings.insert(warnings.end(), overview.of_pictures.begin(), overview.of_pictures.end());
  overview.result["warnings"] = warnings;
  if (!options.plot.empty()) {
    write_file_atomically(options.plot, recording_plot(overview.plotted));
    overview.result["plot"] = options.plot;
    fmt::print(common.text(), "drawn in {}\n", options.plot);
  }
  for (const std::string& warning : warnings) fmt::print(common.text(), "warning: {}\n", warning);
  common.answer(overview.result);
  if (overview.result.contains("unreadable")) {
    throw Error(ErrorKind::kBadInput,
                refusal_of(overview.result["unreadable"].get<std::vector<std::string>>()));
  }
  if (warnings.empty()) {
    fmt::print(common.text(),
               "no neuron is constant or below an SNR of {}, no picture is there "
               "twice\n",
               kLeastSnr);
  }
  return kExitDone;
}

}  // namespace secateur
