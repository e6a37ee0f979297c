#pragma once
// The parts that a run can be replayed in: each begins at a state that the run has kept and ends at
// the next, or is a whole stage where that is short.

#include <string>
#include <vector>

#include "apps/chain/run_directory.h"
#include "apps/chain/subject.h"

namespace secateur {

struct Segment {
  std::string stage;    // "teacher", "labels", "core", "distill", "prune", "retrain", "compress"
  int64_t target = -1;  // an index into subject.targets; -1: of all neurons
  int64_t number = 1;   // of the segments of its stage and neuron, from 1
  int64_t of = 1;
  // Steps of training, cuts, or rows of labels; both 0 where a stage is replayed as a whole.
  int64_t from = 0;
  int64_t to = 0;
  std::string unit;  // "steps", "cuts", "rows"; empty with a whole stage

  bool last() const { return number == of; }
};

// "distill of 201025/2, segment 3 of 8, steps 967 to 1289"
std::string name_of(const Segment& segment, const Subject& subject);

// In the order of the run. What was not computed (a given teacher, a stage of no images) has none.
// `label_rows`: of the labels of the run.
std::vector<Segment> segments_of(const Recipe& recipe, const Subject& subject,
                                 const RunDirectory& run, int64_t label_rows);

}  // namespace secateur
