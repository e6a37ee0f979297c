#include "chain/seen_pictures.h"

#include <algorithm>

#include "chain/file_pattern.h"
#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "model_files/model_files.h"
#include "model_files/trunk_files.h"
#include "tensor/error.h"
#include "tensor/printable.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kManifestCap = int64_t{1} << 28;
constexpr std::string_view kNameEnds = "seen_pictures.txt";
constexpr const char* kMetadataKey = "seen";
constexpr std::string_view kSaysNothing = " does not say which pictures it was made from";
constexpr std::string_view kListMissing = "which is not beside it";

std::string how_to_go_on(const std::string& sentence) {
  return sentence +
         "; take them out, name other sessions with sessions=, or say --allow-seen, which every "
         "table will repeat";
}

// "3 of the 50 pictures that score are also seen in training: ..."
std::string sentence_of(int64_t count, int64_t of, const std::string& what,
                        const std::string& first) {
  if (count == 0) return "";
  return fmt::format("{} of the {} pictures that score {} {}: {}", count, of,
                     count == 1 ? "is" : "are", what, first);
}

std::string unknown_of(const fs::path& file) {
  return file.filename().string() + std::string(kSaysNothing);
}

// "a.keras does not", "a.keras and b.keras do not", "a.keras and 32 others do not say which ..."
std::string say_nothing(const std::vector<std::string>& names) {
  if (names.size() == 1) return names.front() + std::string(kSaysNothing);
  return fmt::format("{} and {} do not say which pictures they were made from", names.front(),
                     names.size() == 2 ? names.back() : fmt::format("{} others", names.size() - 1));
}

SeenFindings findings_of(std::vector<std::string> warnings,
                         const std::vector<std::string>& unknown) {
  SeenFindings findings{.warnings = std::move(warnings), .notes = {}};
  std::vector<std::string> silent;
  for (const std::string& sentence : unknown) {
    if (sentence.ends_with(kSaysNothing)) {
      silent.push_back(sentence.substr(0, sentence.size() - kSaysNothing.size()));
    } else if (sentence.find(kListMissing) != std::string::npos) {
      findings.warnings.push_back(sentence);
    } else {
      findings.notes.push_back(sentence);
    }
  }
  if (!silent.empty()) findings.notes.push_back(say_nothing(silent));
  for (std::string& note : findings.notes) {
    note += ": should any of those that score be among them, the scores are too good";
  }
  return findings;
}

// The model files that a recipe names, each with what it is for.
std::vector<std::pair<std::string, std::string>> models_named(const Recipe& recipe,
                                                              const Subject& subject) {
  std::vector<std::pair<std::string, std::string>> models;
  for (const std::string& path : recipe.teacher) models.emplace_back("teacher", path);
  for (const std::string& path : recipe.trunk) models.emplace_back("trunk", path);
  if (!starts_from_file(recipe)) return models;
  std::set<std::string> starts;
  for (const NeuronTarget& target : subject.targets) {
    starts.insert(filled_in(recipe.start, subject.test.session, target));
  }
  for (const std::string& path : starts) models.emplace_back("start", path);
  return models;
}

void add_models(const std::vector<std::pair<std::string, std::string>>& models,
                SeenManifest& seen) {
  std::set<std::string> files;
  for (const auto& [role, path] : models) {
    if (!files.insert(path).second) continue;
    if (role == "trunk" && holds_resnet50(path)) {
      seen.add_unknown(unknown_of(path));
      continue;
    }
    const ModelHasSeen has = seen_by_model(read_model(path).metadata, path);
    if (has.manifest) {
      seen.add(*has.manifest, role + " " + fs::path(path).filename().string());
    } else {
      seen.add_unknown(has.unknown);
    }
  }
}

}  // namespace

SeenPictures seen_among(const ImageSource& scored, const std::string& session,
                        const SeenManifest& seen) {
  std::vector<PictureMark> marks;
  for (const SeenPicture& picture : seen.pictures()) marks.push_back(picture.mark);
  const PictureIndex index(std::move(marks));
  std::string same;
  std::string alike;
  SeenPictures result;
  const std::vector<PictureMark> scoring = picture_marks(scored);
  for (size_t i = 0; i < scoring.size(); ++i) {
    const auto pair = [&](size_t place, const char* is) {
      return fmt::format("{} of session {} {} {}", printable(scored.name(static_cast<int64_t>(i))),
                         session, is, seen.pictures()[place].where);
    };
    if (const auto place = index.same(scoring[i])) {
      if (result.same++ == 0) same = pair(*place, "is");
    } else if (const std::vector<size_t> places = index.alike(scoring[i]); !places.empty()) {
      if (result.alike++ == 0) alike = pair(places.front(), "looks like");
    }
  }
  result.same_sentence = sentence_of(result.same, scored.count(), "also seen in training", same);
  result.alike_sentence =
      sentence_of(result.alike, scored.count(),
                  "much like one seen in training, perhaps the same stored again", alike);
  return result;
}

ModelHasSeen seen_by_model(const nlohmann::json& metadata, const fs::path& file) {
  const auto key = metadata.find(kMetadataKey);
  const std::string name = file.filename().string();
  if (key == metadata.end() || !key->is_string()) {
    return {std::nullopt, unknown_of(file)};
  }
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (!entry.is_regular_file() || !entry.path().string().ends_with(kNameEnds)) continue;
    const std::string text = read_file(entry.path(), kManifestCap);
    if (seen_key(text) == *key) return {SeenManifest::parse(text, entry.path().string()), ""};
  }
  return {
      std::nullopt,
      fmt::format("{} was made from pictures that a list names (its SHA-256 begins {}), {}: keep "
                  "the run's models/*seen_pictures.txt with the model",
                  name, printable(key->get<std::string>()), kListMissing)};
}

SeenManifest seen_by_run(const Recipe& recipe, const Subject& subject) {
  SeenManifest seen;
  if (subject.seen.empty()) return seen;
  for (const SeenImages& one : subject.seen) seen.add(*one.images, one.where);
  add_models(models_named(recipe, subject), seen);
  return seen;
}

SeenManifest seen_by_teacher(const Recipe& recipe, const Subject& subject) {
  SeenManifest seen;
  if (subject.seen.empty()) return {};
  for (const SessionData& session : subject.teacher_sessions) {
    const std::string where = "session " + session.session;
    seen.add(session.set->images(), where);
    if (session.held_out != nullptr) seen.add(*session.held_out, where);
  }
  Recipe trunks = recipe;
  trunks.start.clear();
  add_models(models_named(trunks, subject), seen);
  return seen;
}

SeenFindings seen_findings(const Recipe& recipe, const Subject& subject, const SeenManifest& seen) {
  if (seen.pictures().empty()) return {};
  const ImageSourcePtr scored =
      image_range(subject.test.image_source, subject.scored.begin, subject.scored.end);
  const SeenPictures found = seen_among(*scored, subject.test.session, seen);
  if (found.same > 0 && recipe.evaluate.seen == "refuse") {
    throw Error(ErrorKind::kUsage, how_to_go_on(found.same_sentence));
  }
  std::vector<std::string> warnings = {found.same_sentence, found.alike_sentence};
  std::erase(warnings, "");
  return findings_of(std::move(warnings), seen.unknown());
}

void write_seen(const RunDirectory& run, const std::string& file, const SeenManifest& seen) {
  if (!seen.pictures().empty()) write_file_atomically(run.model(file), seen.text());
}

void name_seen(const RunDirectory& run, const std::string& file, nlohmann::json& metadata) {
  const fs::path path = run.model(file);
  if (fs::exists(path)) metadata[kMetadataKey] = seen_key(read_file(path, kManifestCap));
}

void write_seen_beside(const fs::path& model, const SeenManifest& seen, nlohmann::json& metadata) {
  const std::string text = seen.text();
  write_file_atomically(
      model.parent_path() / fmt::format("{}_{}", model.stem().string(), kNameEnds), text);
  metadata[kMetadataKey] = seen_key(text);
}

SeenGuard::SeenGuard(ImageSourcePtr scored, std::string session, bool allow)
    : scored_(std::move(scored)), session_(std::move(session)), allow_(allow) {}

void SeenGuard::warn(const std::string& sentence) {
  if (!sentence.empty() && std::ranges::count(warnings_, sentence) == 0) {
    warnings_.push_back(sentence);
  }
}

void SeenGuard::check(const nlohmann::json& metadata, const fs::path& file) {
  const ModelHasSeen has = seen_by_model(metadata, file);
  if (!has.manifest) {
    unknown_.push_back(has.unknown);
    return;
  }
  if (!checked_.insert(metadata.at(kMetadataKey)).second) return;
  check(*has.manifest, file.filename().string());
}

void SeenGuard::check(const SeenManifest& seen, const std::string& what) {
  const SeenPictures found = seen_among(*scored_, session_, seen);
  if (found.same > 0 && !allow_) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{}: {}; say --allow-seen to score them all the same, which the table "
                            "will repeat",
                            what, found.same_sentence));
  }
  warn(found.same_sentence);
  warn(found.alike_sentence);
  unknown_.insert(unknown_.end(), seen.unknown().begin(), seen.unknown().end());
}

SeenFindings SeenGuard::findings() const {
  std::vector<std::string> unknown = unknown_;
  std::ranges::sort(unknown);
  unknown.erase(std::ranges::unique(unknown).begin(), unknown.end());
  return findings_of(warnings_, unknown);
}

}  // namespace secateur
