#pragma once
// The leak guard: a picture that scores may not train, label, prune or choose, whatever it is
// called there. Pictures are compared by their pixels (data/picture_mark.h), those of the recipe
// and those that the models it names were made from (data/seen_manifest.h).

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "chain/run_directory.h"
#include "chain/subject.h"
#include "data/seen_manifest.h"

namespace secateur {

// Of pictures that score, those that were seen. Each sentence has the first of them: what it is
// called, and where it was seen; empty when there is none.
struct SeenPictures {
  int64_t same = 0;
  std::string same_sentence;
  int64_t alike = 0;  // and not the same as another
  std::string alike_sentence;
};
SeenPictures seen_among(const ImageSource& scored, const std::string& session,
                        const SeenManifest& seen);

// What a model was made from: its manifest is a file beside it whose name ends in
// "seen_pictures.txt" and whose digest the model's file has, in its metadata.
struct ModelHasSeen {
  std::optional<SeenManifest> manifest;
  std::string unknown;  // a sentence, where there is none
};
ModelHasSeen seen_by_model(const nlohmann::json& metadata, const std::filesystem::path& file);

// What is said beside scores. A warning is for whoever can do something about it: pictures that
// were seen and are scored all the same, those that look alike, a list that is missing. A note says
// that nobody here can know: a model whose file names no list.
struct SeenFindings {
  std::vector<std::string> warnings;
  std::vector<std::string> notes;
};

// Everything that the networks of a run see: Subject::seen and what its teacher, trunks and starts
// have seen; of which that is not known, it says. Empty when simulated: stimuli are drawn one after
// another.
SeenManifest seen_by_run(const Recipe& recipe, const Subject& subject);

// What the members of its teacher see.
SeenManifest seen_by_teacher(const Recipe& recipe, const Subject& subject);

// What a run says of them. Throws Error(kUsage) for pictures that were seen, unless evaluate.seen
// is "allow".
SeenFindings seen_findings(const Recipe& recipe, const Subject& subject, const SeenManifest& seen);

// The files of the two in a run, below models/. Nothing is written for an empty one.
inline constexpr const char* kSeenByTeacher = "teacher_member_seen_pictures.txt";
inline constexpr const char* kSeenByRun = "seen_pictures.txt";
void write_seen(const RunDirectory& run, const std::string& file, const SeenManifest& seen);
// Says in a model's metadata that it was made from the pictures of such a file, if the run has it.
void name_seen(const RunDirectory& run, const std::string& file, nlohmann::json& metadata);
// The same of a model file outside of a run: FILE_seen_pictures.txt beside FILE.safetensors. Throws
// Error(kUsage) when another list has that name already: another model would lose its own.
void write_seen_beside(const std::filesystem::path& model, const SeenManifest& seen,
                       nlohmann::json& metadata);

// For verbs that score models of which no run knows.
class SeenGuard {
 public:
  SeenGuard(ImageSourcePtr scored, std::string session, bool allow);
  // Throws Error(kUsage) when the model has seen pictures that score, unless that is allowed.
  void check(const nlohmann::json& metadata, const std::filesystem::path& file);
  // Likewise of anything that was made from these pictures.
  void check(const SeenManifest& seen, const std::string& what);
  // Of all that were checked.
  SeenFindings findings() const;

 private:
  void warn(const std::string& sentence);

  ImageSourcePtr scored_;
  std::string session_;
  bool allow_;
  std::set<std::string> checked_;  // keys of manifests: models of one run share theirs
  std::vector<std::string> warnings_;
  std::vector<std::string> unknown_;
};

}  // namespace secateur
