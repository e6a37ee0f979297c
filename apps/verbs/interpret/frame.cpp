#include "apps/verbs/interpret/frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "apps/exit_code.h"
#include "data/image_numbering.h"
#include "formats/atomic_file.h"
#include "formats/byte_reader.h"
#include "model_files/model_files.h"
#include "models/fingerprint.h"
#include "tensor/error.h"
#include "tensor/json_text.h"
#include "tensor/printable.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* kAnyNeuron = "{neuron}";
constexpr int64_t kAnswerCap = int64_t{1} << 26;

// The files of a pattern, ordered by the number that stands for {neuron}.
std::vector<std::string> files_of(const std::string& pattern) {
  const fs::path path(pattern);
  const std::string name = path.filename().string();
  const size_t at = name.find(kAnyNeuron);
  if (at == std::string::npos) return {pattern};
  const std::string before = name.substr(0, at);
  const std::string after = name.substr(at + std::string_view(kAnyNeuron).size());
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::vector<std::pair<int64_t, std::string>> found;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder, missing)) {
    const std::string file = entry.path().filename().string();
    if (!file.starts_with(before) || !file.ends_with(after)) continue;
    if (file.size() <= before.size() + after.size()) continue;
    const std::string number =
        file.substr(before.size(), file.size() - before.size() - after.size());
    const bool digits = std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
    if (digits && number.size() < 10) {
      found.emplace_back(std::stoll(number), (path.parent_path() / file).string());
    }
  }
  if (found.empty()) {
    fail(ErrorKind::kUsage, "interpret", "no file has the name {}", printable(pattern));
  }
  std::ranges::sort(found);
  std::vector<std::string> files;
  for (const auto& [number, file] : found) files.push_back(file);
  return files;
}

// All files, each to be written under a name of its own.
std::vector<std::string> files_of(const std::vector<std::string>& patterns) {
  std::vector<std::string> files;
  for (const std::string& pattern : patterns) {
    const std::vector<std::string> some = files_of(pattern);
    files.insert(files.end(), some.begin(), some.end());
  }
  std::set<std::string> names;
  for (const std::string& file : files) {
    const std::string name = fs::path(file).stem().string();
    if (!names.insert(name).second) {
      fail(ErrorKind::kUsage, "interpret", "two models would be written as {}", printable(name));
    }
  }
  return files;
}

InterpretedModel open_model(const std::string& file, int64_t wanted) {
  InterpretedModel opened{
      .file = file, .name = fs::path(file).stem().string(), .model = read_model(file)};
  const int64_t outputs = opened.model.architecture().readout.outputs;
  if (wanted < 0 && outputs > 1) {
    fail(ErrorKind::kUsage, "interpret", "{} has {} outputs; --output N, from 0 to {}, says which",
         printable(file), outputs, outputs - 1);
  }
  opened.output = std::max<int64_t>(wanted, 0);
  if (opened.output >= outputs) {
    fail(ErrorKind::kUsage, "interpret", "{} has {} output{}, wanted --output {}", printable(file),
         outputs, outputs == 1 ? "" : "s", opened.output);
  }
  return opened;
}

// What the result is made from: equal for equal results.
json made_from(const InterpretWork& work, const InterpretedModel& model) {
  return {{"verb", work.verb},
          {"model", fingerprint(model.model)},
          {"output", model.output},
          {"settings", work.settings(model)}};
}

// Of what a result says besides its own digest.
std::string digest_of(json result) {
  result.erase("digest");
  return sha256_of(result.dump());
}

// The files of a result, each with its digest: those of the names it has, or all of the folder but
// the answers of verbs.
json digests_in(const fs::path& folder, const InterpretedModel& model, const InterpretWork& work) {
  json digests = json::object();
  for (const std::string& end : work.ends) {
    digests[model.stem + end] = sha256_of_file(folder / (model.stem + end));
  }
  if (!work.ends.empty()) return digests;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path& path = entry.path();
    if (!entry.is_regular_file() || path.extension() == ".json") continue;
    if (is_temporary_name(path.filename().string())) continue;
    digests[path.filename().string()] = sha256_of_file(path);
  }
  return digests;
}

// Whether the result and its files are as they were written.
bool is_whole(const json& result, const fs::path& folder) {
  if (!result.contains("files") || !result["files"].is_object()) return false;
  if (!result.contains("digest") || result["digest"] != digest_of(result)) return false;
  for (const auto& [name, digest] : result["files"].items()) {
    const fs::path path = folder / name;
    if (!fs::is_regular_file(path) || digest != sha256_of_file(path)) return false;
  }
  return true;
}

// The result of an earlier call, or null where there is none or it is not whole any more.
json result_before(const fs::path& file, const json& from) {
  if (!fs::exists(file)) return nullptr;
  const json before = parse_json(read_file(file, kAnswerCap), file.string());
  if (!before.is_object() || !before.contains("made_from") || before["made_from"] != from) {
    fail(ErrorKind::kUsage, "interpret",
         "{} holds what another model, other settings or other images gave; wanted another --out",
         printable(file.parent_path().string()));
  }
  return is_whole(before, file.parent_path()) ? before : json();
}

}  // namespace

const PixelImages& ImagesForModels::operator()(const InterpretedModel& model) {
  const InputSpec& in = model.model.architecture().input;
  const bool same =
      images_ && images_->pixels.dim(2) == in.height && images_->pixels.dim(3) == in.width;
  if (!same) images_ = read_pixels(path_, in, fit_, most_);
  return *images_;
}

void add_interpret_options(CLI::App& verb, InterpretOptions& options, const std::string& images) {
  verb.add_option("models", options.models,
                  "model files of any kind; {neuron} in a name stands for every number there is")
      ->required();
  verb.add_option("--out", options.out, "folder to write into, of several models one for each")
      ->required();
  verb.add_option("--output", options.output, "which output of a model of many neurons")
      ->check(CLI::NonNegativeNumber);
  verb.add_option("--seed", options.seed, "of all that is drawn (default: 1)")
      ->check(CLI::NonNegativeNumber);
  if (images.empty()) return;
  verb.add_option("--images", options.images, images);
  verb.add_flag("--fit", options.fit, "bring images of another size to that of the model");
}

namespace {

// Without what could steer a terminal; line feeds stay.
std::string text_of_lines(const std::string& text) {
  std::string safe;
  size_t begin = 0;
  for (size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    safe += without_controls(text.substr(begin, end - begin)) + "\n";
  }
  return safe + without_controls(text.substr(begin));
}

// Whether `out` names the file of a single result.
bool names_a_file(const std::string& out, const InterpretWork& work) {
  return !work.ends.empty() && fs::path(out).extension() == work.ends.front();
}

// Where the result for a model stands.
fs::path folder_for(const InterpretedModel& model, bool alone, const std::string& out,
                    const InterpretWork& work) {
  const fs::path parent = fs::path(out).parent_path();
  if (names_a_file(out, work)) return parent.empty() ? fs::path(".") : parent;
  return alone || !work.ends.empty() ? fs::path(out) : fs::path(out) / model.name;
}

// The result for one model, from an earlier call or made now.
json interpret_one(const InterpretedModel& model, const fs::path& folder,
                   const CommonOptions& common, const InterpretWork& work) {
  const fs::path answer = folder / (model.stem + ".json");
  const json from = made_from(work, model);
  json result = result_before(answer, from);
  const bool there = !result.is_null();
  if (!there) {
    fs::create_directories(folder);
    { const AtomicFile probe(answer); }  // refused before the work, not after it
    result = work.make(model, folder);
    common.terminal->end_progress();
    result["made_from"] = from;
    result["files"] = digests_in(folder, model, work);
    result["digest"] = digest_of(result);
    write_file_atomically(answer, result.dump(2) + "\n");
  }
  const bool several = model.model.architecture().readout.outputs > 1;
  fmt::print(common.text(), "{}{}: {}{}\n", without_controls(model.name),
             several ? fmt::format(", output {}", model.output) : "",
             text_of_lines(work.text(result)), there ? " (made before)" : "");
  result["file"] = model.file;
  result["folder"] = folder.string();
  return result;
}

}  // namespace

std::string sentences_text(const json& result) {
  std::string text;
  for (const json& sentence : result["sentences"]) text += "\n  " + sentence.get<std::string>();
  return text;
}

int interpret_models(const InterpretOptions& options, const CommonOptions& common,
                     const InterpretWork& work) {
  const std::vector<std::string> files = files_of(options.models);
  const bool named = names_a_file(options.out, work);
  if (named && files.size() > 1) {
    fail(ErrorKind::kUsage, "interpret", "{} models want a folder, --out is the file {}",
         files.size(), printable(options.out));
  }
  json models = json::array();
  for (const std::string& file : files) {
    InterpretedModel model = open_model(file, options.output);
    model.stem = work.ends.empty() ? work.verb
                 : named           ? fs::path(options.out).stem().string()
                                   : model.name;
    json result =
        interpret_one(model, folder_for(model, files.size() == 1, options.out, work), common, work);
    if (common.json) models.push_back(std::move(result));  // of a session they are large
    stop_if_asked(*common.terminal);
  }
  fmt::print(common.text(), "written: {}\n", options.out);
  common.answer({{"verb", work.verb}, {"out", options.out}, {"models", std::move(models)}});
  return kExitDone;
}

}  // namespace secateur
