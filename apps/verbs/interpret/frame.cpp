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
#include "tensor/part_observer.h"
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
      fail(ErrorKind::kUsage, "interpret", "two models would be written to a folder {}",
           printable(name));
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
json made_from(const std::string& verb, const InterpretedModel& model, json settings) {
  return {{"verb", verb},
          {"model", fingerprint(model.model)},
          {"output", model.output},
          {"settings", std::move(settings)}};
}

// Of what a result says besides its own digest.
std::string digest_of(json result) {
  result.erase("digest");
  return sha256_of(result.dump());
}

// The files of a folder, each with its digest; not the answers of verbs.
json digests_in(const fs::path& folder) {
  json digests = json::object();
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

struct Made {
  json result;
  bool before;  // by an earlier call
};

// <verb>.json of a folder, from an earlier call or made now.
Made find_or_make(const fs::path& folder, const std::string& verb, const json& from,
                  const std::function<json()>& make) {
  const fs::path answer = folder / (verb + ".json");
  json result = result_before(answer, from);
  if (!result.is_null()) return {std::move(result), true};
  fs::create_directories(folder);
  { const AtomicFile probe(answer); }  // refused before the work, not after it
  result = make();
  result["made_from"] = from;
  result["files"] = digests_in(folder);
  result["digest"] = digest_of(result);
  write_file_atomically(answer, result.dump(2) + "\n");
  return {std::move(result), false};
}

const char* made_before_text(bool before) { return before ? " (made before)" : ""; }

json interpret_one(const InterpretedModel& model, const fs::path& folder,
                   const CommonOptions& common, const InterpretWork& work) {
  auto [result, there] =
      find_or_make(folder, work.verb, made_from(work.verb, model, work.settings(model)),
                   [&] { return work.make(model, folder); });
  common.terminal->end_progress();
  const bool several = model.model.architecture().readout.outputs > 1;
  fmt::print(common.text(), "{}{}: {}{}\n", without_controls(model.name),
             several ? fmt::format(", output {}", model.output) : "",
             text_of_lines(work.text(result)), made_before_text(there));
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
  json models = json::array();
  for (const std::string& file : files) {
    const InterpretedModel model = open_model(file, options.output);
    const fs::path out(options.out);
    models.push_back(
        interpret_one(model, files.size() == 1 ? out : out / model.name, common, work));
    stop_if_asked(*common.terminal);
  }
  fmt::print(common.text(), "written: {}\n", options.out);
  common.answer({{"verb", work.verb}, {"out", options.out}, {"models", std::move(models)}});
  return kExitDone;
}

namespace {

std::vector<InterpretedModel> open_models(const InterpretOptions& options) {
  std::vector<InterpretedModel> models;
  for (const std::string& file : files_of(options.models)) {
    models.push_back(open_model(file, options.output));
    const InputSpec& first = models.front().model.architecture().input;
    const InputSpec& in = models.back().model.architecture().input;
    if (in.height != first.height || in.width != first.width) {
      fail(ErrorKind::kUsage, "interpret",
           "models are compared over the same images; {} reads {} x {}, {} reads {} x {}",
           printable(models.front().file), first.height, first.width, printable(file), in.height,
           in.width);
    }
  }
  return models;
}

json made_from_all(const InterpretSetWork& work, const std::vector<InterpretedModel>& models) {
  json from = {{"verb", work.verb}, {"models", json::array()}, {"settings", work.settings(models)}};
  for (const InterpretedModel& model : models) {
    from["models"].push_back(
        {{"name", model.name}, {"model", fingerprint(model.model)}, {"output", model.output}});
  }
  return from;
}

// The part of every model, on a scale of all of the work.
std::vector<json> make_each(const std::vector<InterpretedModel>& models,
                            const std::vector<fs::path>& folders, const InterpretSetWork& work,
                            Progress& progress, Terminal& terminal) {
  std::vector<json> each;
  const double share = 100 * work.share_of_each / static_cast<double>(models.size());
  for (size_t m = 0; m < models.size(); ++m) {
    progress.detail = fmt::format("model {} of {}", m + 1, models.size());
    ShareObserver part(terminal, progress, share);
    const json from = made_from(work.each, models[m], work.settings_of_each(models[m]));
    each.push_back(find_or_make(folders[m], work.each, from, [&] {
                     return work.make_each(models[m], folders[m], part);
                   }).result);
    progress.done += share;
    stop_if_asked(terminal);
  }
  progress.detail.clear();
  return each;
}

}  // namespace

int interpret_set(const InterpretOptions& options, const CommonOptions& common,
                  const InterpretSetWork& work) {
  const std::vector<InterpretedModel> models = open_models(options);
  const fs::path out(options.out);
  std::vector<fs::path> folders;
  for (const InterpretedModel& model : models) folders.push_back(out / model.name);
  Terminal& terminal = *common.terminal;
  Progress progress{.what = work.verb, .unit = "%", .total = 100};
  auto [result, there] = find_or_make(out, work.verb, made_from_all(work, models), [&] {
    const std::vector<json> each = make_each(models, folders, work, progress, terminal);
    ShareObserver whole(terminal, progress, 100 - progress.done);
    return work.make(models, each, folders, out, whole);
  });
  terminal.end_progress();
  fmt::print(common.text(), "{} model{}: {}{}\nwritten: {}\n", models.size(),
             models.size() == 1 ? "" : "s", text_of_lines(work.text(result)),
             made_before_text(there), options.out);
  result["verb"] = work.verb;
  result["out"] = options.out;
  common.answer(result);
  return kExitDone;
}

}  // namespace secateur
