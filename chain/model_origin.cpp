#include "chain/model_origin.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

#include "data/half_split.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

std::vector<std::string> fitted_sessions(const nlohmann::json& metadata, const std::string& file) {
  std::vector<std::string> sessions;
  if (!metadata.contains("split")) return sessions;
  const SplitGuard guard = SplitGuard::from_json(metadata.at("split"), file);
  for (const SplitGuard::Entry& entry : guard.entries()) {
    const bool fit = entry.use == SplitGuard::Use::kFit && entry.test;
    if (fit && std::ranges::count(sessions, entry.session) == 0) sessions.push_back(entry.session);
  }
  return sessions;
}

std::optional<int64_t> neuron_in_name(const std::string& file) {
  static const std::regex pattern(R"(neuron(\d{1,9})(?!\d))");
  std::smatch found;
  if (!std::regex_search(file, found, pattern)) return std::nullopt;
  return std::stoll(found[1]);
}

}  // namespace

ModelOrigin model_origin(const nlohmann::json& metadata, const std::filesystem::path& path) {
  ModelOrigin origin{.file = path.filename().string(), .sessions = {}, .neuron = std::nullopt};
  const auto session = metadata.find("session");
  if (session != metadata.end() && session->is_string()) {
    origin.sessions = {session->get<std::string>()};
  } else {
    origin.sessions = fitted_sessions(metadata, origin.file);
  }
  const auto neuron = metadata.find("neuron");
  if (neuron != metadata.end() && neuron->is_number_integer()) {
    origin.neuron = neuron->get<int64_t>();
  } else {
    origin.neuron = neuron_in_name(origin.file);
    origin.by_name = origin.neuron.has_value();
  }
  return origin;
}

bool of_other_session(const ModelOrigin& origin, const std::string& session) {
  return !origin.sessions.empty() && std::ranges::count(origin.sessions, session) == 0;
}

std::string sessions_of(const ModelOrigin& origin) {
  std::vector<std::string> shown;
  for (const std::string& session : origin.sessions) shown.push_back(without_controls(session));
  return fmt::format("{}", fmt::join(shown, ", "));
}

std::string other_origin(const ModelOrigin& origin, const Recording& recording, int64_t neuron) {
  const bool other_neuron = neuron >= 0 && origin.neuron && *origin.neuron != neuron;
  if (!of_other_session(origin, recording.session) && !other_neuron) return "";
  const std::string session = sessions_of(origin);
  const std::string here = neuron < 0 ? fmt::format("the neurons of session {}", recording.session)
                                      : fmt::format("neuron {}/{}", recording.session, neuron);
  if (neuron >= 0 && origin.neuron) {
    return fmt::format("{} is{} of neuron {}{}, and is scored here on {}", origin.file,
                       origin.by_name ? ", by its name," : "", session.empty() ? "" : session + "/",
                       *origin.neuron, here);
  }
  return fmt::format("{} was fitted to neurons of session {}, and is scored here on {}",
                     origin.file, session, here);
}

}  // namespace secateur
