#include "apps/verbs/interpret/atlas_bank.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "apps/verbs/evaluate_job.h"
#include "apps/verbs/interpret/opened_models.h"
#include "chain/model_origin.h"
#include "chain/neuron_choice.h"
#include "interpretation/pixel_files.h"
#include "model_files/model_files.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

// The session that a name such as compact_model_190923_neuron3.keras holds.
std::string session_of_pattern(const std::string& pattern, const AtlasSources& sources) {
  if (!sources.session.empty()) return sources.session;
  const std::vector<std::string> all = list_sessions(sources.recordings);
  if (all.size() == 1) return all.front();
  const std::string name = fs::path(pattern).filename().string();
  for (const std::string& session : all) {
    if (name.find(session) != std::string::npos) return session;
  }
  fail(ErrorKind::kUsage, "atlas",
       "{} has {} sessions and the name {} holds none of them: --session says which",
       printable(sources.recordings), all.size(), printable(name));
}

std::optional<AtlasScore> score_of(const nlohmann::json& neuron, int64_t images) {
  const nlohmann::json& interval = neuron.at("intervals").at("r2_raw");
  if (!neuron.at("r2_raw").is_number() || interval.is_null()) return std::nullopt;
  return AtlasScore{.r2 = neuron.at("r2_raw").get<double>(),
                    .low = interval.at("low").get<double>(),
                    .high = interval.at("high").get<double>(),
                    .images = images};
}

// As names of files have it: letters and digits stay.
std::string plain_name(const std::string& text) {
  std::string plain = text;
  for (char& c : plain) {
    const bool kept = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!kept) c = '_';
  }
  return plain;
}

// Whether the file, or its name, says that it is of this session.
bool is_of_session(const ModelOrigin& origin, const std::string& session) {
  if (!origin.sessions.empty()) return !of_other_session(origin, session);
  return plain_name(origin.file).find(plain_name(session)) != std::string::npos;
}

// The neuron that each file is of, where one is told.
std::map<std::string, int64_t> neurons_of(const std::vector<std::string>& files,
                                          const std::string& session, AtlasBank& bank) {
  std::map<std::string, int64_t> neurons;
  for (const std::string& file : files) {
    const Model model = read_model(file);
    AtlasRecorded& recorded = bank.recorded[file];
    const int64_t outputs = model.architecture().readout.outputs;
    const ModelOrigin origin = model_origin(model.metadata, file);
    const auto neuron = origin.neuron;
    if (outputs > 1) {
      recorded.no_score = fmt::format(
          "no score: it has {} outputs, which secateur evaluate --outputs scores", outputs);
    } else if (!neuron) {
      recorded.no_score = "no score: its file does not say which neuron it is of";
    } else if (!is_of_session(origin, session)) {
      recorded.no_score = fmt::format(
          "no score: neither its file nor its name says that it is of session {}", session);
    } else {
      neurons[file] = *neuron;
    }
  }
  return neurons;
}

// Scores the files together where {neuron} stands in their name, else the one that there is.
void score(const std::string& pattern, const std::map<std::string, int64_t>& neurons,
           const AtlasSources& sources, AtlasBank& bank, Observer& observer) {
  EvaluateOptions options{.model = pattern,
                          .recordings = sources.recordings,
                          .session = session_of_pattern(pattern, sources)};
  std::vector<int64_t> numbers;
  for (const auto& [file, number] : neurons) numbers.push_back(number);
  if (numbers.empty()) options.model = bank.recorded.begin()->first;  // for its images alone
  options.neurons = numbers.empty() ? "0" : fmt::format("{}", fmt::join(numbers, ","));
  options.seed = static_cast<uint64_t>(sources.seed);
  EvaluateJob job = open_evaluate_job(options, observer);
  bank.name = "session " + job.recording.session;
  bank.images = cache_images(job.recording.image_source);
  if (numbers.empty()) return;
  const nlohmann::json scores = scores_of(job, predictions_of(job));
  size_t place = 0;
  for (const auto& [file, number] : neurons) {
    AtlasRecorded& recorded = bank.recorded[file];
    recorded.neuron = fmt::format("{}/{}", job.recording.session, job.recording.name_of(number));
    recorded.score = score_of(scores.at("neurons").at(place++), job.range.count());
    if (!recorded.score) recorded.no_score = "no score: its responses are constant or missing";
  }
  const SeenFindings found = findings_of(job);
  bank.said.insert(bank.said.end(), found.warnings.begin(), found.warnings.end());
  bank.said.insert(bank.said.end(), found.notes.begin(), found.notes.end());
}

}  // namespace

AtlasBank open_atlas_bank(const std::string& pattern, const std::vector<std::string>& files,
                          const AtlasSources& sources, Observer& observer) {
  if (sources.recordings.empty() && sources.images.empty()) {
    fail(ErrorKind::kUsage, "atlas",
         "wanted --recordings, a folder of sessions, or --images, a bank of pictures, to show to "
         "the models");
  }
  AtlasBank bank;
  if (sources.recordings.empty()) {
    for (const std::string& file : files) bank.recorded[file].no_score = "no score: no recordings";
  } else {
    score(pattern, neurons_of(files, session_of_pattern(pattern, sources), bank), sources, bank,
          observer);
  }
  if (!sources.images.empty()) {
    const InputSpec in = read_model(files.front()).architecture().input;
    bank.name = "the bank";
    bank.images = about_model(
        files.front(), [&] { return pictures_of(read_pixels(sources.images, in, sources.fit)); });
  }
  return bank;
}

}  // namespace secateur
