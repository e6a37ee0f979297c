#include "apps/verbs/interpret/frame.h"

#include <fmt/format.h>

#include "apps/exit_code.h"
#include "apps/verbs/interpret/kept_result.h"
#include "models/fingerprint.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {

using nlohmann::json;
namespace fs = std::filesystem;

json made_from(const std::string& verb, const InterpretedModel& model, json settings) {
  return {{"verb", verb},
          {"model", fingerprint(model.model)},
          {"output", model.output},
          {"settings", std::move(settings)}};
}

std::string text_of_lines(const std::string& text) {
  std::string safe;
  size_t begin = 0;
  for (size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    safe += readable(text.substr(begin, end - begin)) + "\n";
  }
  return safe + readable(text.substr(begin));
}

const char* made_before_text(bool before) { return before ? " (made before)" : ""; }

const PixelImages& ImagesForModels::operator()(const InterpretedModel& model) {
  const InputSpec& in = model.model.architecture().input;
  const bool same =
      images_ && images_->pixels.dim(2) == in.height && images_->pixels.dim(3) == in.width;
  if (!same) images_ = read_pixels(path_, in, fit_, most_);
  return *images_;
}

void add_interpret_options(CLI::App& verb, InterpretOptions& options, const std::string& images) {
  verb.add_option(
          "models", options.models,
          "model files of any kind; {neuron} in a name stands for every number that files have")
      ->required();
  verb.add_option("-o,--out", options.out, "folder to write into, of several models one for each")
      ->required()
      ->check(a_name());
  verb.add_option("--output", options.output, "which output of a model of many neurons")
      ->check(CLI::NonNegativeNumber);
  verb.add_option("--seed", options.seed, "of all that is drawn (default: 1)")
      ->check(CLI::NonNegativeNumber);
  if (images.empty()) return;
  verb.add_option("--images", options.images, images);
  verb.add_flag("--fit", options.fit, "bring images of another size to that of the model");
}

namespace {

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

json interpret_one(const InterpretedModel& model, const fs::path& folder,
                   const CommonOptions& common, const InterpretWork& work) {
  auto [result, there] = find_or_make(folder / (model.stem + ".json"), work.ends,
                                      made_from(work.verb, model, work.settings(model)),
                                      [&] { return work.make(model, folder); });
  common.terminal->end_progress();
  const bool several = model.model.architecture().readout.outputs > 1;
  fmt::print(common.text(), "{}{}: {}{}\n", readable(model.name),
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

json interpreted(const InterpretOptions& options, const CommonOptions& common,
                 const InterpretWork& work, bool keep) {
  common.goes_on = true;
  const std::vector<std::string> files = interpreted_files(options.models);
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
    const bool alone = files.size() == 1 && !work.own_folder;
    const fs::path folder = folder_for(model, alone, options.out, work);
    json result = about_model(file, [&] { return interpret_one(model, folder, common, work); });
    if (keep) models.push_back(std::move(result));
    stop_if_asked(*common.terminal);
  }
  return models;
}

int interpret_models(const InterpretOptions& options, const CommonOptions& common,
                     const InterpretWork& work) {
  json models = interpreted(options, common, work, common.json);
  fmt::print(common.text(), "written: {}\n", readable(options.out));
  common.answer({{"verb", work.verb}, {"out", options.out}, {"models", std::move(models)}});
  return kExitDone;
}

}  // namespace secateur
