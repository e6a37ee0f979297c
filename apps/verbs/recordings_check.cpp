// secateur recordings check: what is in a folder of recordings.

#include "apps/verbs/recordings_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "analysis/population.h"
#include "analysis/recording_check.h"
#include "apps/exit_code.h"
#include "chain/subject.h"
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
          {"constant", neuron.constant},
          {"snr", or_null(neuron.snr)},
          {"reliability", or_null(neuron.reliability)},
          {"noise_ceiling", or_null(neuron.noise_ceiling)},
          {"notes", notes}};
}

std::string name_with_session(const Recording& recording, const NeuronQuality& neuron) {
  return recorded_neuron(recording.session, neuron.neuron, recording.given_name(neuron.neuron))
      .name;
}

// What is wrong with a neuron, or empty.
std::string warning_of(const Recording& recording, const NeuronQuality& neuron) {
  const std::string who = name_with_session(recording, neuron);
  const std::string missing =
      neuron.images < recording.images
          ? fmt::format("{} has responses to {} of {} images", who, neuron.images, recording.images)
          : "";
  if (neuron.constant) {
    return (missing.empty() ? who + " has" : missing + ", to all of them") +
           (missing.empty() ? " the same response to all images" : " the same response") +
           ": nothing to model";
  }
  if (neuron.snr && *neuron.snr < kLeastSnr) {
    return fmt::format("{} has an SNR of {:.3f}, below {}: medians over neurons leave it out", who,
                       *neuron.snr, kLeastSnr);
  }
  if (neuron.images_repeated > 0 && !neuron.snr) {
    return fmt::format("{}: its repeats never differ, so that SNR and noise ceiling are not known",
                       who);
  }
  return missing;
}

// What is wrong with how often images were shown, or empty.
std::string warning_of_repeats(const Recording& recording, int64_t images_repeated) {
  if (images_repeated == 0) {
    return fmt::format("session {} has no repeats: no noise ceiling, and scores are raw r2",
                       recording.session);
  }
  if (images_repeated >= kFewRepeatedImages) return "";
  return fmt::format(
      "session {} has repeats of {} only: SNR, reliability and noise ceiling from fewer than {} "
      "are not to be relied on",
      recording.session,
      images_repeated == 1 ? "1 image" : fmt::format("{} images", images_repeated),
      kFewRepeatedImages);
}

std::string warning_of_copies(const Recording& recording) {
  const std::vector<int64_t> images = images_with_equal_trials(recording);
  if (images.empty()) return "";
  const std::string first = recording.image_source == nullptr
                                ? std::to_string(images.front())
                                : printable(recording.image_source->name(images.front()));
  if (images.size() == 1) {
    return fmt::format(
        "picture {} of session {} has two rows with the same numbers: is one a copy?", first,
        recording.session);
  }
  return fmt::format(
      "{} pictures of session {} have two rows with the same numbers, {} for one: are they copies?",
      images.size(), recording.session, first);
}

// Names that neuron= does not take as they are.
std::vector<std::string> warnings_of_names(const Recording& recording) {
  std::map<std::string, std::vector<int64_t>> called;
  for (int64_t i = 0; i < recording.neurons; ++i) called[recording.given_name(i)].push_back(i);
  called.erase("");
  std::vector<std::string> warnings;
  for (const auto& [name, neurons] : called) {
    if (neurons.size() > 1) {
      warnings.push_back(fmt::format(
          "session {} has {} neurons called {}: neuron= tells them apart "
          "by their numbers, {}",
          recording.session, neurons.size(), printable(name), fmt::join(neurons, ", ")));
    } else if (name.find(',') != std::string::npos) {
      warnings.push_back(fmt::format("the name {} has a ',': say neuron={}/{}", printable(name),
                                     recording.session, neurons.front()));
    } else if (name.find('/') != std::string::npos) {
      warnings.push_back(fmt::format("the name {} has a '/': say neuron={}", printable(name),
                                     shell_word(recording.session + "/" + name)));
    }
  }
  return warnings;
}

std::vector<std::string> warnings_of(const Recording& recording,
                                     const std::vector<NeuronQuality>& neurons) {
  std::vector<std::string> warnings;
  if (recording.image_source == nullptr) {
    warnings.push_back(fmt::format("session {} has no images", recording.session));
  }
  int64_t repeated = 0;
  for (const NeuronQuality& neuron : neurons) {
    repeated = std::max(repeated, neuron.images_repeated);
  }
  warnings.push_back(warning_of_repeats(recording, repeated));
  warnings.push_back(warning_of_copies(recording));
  for (const NeuronQuality& neuron : neurons) {
    warnings.push_back(warning_of(recording, neuron));
    if (repeated > 0 && neuron.images_repeated == 0) {
      warnings.push_back(fmt::format("{} has no repeats, others of the session have",
                                     name_with_session(recording, neuron)));
    }
  }
  for (std::string& warning : warnings_of_names(recording)) warnings.push_back(std::move(warning));
  std::erase(warnings, "");
  return warnings;
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
                   const std::vector<NeuronQuality>& neurons) {
  fmt::print(text, "{}\n", title_of(recording));
  print_pictures(text, recording);
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

// One sentence for all that the same sessions share, with the first of them.
std::vector<std::string> warnings_of(const std::vector<std::vector<PictureName>>& groups,
                                     const std::string& one, const std::string& many,
                                     const std::string& is) {
  std::map<std::set<std::string>, std::vector<const std::vector<PictureName>*>> by_sessions;
  for (const std::vector<PictureName>& group : groups) {
    std::set<std::string> sessions;
    for (const PictureName& picture : group) sessions.insert(picture.session);
    by_sessions[sessions].push_back(&group);
  }
  std::vector<std::string> warnings;
  for (const auto& [sessions, shared] : by_sessions) {
    const std::vector<PictureName>& first = *shared.front();
    warnings.push_back(fmt::format("{} {} in session{} {}: {} of {} {} {} of {}", shared.size(),
                                   shared.size() == 1 ? one : many, sessions.size() == 1 ? "" : "s",
                                   fmt::join(sessions, ", "), printable(first[0].name),
                                   first[0].session, is, printable(first[1].name),
                                   first[1].session));
  }
  return warnings;
}

// Every picture that cannot be read, and why, where one could not be.
std::vector<std::string> unreadable_pictures(const std::vector<Recording>& recordings) {
  std::vector<std::string> sentences;
  for (const Recording& recording : recordings) {
    if (recording.image_source == nullptr) continue;
    std::vector<int64_t> in_order(static_cast<size_t>(recording.images));
    for (int64_t i = 0; i < recording.images; ++i) {
      in_order[static_cast<size_t>(place_in_responses(recording, i))] = i;
    }
    std::vector<uint8_t> pixels(static_cast<size_t>(recording.image_source->bytes_per_image()));
    for (const int64_t image : in_order) {
      try {
        recording.image_source->read(image, pixels);
      } catch (const Error& error) {
        sentences.emplace_back(error.what());
      }
    }
  }
  return sentences;
}

[[noreturn]] void refuse_unreadable(const std::vector<std::string>& sentences) {
  constexpr size_t kShown = 10;
  const std::vector<std::string> some(
      sentences.begin(), sentences.begin() + std::ssize(sentences) -
                             std::max<int64_t>(0, std::ssize(sentences) - int64_t{kShown}));
  throw Error(ErrorKind::kBadInput,
              fmt::format("{} {} be read: {}{}", sentences.size(),
                          sentences.size() == 1 ? "picture cannot" : "pictures cannot",
                          fmt::join(some, "; "),
                          sentences.size() > kShown
                              ? fmt::format("; and {} more", sentences.size() - kShown)
                              : ""));
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
  std::vector<std::string> warnings;
  std::vector<Recording> recordings;
  std::vector<SessionQuality> plotted;
};

void look_at(const std::string& folder, const std::string& session, const CommonOptions& common,
             Overview& overview) {
  const Recording& recording = overview.recordings.emplace_back(load_recording(folder, session));
  std::vector<NeuronQuality> neurons = quality_of(recording, kSplitSeed);
  print_session(common.text(), recording, neurons);
  json& result = overview.result;
  for (const NeuronQuality& neuron : neurons) {
    result["neurons"].push_back(neuron_json(recording, neuron));
  }
  result["images"] = result["images"].get<int64_t>() + recording.images;
  result["repeats"] = std::max(result["repeats"].get<int64_t>(), recording.repeats);
  json split = split_json(recording);
  split["session"] = session;
  result["split"].push_back(split);
  for (std::string& warning : warnings_of(recording, neurons)) {
    overview.warnings.push_back(std::move(warning));
  }
  const bool known = std::ranges::any_of(
      neurons, [](const NeuronQuality& neuron) { return neuron.reliability || neuron.snr; });
  overview.plotted.push_back(
      {title_of(recording) +
           (known ? "" : ": reliability, noise ceiling and SNR are not known, nothing is drawn"),
       std::move(neurons)});
}

void look_for_repeated_pictures(const CommonOptions& common, Overview& overview) {
  RepeatedPictures repeated;
  try {
    repeated = repeated_pictures(overview.recordings);
  } catch (const Error&) {
    const std::vector<std::string> unreadable = unreadable_pictures(overview.recordings);
    if (unreadable.empty()) throw;
    overview.result["unreadable"] = unreadable;
    common.answer(overview.result);
    refuse_unreadable(unreadable);
  }
  json& result = overview.result;
  for (const auto& group : repeated.same) result["duplicates"].push_back(names_json(group));
  for (const auto& pair : repeated.alike) result["near_duplicates"].push_back(names_json(pair));
  for (const std::vector<std::string>& some :
       {warnings_of(repeated.same, "picture is there more than once",
                    "pictures are there more than once", "is"),
        warnings_of(repeated.alike, "pair of pictures is nearly the same",
                    "pairs of pictures are nearly the same", "looks like")}) {
    overview.warnings.insert(overview.warnings.end(), some.begin(), some.end());
  }
}

}  // namespace

int check_recordings(const CheckVerb& options, const CommonOptions& common) {
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
    look_at(options.folder, session, common, overview);
  }
  if (!options.plot.empty()) {
    write_file_atomically(options.plot, recording_plot(overview.plotted));
    overview.result["plot"] = options.plot;
    fmt::print(common.text(), "drawn in {}\n", options.plot);
  }
  look_for_repeated_pictures(common, overview);
  for (const std::string& warning : overview.warnings) {
    fmt::print(common.text(), "warning: {}\n", warning);
  }
  if (overview.warnings.empty()) {
    fmt::print(common.text(),
               "no neuron is constant or below an SNR of {}, no picture is there "
               "twice\n",
               kLeastSnr);
  }
  overview.result["warnings"] = overview.warnings;
  common.answer(overview.result);
  return kExitDone;
}

}  // namespace secateur
