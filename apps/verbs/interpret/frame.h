#pragma once
// What all verbs of `secateur interpret` share: the models that were named, a folder for each, and
// what was made before and need not be made again.

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apps/verbs/interpret/opened_models.h"
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

// One verb: its name; what besides the model decides its result, images by their identity; the work
// on one model, which writes files into a folder and gives what <verb>.json holds; and the line to
// print of that.
struct InterpretWork {
  std::string verb;
  std::function<nlohmann::json(const InterpretedModel&)> settings;
  std::function<nlohmann::json(const InterpretedModel&, const std::filesystem::path& folder)> make;
  std::function<std::string(const nlohmann::json&)> text;
  // How the names of the files end that are written beside <stem>.json; the stem is the name of the
  // model, or that of `out` when it ends as the first of them does, for one model. Results of
  // several models then stand in one folder. Empty: <verb>.json, in a folder for each model.
  std::vector<std::string> ends = {};
  bool own_folder = false;  // of a single model too
};

// A verb over all models together: what it makes of every model first, which is kept in a folder of
// its own and needs not be made again; what besides the models decides the result; and the work on
// all of them, in the order of `folders`.
struct InterpretSetWork {
  std::string verb;
  std::string each;  // name of what is made of every model: <each>.json in its folder
  std::function<nlohmann::json(const InterpretedModel&)> settings_of_each;
  std::function<nlohmann::json(const InterpretedModel&, const std::filesystem::path& folder,
                               Observer& observer)>
      make_each;
  double share_of_each = 0.5;  // of the time that all of it takes, about
  std::function<nlohmann::json(const std::vector<InterpretedModel>&)> settings;
  std::function<nlohmann::json(const std::vector<InterpretedModel>&,
                               const std::vector<nlohmann::json>& each,
                               const std::vector<std::filesystem::path>& folders,
                               const std::filesystem::path& folder, Observer& observer)>
      make;
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

// The options that all verbs have; `images`: what the images are for, empty where there are none.
void add_interpret_options(CLI::App& verb, InterpretOptions& options, const std::string& images);

// What the result of a verb for a model is made from: equal for equal results.
nlohmann::json made_from(const std::string& verb, const InterpretedModel& model,
                         nlohmann::json settings);
// A text for a terminal, without what could steer it; line feeds stay.
std::string text_of_lines(const std::string& text);
const char* made_before_text(bool before);
// The "sentences" of a result, a line each.
std::string sentences_text(const nlohmann::json& result);

// Every model by itself, into `out` or, of several, into a folder named after the model (or see
// InterpretWork::ends). A folder whose <verb>.json was made from the same model with the same
// settings is left as it is; one that was made otherwise is Error(kUsage). The results, each with
// "file" and "folder", if they are to be kept: of a session they may be large.
nlohmann::json interpreted(const InterpretOptions& options, const CommonOptions& common,
                           const InterpretWork& work, bool keep);
// Answers {"verb", "out", "models": results}.
int interpret_models(const InterpretOptions& options, const CommonOptions& common,
                     const InterpretWork& work);

// All models together, into `out`, and what is made of each into a folder of `out` named after it.
// As interpret_models() what was made before from the same is left as it is. Answers {"verb",
// "out", and the result}.
int interpret_set(const InterpretOptions& options, const CommonOptions& common,
                  const InterpretSetWork& work);

}  // namespace secateur
