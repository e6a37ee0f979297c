#pragma once
// A recipe: every setting of a run, with its default. settings.h names and documents them.

#include <cstdint>
#include <string>
#include <vector>

namespace secateur {

struct Recipe {
  // What is modelled.
  int64_t seed = 1;
  std::string source = "recordings";
  std::string recordings;
  std::string neuron = "all";
  std::string budget;
  std::vector<std::string> teacher;
  std::string teacher_outputs;
  std::vector<std::string> trunk;
  int64_t trunk_pixels = 224;
  std::vector<std::string> sessions;
  std::vector<std::string> images;
  std::string published;
  std::string start;
  std::string start_outputs;

  struct Simulated {
    int64_t size = 64;
    int64_t images = 6000;
    int64_t test_images = 1000;
    int64_t distill_images = 12000;
  } simulated;

  struct TeacherTraining {
    int64_t members = 2;
    int64_t steps = 600;
    int64_t epochs = 5;
    int64_t batch = 64;
    std::string optimiser = "adam";
    double learning_rate = 2e-3;
    int64_t patience = 10;
    std::string when_weak = "stop";
    std::string loss = "squared";
    std::string readout = "gaussian";
    std::string fine_tune = "auto";
    int64_t fine_tune_steps = 200;
    double fine_tune_learning_rate = 1e-4;
    int64_t stem = 16;
    int64_t width = 64;
    int64_t middle = 32;
    int64_t residual_blocks = 2;
    int64_t variants = 16;
    int64_t max_shift = 8;
    int64_t readout_passes = 20;
  } teacher_training;

  struct Core {
    std::vector<int64_t> filters = {50, 50, 50, 100, 100};
    int64_t images = 0;
    int64_t batch = 64;
    double learning_rate = 1e-3;
    std::string schedule = "cosine";
  } core;

  struct Distill {
    std::vector<int64_t> filters = {100, 100, 100, 100, 100};
    int64_t images = 100000;
    int64_t batch = 64;
    std::string optimiser = "adam";
    double learning_rate = 1e-3;
    std::string schedule = "cosine";
    int64_t variants = 4;
    int64_t smooth_every = 500000;
    double smooth_sigma = 0.5;
    std::string activation = "relu";
    int64_t fixed_layers = 0;
  } distill;

  struct Augment {
    double flip = 0.5;
    int64_t max_shift = 0;
    double contrast = 0;
    double brightness = 0;
    double zoom = 0;
  } augment;

  struct Prune {
    double threshold = 0.9;
    int64_t floor = 1;
    std::string order = "deepest_first";
    int64_t images = 5000;
    std::string criterion = "variance";
    double step = 0.06;
    int64_t parameters = 12500;
    std::vector<int64_t> keep;
    int64_t tune_images = 6400;
    double tune_learning_rate = 3e-4;
  } prune;

  struct Retrain {
    int64_t images = 100000;
    int64_t batch = 64;
    std::string optimiser = "adam";
    double learning_rate = 1e-3;
    std::string schedule = "cosine";
    int64_t smooth_every = 500000;
    double smooth_sigma = 0.5;
  } retrain;

  struct Compress {
    double max_loss = 0.005;
    int64_t images = 500;
  } compress;

  struct Evaluate {
    int64_t every_steps = 250;
    int64_t validation_images = 200;
    int64_t bootstrap = 1000;
    std::string seen = "refuse";
    int64_t fold = -1;  // kSmallestFold
  } evaluate;

  struct Run {
    double checkpoint_seconds = 30;
    int64_t loader_threads = 1;
    std::string label_cache;
    std::string trunk_cache;
  } run;
};

// start=teacher: students start as their part of the run's teacher, not of a file of their own.
inline bool starts_from_teacher(const Recipe& recipe) { return recipe.start == "teacher"; }
// A file that students start from.
inline bool starts_from_file(const Recipe& recipe) {
  return !recipe.start.empty() && !starts_from_teacher(recipe);
}

// Throws Error(kUsage) naming the first setting out of range.
void check_recipe(const Recipe& recipe);

// Seconds of "20min", "90s", "1.5h"; 0 for an empty text. Throws Error(kUsage) for anything else.
double budget_seconds(const std::string& budget);

}  // namespace secateur
