#pragma once
// What ties the networks of a run to one another, and whether it was found to hold.
//
// A link says that two files of a run must hold the same numbers: the last state that a stage has
// kept and the network it made, that network and the first state of the next stage, and so on back
// to where the first values came from. What training did between two states is not among them: only
// an audit makes that again.

#include <map>
#include <string>
#include <vector>

#include "trace/run_history.h"

namespace secateur {

enum class LinkState { kHeld, kBroken, kNotChecked };
const char* name_of(LinkState state);  // "held", "broken", "not_checked"

struct Link {
  std::string name;  // "the pruned network has the number of the last state of prune"
  LinkState state = LinkState::kNotChecked;
  std::string why;  // of what is not checked, or broken: one sentence; else empty
};

// The worst of them: broken before not checked before held; held when there is none.
LinkState state_of(const std::vector<Link>& links);

// Numbers that must be the same, for every parameter of the network that was quantised.
struct Comparison {
  std::string name;
  std::string why_not;  // not empty: there is nothing to compare with
  std::map<std::string, Tensor> first;
  KeptFilters first_filters;
  std::map<std::string, Tensor> second;
  KeptFilters second_filters;
};

// In the order of the run.
std::vector<Comparison> comparisons_of(const RunHistory& history);

// Of the parameter with this place in the student.
Link compared_at(const Comparison& comparison, const Element& of_student, const FilterAxes& axes);

// What holds for the run as a whole: the ledger is about this student, and settings, files and
// labels are those that the lineage records.
std::vector<Link> links_of_run(const RunHistory& history, const RunDirectory& run);

}  // namespace secateur
