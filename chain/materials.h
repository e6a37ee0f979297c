#pragma once
// What the stages of a run share: the subject, the teacher and its labels. Each is made or read
// once, when it is first asked for.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "chain/observer.h"
#include "chain/run_directory.h"
#include "chain/subject.h"
#include "training/teacher.h"

namespace secateur {

struct TeacherSet {
  Teacher teacher;     // has all neurons of the session, responds for the targets, in their order
  int64_t parameters;  // of the whole teacher
  std::string source;  // file name, or "ensemble of 3"
};

// What a student is trained on: images and the teacher's response to each, for every target.
struct LabelledImages {
  std::shared_ptr<const TrainingSet> set;
  Tensor labels;             // [set->size(), targets]
  Tensor validation_labels;  // [validation images, targets]
};

class Materials {
 public:
  // Reads what earlier stages left in `run`. Labels lie in the folder `labels`; what is missing
  // there is computed and written.
  Materials(const Recipe& recipe, const RunDirectory& run, ChainObserver& observer,
            std::filesystem::path labels);
  // With the labels in labels/ of the run. Where run.label_cache names a folder, the labels of all
  // neurons of the session are made there, or found, and these are of them.
  Materials(const Recipe& recipe, const RunDirectory& run, ChainObserver& observer);

  const Recipe& recipe() const { return recipe_; }
  const Subject& subject() const { return subject_; }
  // The file that the recipe names, or the members that the run has trained. Throws
  // Error(kBadInput) when one of them is missing.
  const TeacherSet& teacher();
  // The file of the labels, in their folder: named by all that they depend on.
  std::string label_file();
  // Throws Stopped, with the labels computed so far written.
  const LabelledImages& images();

 private:
  const std::shared_ptr<const TrainingSet>& set();
  void take_from_cache(const std::filesystem::path& file);

  const Recipe recipe_;
  const RunDirectory& run_;
  ChainObserver& observer_;
  const std::filesystem::path labels_;
  const Subject subject_;
  std::shared_ptr<const TrainingSet> set_;
  std::optional<TeacherSet> teacher_;
  std::optional<LabelledImages> images_;
};

// The files of a teacher: of a folder the models in it, by name; of a run the members that it has
// made; a file as it is. Throws Error(kBadInput) for a folder without any.
std::vector<std::string> teacher_files(const std::vector<std::string>& given);

// The teacher that the recipe names. Throws Error(kUsage) when it cannot teach these neurons.
TeacherSet given_teacher(const Recipe& recipe, const Subject& subject);

// A member of it, with an output for each target.
Model given_member(const Recipe& recipe, const std::string& path, const Subject& subject);

// A member that the run has made, likewise.
Model member_for_targets(const Subject& subject, const RunDirectory& run, int64_t member);

// A trunk that the recipe names. Throws Error(kUsage) when it reads other images than the
// session's.
Model given_trunk(const std::string& path, const Subject& subject);

// The members of the ensemble that a run makes, one for each trunk where these are given; and the
// file of a member, below models/.
int64_t teacher_members(const Recipe& recipe);
std::string teacher_member(int64_t member);

// The images that students are trained on, in as many variants as the stages can use.
std::shared_ptr<const TrainingSet> distillation_set(const Recipe& recipe, const Subject& subject);

}  // namespace secateur
