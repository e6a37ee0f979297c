#pragma once
// What is gained by choosing stimuli, on simulated neurons: recordings grow round by round by
// random images, their gaudy versions, or those that an ensemble disagrees about most or least;
// after each round an ensemble is trained on what was recorded, and scored on images that were
// drawn like the random ones.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/bootstrap.h"
#include "tensor/observer.h"

namespace secateur {

enum class StimulusChoice { kRandom, kGaudy, kDisagreement, kAgreement };
inline constexpr std::array<StimulusChoice, 4> kStimulusChoices = {
    StimulusChoice::kRandom, StimulusChoice::kGaudy, StimulusChoice::kDisagreement,
    StimulusChoice::kAgreement};
const char* name_of(StimulusChoice choice);  // "random", "gaudy", "disagreement", "agreement"

struct StimulusExperiment {
  std::vector<int64_t> neurons;  // of the default population; one ensemble for all of them
  int size = 32;                 // pixels
  int64_t seeds = 5;             // experiments with images, counts and networks of their own
  uint64_t first_seed = 1;
  int64_t members = 3;
  int64_t start = 100;  // random images that every way of choosing begins with
  int64_t rounds = 2;   // each doubles the number of images
  int64_t bank = 5;     // of how many random images one is chosen by (dis)agreement
  int64_t repeats = 4;  // how often an image is shown
  int64_t tests = 500;  // images that score
  int64_t steps = 250;  // of training a member at most; a sixth of the images says when to stop
};

struct StimulusGain {
  StimulusChoice choice = StimulusChoice::kRandom;
  int64_t images = 0;  // recorded
  // Of each seed: the squared correlation of the ensemble's mean with the true rates of the test
  // images, mean over neurons; there is no noise in it, so 1 is perfect.
  std::vector<double> accuracy;
  double mean = 0;
  std::optional<Interval> interval;  // Student's t over seeds, 95 %
  double gain = 0;                   // over random images, seed by seed; 0 of random itself
  std::optional<Interval> gain_interval;
};

// A row for the start and for each choice and round, by images. The same bits on any number of
// threads. Throws Error(kUsage) for options out of range, and Stopped.
std::vector<StimulusGain> run_stimulus_experiment(const StimulusExperiment& experiment,
                                                  Observer& observer);

// 95 % interval of a mean by Student's t; empty for fewer than 2 values.
std::optional<Interval> student_interval(const std::vector<double>& values);

}  // namespace secateur
