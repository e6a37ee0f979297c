#include "apps/verbs/recording_warnings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "analysis/population.h"
#include "chain/subject.h"
#include "data/recording_split.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

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

// One sentence for all that the same sessions share, with the first of them.
std::vector<std::string> warnings_of_groups(const std::vector<std::vector<PictureName>>& groups,
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

}  // namespace

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

std::vector<std::string> warnings_of(const RepeatedPictures& repeated) {
  std::vector<std::string> warnings = warnings_of_groups(
      repeated.same, "picture is there more than once", "pictures are there more than once", "is");
  for (std::string& alike :
       warnings_of_groups(repeated.alike, "pair of pictures is nearly the same",
                          "pairs of pictures are nearly the same", "looks like")) {
    warnings.push_back(std::move(alike));
  }
  return warnings;
}

std::vector<std::string> unreadable_pictures(const Recording& recording) {
  std::vector<std::string> sentences;
  if (recording.image_source == nullptr) return sentences;
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
  return sentences;
}

std::string refusal_of(const std::vector<std::string>& unreadable) {
  constexpr int64_t kShown = 10;
  const int64_t more = std::max<int64_t>(0, std::ssize(unreadable) - kShown);
  const std::vector<std::string> some(unreadable.begin(), unreadable.end() - more);
  return fmt::format("{} {} be read: {}{}", unreadable.size(),
                     unreadable.size() == 1 ? "picture cannot" : "pictures cannot",
                     fmt::join(some, "; "), more > 0 ? fmt::format("; and {} more", more) : "");
}

}  // namespace secateur
