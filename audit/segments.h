#pragma once
// The parts that a run can be made again in: each begins at a state that the run has kept and ends
// at the next, or is a whole stage where that is short.

#include <string>
#include <vector>

#include "chain/stage.h"

namespace secateur {

struct Segment {
  const Stage* stage = nullptr;
  size_t target = 0;   // of a neuron's stage: an index into subject.targets
  int64_t number = 1;  // of the segments of its stage and neuron, from 1
  int64_t of = 1;
  Stretch stretch;  // both 0 where the stage is made again as a whole

  bool whole() const { return of == 1 && stretch.to == 0; }
  bool first() const { return number == 1; }
  bool last() const { return number == of; }
};

// "distill of 201025/2, segment 3 of 8, steps 967 to 1289"
std::string name_of(const Segment& segment, const Subject& subject);

// In the order of the run. What was not computed (a given teacher, a stage of no images) has none.
std::vector<Segment> segments_of(const StageContext& context);

}  // namespace secateur
