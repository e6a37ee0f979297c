#pragma once
// Makes a part of a run again, in a scratch folder and from nothing but what the run kept and its
// inputs, and compares the bits.

#include <optional>
#include <string>

#include "apps/audit/segments.h"
#include "apps/chain/stages.h"

namespace secateur {

class Replay {
 public:
  // `recipe`: that of the run, with its files where they are now. `run` is only read. `scratch`: an
  // empty folder, which grows to the size of a run and is the caller's to remove.
  Replay(const Recipe& recipe, const RunDirectory& run, std::filesystem::path scratch);

  const Subject& subject() const { return subject_; }
  std::vector<Segment> segments() const;

  // Empty when every file that the segment makes has the same bytes; otherwise a sentence for each
  // that has not.
  std::vector<std::string> differences(const Segment& segment);

  // The whole run, from its inputs alone; likewise.
  std::vector<std::string> differences_of_all();

 private:
  const LabelledImages& images();
  const Teacher& teacher();
  std::vector<std::string> label_differences(const Segment& segment);
  std::vector<std::string> teacher_differences(const RunDirectory& again);
  void make(const Segment& segment, const RunDirectory& again);
  void copy_what_it_reads(const Segment& segment, const RunDirectory& again) const;
  std::vector<std::string> made_by(const Segment& segment) const;
  std::vector<std::string> compared(const std::vector<std::string>& names,
                                    const std::filesystem::path& made) const;
  std::filesystem::path fresh_folder();

  Recipe recipe_;
  const RunDirectory& run_;
  const std::filesystem::path scratch_;
  int folders_ = 0;
  const Subject subject_;
  std::optional<TeacherSet> teacher_;
  std::optional<LabelledImages> images_;
};

}  // namespace secateur
