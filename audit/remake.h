#pragma once
// Makes a part of a run again, in a scratch folder and from nothing but what the run kept and its
// inputs, and compares the bits.

#include <string>
#include <vector>

#include "audit/segments.h"

namespace secateur {

class Remake {
 public:
  // `recipe`: that of the run, with its files where they are now. `run` is only read. `scratch`: an
  // empty folder, which grows to the size of a run and is the caller's to remove.
  Remake(const Recipe& recipe, const RunDirectory& run, std::filesystem::path scratch,
         ChainObserver& observer);

  const Subject& subject() const { return materials_.subject(); }
  std::vector<Segment> segments();

  // Empty when every file that the segment makes has the same bytes; otherwise a sentence for each
  // that has not. Throws Stopped.
  std::vector<std::string> differences(const Segment& segment);

  // The whole run, from its inputs alone; likewise.
  std::vector<std::string> differences_of_all();

 private:
  StageContext context_in(const RunDirectory& run, MetricsLog& log);
  void copy_what_it_reads(const Segment& segment, const RunDirectory& again) const;
  void make(const Segment& segment, const RunDirectory& again);
  std::vector<std::string> made_by(const Segment& segment) const;
  std::vector<std::string> compared(const std::vector<std::string>& names,
                                    const std::filesystem::path& made) const;
  void compare_curves(const Segment& segment, const std::filesystem::path& made,
                      std::vector<std::string>& differences) const;
  std::filesystem::path fresh_folder();

  const RunDirectory& run_;
  const std::filesystem::path scratch_;
  ChainObserver& observer_;
  int folders_ = 0;
  Materials materials_;
};

}  // namespace secateur
