#include "training/checkpoint.h"

#include "formats/safetensors.h"
#include "tensor/error.h"
#include "tensor/json_text.h"
#include "training/content_digest.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

fs::path previous_of(const fs::path& path) { return path.string() + ".previous"; }

std::map<std::string, Tensor> with_prefix(const std::map<std::string, Tensor>& tensors,
                                          const std::string& prefix) {
  std::map<std::string, Tensor> result;
  for (const auto& [name, tensor] : tensors) {
    if (name.starts_with(prefix)) result.emplace(name.substr(prefix.size()), tensor);
  }
  return result;
}

void add_with_prefix(std::map<std::string, Tensor>& to, const std::map<std::string, Tensor>& from,
                     const std::string& prefix) {
  for (const auto& [name, tensor] : from) to.emplace(prefix + name, tensor);
}

}  // namespace

void write_state(const fs::path& path, const std::string& key, const Model& model,
                 const Optimiser& optimiser, const Hooks& hooks, const LoopPlace& place) {
  SafetensorsFile file;
  add_with_prefix(file.tensors, model.tensors(), "model/");
  add_with_prefix(file.tensors, optimiser.state(), "optimiser/");
  nlohmann::json state = {{"key", key},
                          {"step", place.step},
                          {"last_loss", place.last_loss},
                          {"updates", optimiser.updates()},
                          {"hooks", nlohmann::json::object()}};
  for (const auto& hook : hooks) {
    state["hooks"][hook->name()] = hook->state();
    add_with_prefix(file.tensors, hook->tensors(), "hook/" + hook->name() + "/");
  }
  const std::string text = state.dump();
  file.metadata["secateur.checkpoint"] = text;
  file.metadata["secateur.content"] = content_digest(file.tensors, text);
  write_safetensors(path, file);
}

void write_checkpoint(const fs::path& path, const std::string& key, const Model& model,
                      const Optimiser& optimiser, const Hooks& hooks, const LoopPlace& place) {
  std::error_code ignored;  // no file yet is the usual case
  fs::rename(path, previous_of(path), ignored);
  write_state(path, key, model, optimiser, hooks, place);
}

std::optional<LoopPlace> read_checkpoint(const fs::path& path, const std::string& key, Model& model,
                                         Optimiser& optimiser, const Hooks& hooks) {
  fs::path from = path;
  if (!fs::exists(from)) from = previous_of(path);
  if (!fs::exists(from)) return std::nullopt;
  const SafetensorsFile file = read_safetensors(from, kStateFileCap);
  const auto found = file.metadata.find("secateur.checkpoint");
  require(found != file.metadata.end(), "checkpoint", "{} is not a checkpoint", from.string());
  const auto content = file.metadata.find("secateur.content");
  require(content != file.metadata.end() &&
              is_content_digest(content->second, file.tensors, found->second),
          "checkpoint", "{} is damaged: its content is not what was written", from.string());
  const nlohmann::json text = parse_json(found->second, from.string());
  const JsonField state(text, "checkpoint", from.string());
  if (state.at("key").text() != key) {
    fail(ErrorKind::kUsage, "checkpoint",
         "{} belongs to another run: it was written with other settings or data", from.string());
  }
  const Model stored(model.architecture(), with_prefix(file.tensors, "model/"));
  for (const auto& [name, tensor] : stored.tensors()) model.tensor(name) = tensor.clone();
  optimiser.restore(model, with_prefix(file.tensors, "optimiser/"), state.at("updates").whole());
  for (const auto& hook : hooks) {
    hook->restore_state(state.at("hooks").at(hook->name().c_str()));
    hook->restore_tensors(with_prefix(file.tensors, "hook/" + hook->name() + "/"));
  }
  return LoopPlace{.step = state.at("step").whole(), .last_loss = state.at("last_loss").number()};
}

void remove_checkpoint(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
  fs::remove(previous_of(path), ignored);
}

}  // namespace secateur
