// secateur recordings: what is in a folder of recordings, and an example of one (analyse.cpp: what
// its populations say).

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "analysis/population.h"
#include "analysis/recording_check.h"
#include "apps/exit_code.h"
#include "apps/verbs/verbs.h"
#include "data/simulated/neurons.h"
#include "data/simulated/session_writer.h"
#include "data/simulated/truth.h"
#include "formats/atomic_file.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr uint64_t kSplitSeed = 1;

json or_null(const std::optional<double>& value) { return value ? json(*value) : json(nullptr); }

json neuron_json(const std::string& session, const NeuronQuality& neuron) {
  return {{"session", session},
          {"neuron", neuron.neuron},
          {"name", neuron.name},
          {"images", neuron.images},
          {"repeats", neuron.repeats},
          {"mean", neuron.mean},
          {"constant", neuron.constant},
          {"snr", or_null(neuron.snr)},
          {"reliability", or_null(neuron.reliability)},
          {"noise_ceiling", or_null(neuron.noise_ceiling)}};
}

// What is wrong with a neuron, or empty.
std::string warning_of(const Recording& recording, const NeuronQuality& neuron) {
  const std::string who = fmt::format("{}/{}", recording.session, neuron.neuron);
  const std::string missing =
      neuron.images < recording.images
          ? fmt::format("{} has responses to {} of {} images", who, neuron.images, recording.images)
          : "";
  if (neuron.constant) {
    return (missing.empty() ? who + " has" : missing + ", to all of them") +
           " the same response: nothing to model";
  }
  if (neuron.snr && *neuron.snr < kLeastSnr) {
    return fmt::format("{} has an SNR of {:.3f}, below {}: medians over neurons leave it out", who,
                       *neuron.snr, kLeastSnr);
  }
  return missing;
}

std::vector<std::string> warnings_of(const Recording& recording,
                                     const std::vector<NeuronQuality>& neurons) {
  std::vector<std::string> warnings;
  if (recording.image_source == nullptr) {
    warnings.push_back(fmt::format("session {} has no images", recording.session));
  }
  if (recording.repeats < 2) {
    warnings.push_back(fmt::format(
        "session {} has no repeats: no noise ceiling, and scores are raw r2", recording.session));
  }
  for (const NeuronQuality& neuron : neurons) {
    const std::string warning = warning_of(recording, neuron);
    if (!warning.empty()) warnings.push_back(warning);
  }
  return warnings;
}

std::string shown(const std::optional<double>& value) {
  return value ? fmt::format("{:.3f}", *value) : "-";
}

void print_session(FILE* text, const Recording& recording,
                   const std::vector<NeuronQuality>& neurons) {
  const ImageSourcePtr& pictures = recording.image_source;
  fmt::print(
      text, "session {}: {} neurons, {} images, {}\n", recording.session, recording.neurons,
      recording.images,
      recording.repeats > 1 ? fmt::format("up to {} repeats", recording.repeats) : "no repeats");
  if (pictures != nullptr) {
    fmt::print(text, "pictures from {} to {}, in this order, read as {} x {} pixels\n",
               printable(pictures->name(0)), printable(pictures->name(pictures->count() - 1)),
               pictures->height(), pictures->width());
  }
  fmt::print(text, "{:>8}  {:<16} {:>7} {:>9} {:>7} {:>12} {:>14}\n", "neuron", "name", "images",
             "mean", "SNR", "reliability", "noise ceiling");
  for (const NeuronQuality& neuron : neurons) {
    const std::string name = printable(neuron.name);
    fmt::print(text, "{:>8}  {:<16.16} {:>7} {:>9.3f} {:>7} {:>12} {:>14}\n", neuron.neuron,
               recording.neuron_names.empty() ? "-" : name.substr(1, name.size() - 2),
               neuron.images, neuron.mean, shown(neuron.snr), shown(neuron.reliability),
               shown(neuron.noise_ceiling));
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

int check_recordings(const std::string& folder, const CommonOptions& common) {
  const std::vector<std::string> sessions = list_sessions(folder);
  if (sessions.empty()) {
    throw Error(
        ErrorKind::kBadInput,
        fmt::format("there is no responses.npy or responses.csv in {} or in a folder of it, "
                    "nor the authors' layout; `secateur recordings example FOLDER` writes "
                    "one to copy from",
                    printable(folder)));
  }
  json result = {{"sessions", sessions},
                 {"images", 0},
                 {"repeats", 0},
                 {"neurons", json::array()},
                 {"duplicates", json::array()},
                 {"near_duplicates", json::array()}};
  std::vector<std::string> warnings;
  std::vector<Recording> recordings;
  for (const std::string& session : sessions) {
    const Recording& recording = recordings.emplace_back(load_recording(folder, session));
    const std::vector<NeuronQuality> neurons = quality_of(recording, kSplitSeed);
    print_session(common.text(), recording, neurons);
    for (const NeuronQuality& neuron : neurons) {
      result["neurons"].push_back(neuron_json(session, neuron));
    }
    result["images"] = result["images"].get<int64_t>() + recording.images;
    result["repeats"] = std::max(result["repeats"].get<int64_t>(), recording.repeats);
    for (std::string& warning : warnings_of(recording, neurons)) {
      warnings.push_back(std::move(warning));
    }
  }
  const RepeatedPictures repeated = repeated_pictures(recordings);
  for (const auto& group : repeated.same) result["duplicates"].push_back(names_json(group));
  for (const auto& pair : repeated.alike) result["near_duplicates"].push_back(names_json(pair));
  for (const std::vector<std::string>& some :
       {warnings_of(repeated.same, "picture is there more than once",
                    "pictures are there more than once", "is"),
        warnings_of(repeated.alike, "pair of pictures is nearly the same",
                    "pairs of pictures are nearly the same", "looks like")}) {
    warnings.insert(warnings.end(), some.begin(), some.end());
  }
  for (const std::string& warning : warnings) fmt::print(common.text(), "warning: {}\n", warning);
  if (warnings.empty()) {
    fmt::print(common.text(),
               "no neuron is constant or below an SNR of {}, no picture is there "
               "twice\n",
               kLeastSnr);
  }
  result["warnings"] = warnings;
  common.answer(result);
  return kExitDone;
}

struct ExampleVerb {
  std::string folder;
  int64_t images = 600;
  int64_t seed = 1;
  bool table = false;
};

int write_example(const ExampleVerb& example, const CommonOptions& common) {
  std::error_code unknown;
  if (fs::exists(example.folder, unknown) && !fs::is_empty(example.folder, unknown)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} is not empty, wanted a folder to make", printable(example.folder)));
  }
  const auto circuits = simulated::default_population(kOwnPixels);
  const auto seed = static_cast<uint64_t>(example.seed);
  const auto session = simulated::simulate_session(
      circuits, {.seed = seed, .size = kOwnPixels, .images = example.images});
  simulated::write_own_session(session, example.folder, example.table);
  write_file_atomically(fs::path(example.folder) / "truth.json",
                        simulated::truth(circuits, kOwnPixels, {.seed = seed}).dump(2) + "\n");
  fmt::print(common.text(),
             "{} simulated neurons, {} images: {}/images/, {}, and truth.json, what is true of "
             "them\nlook at it:  secateur recordings check {}\n",
             session.neurons(), session.images(), example.folder,
             example.table ? "responses.csv" : "responses.npy", shell_word(example.folder));
  common.answer(
      {{"folder", example.folder}, {"neurons", session.neurons()}, {"images", session.images()}});
  return kExitDone;
}

int ask_which() {
  throw Error(ErrorKind::kUsage,
              "wanted check, analyse or example, such as secateur recordings check FOLDER");
}

}  // namespace

void add_recordings(CLI::App& program, CommonOptions& common, Action& action) {
  CLI::App* const verb = program.add_subcommand(
      "recordings",
      "what a folder of recordings holds (check), what its populations say (analyse), or an "
      "example of one (example)");
  verb->require_subcommand(0, 1);
  verb->allow_extras();
  verb->add_flag("--json", common.json, "answer in JSON, also of an error");
  verb->final_callback([verb, &action] {
    if (verb->get_subcommands().empty()) action = ask_which;
  });
  auto folder = std::make_shared<std::string>();
  CLI::App* const check =
      add_verb(*verb, common, "check",
               "what is there, how reliable each neuron is, which pictures are there twice",
               "secateur recordings check my_recordings");
  check->add_option("folder", *folder, "folder of the recordings")->required();
  check->callback([&action, &common, folder] {
    action = [&common, folder] { return check_recordings(*folder, common); };
  });
  add_analyse(*verb, common, action);
  auto options = std::make_shared<ExampleVerb>();
  CLI::App* const example =
      add_verb(*verb, common, "example", "writes simulated recordings, to copy the layout from",
               "secateur recordings example example_recordings");
  example->add_option("folder", options->folder, "folder to make")->required();
  example->add_option("--images", options->images, "how many pictures (default: 600)")
      ->check(CLI::Range(20, 20000));
  example->add_option("--seed", options->seed, "of pictures and counts")
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 62));
  example->add_flag("--table", options->table, "responses.csv in the place of responses.npy");
  example->callback([&action, &common, options] {
    action = [&common, options] { return write_example(*options, common); };
  });
}

}  // namespace secateur
