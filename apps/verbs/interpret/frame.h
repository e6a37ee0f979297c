#pragma once
// What all verbs of `secateur interpret` share: the models that were named, a folder for each, and
// what was made before and need not be made again.

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apps/verbs/verbs.h"
#include "interpretation/pixel_files.h"
#include "models/model.h"

namespace secateur {

struct InterpretOptions {
  std::vector<std::string> models;
  int64_t output = -1;  // none was given
  std::string out;
  std::string images;
  bool fit = false;
  int64_t seed = 1;
};

struct InterpretedModel {
  std::string file;
  std::string name;  // of the file, without its extension
  Model model;
  int64_t output = 0;
};

// One verb: its name; what besides the model decides its result, images by their identity; the work
// on one model, which writes files into a folder and gives what <verb>.json holds; and the line to
// print of that.
struct InterpretWork {
  std::string verb;
  std::function<nlohmann::json(const InterpretedModel&)> settings;
  std::function<nlohmann::json(const InterpretedModel&, const std::filesystem::path& folder)> make;
  std::function<std::string(const nlohmann::json&)> text;
};

// Images of a path at the size that a model reads, read once for all models of one size.
class ImagesForModels {
 public:
  explicit ImagesForModels(std::string path, bool fit, int64_t most = kMostPixelImages)
      : path_(std::move(path)), fit_(fit), most_(most) {}
  const PixelImages& operator()(const InterpretedModel& model);

 private:
  std::string path_;
  bool fit_;
  int64_t most_;
  std::optional<PixelImages> images_;
};

// The files of a name in which {neuron} may stand for every number there is, ordered by it.
std::vector<std::string> files_of_pattern(const std::string& pattern);
// Throws Error(kUsage) for an output that the model has not, or when it has several and `wanted` is
// below 0.
InterpretedModel open_model(const std::string& file, int64_t wanted);

// The options that all verbs have; `images`: what the images are for, empty where there are none.
void add_interpret_options(CLI::App& verb, InterpretOptions& options, const std::string& images);

// The "sentences" of a result, a line each.
std::string sentences_text(const nlohmann::json& result);

// Every model by itself, into `out` or, of several, into a folder named after the model. A folder
// whose <verb>.json was made from the same model with the same settings is left as it is; one that
// was made otherwise is Error(kUsage). Answers {"verb", "out", "models": [...]}.
int interpret_models(const InterpretOptions& options, const CommonOptions& common,
                     const InterpretWork& work);

}  // namespace secateur
