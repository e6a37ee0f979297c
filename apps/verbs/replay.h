#pragma once
// secateur prune STUDENT --replay LEDGER: the pruned model again, from the student and its ledger.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "apps/verbs/verbs.h"

namespace secateur {

struct ReplayOptions {
  std::string ledger;
  std::string neuron;
  std::vector<std::string> restore;
  int64_t floor = 1;
  std::string images;
  int64_t count = 0;  // 0: a few of noise, or the first of --images
  bool explain = false;
};

// The ledger of the run that a student's file lies in; empty when it lies in none.
std::string ledger_beside(const std::string& student);

void add_replay_options(CLI::App& verb, ReplayOptions& options);

// When there is no ledger: throws when an option was given that wants one. `student` stands in the
// place of the recipe; --explain of a file that is no model says so first.
void refuse_without_replay(const CLI::App& verb, const std::string& student);

int replay_file(const std::string& student, const std::string& out, const ReplayOptions& options,
                const CommonOptions& common);

}  // namespace secateur
