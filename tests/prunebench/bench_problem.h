#pragma once
// A small student, images and a teacher for the tests of the laboratory.

#include <string>
#include <vector>

#include "prunebench/criterion.h"
#include "tests/pruning/pruning_problem.h"

namespace secateur {

struct BenchProblem {
  Model model;
  Tensor images;
  ImageVisitor visitor;
  std::vector<double> labels;  // what `teacher` answers

  BenchProblem(const Model& student, const Model& teacher, int64_t count = 24, uint64_t seed = 3)
      : model(student),
        images(random_images(kSmallInput, count, seed, 30)),
        visitor(batches_of(images, 10)) {
    const Tensor answers = answers_of(teacher, images);
    labels.assign(answers.values().begin(), answers.values().end());
  }
  explicit BenchProblem(const Model& student) : BenchProblem(student, student) {}

  FilterScores scores(const char* criterion) const {
    return criterion_named(criterion).score(
        {.model = model, .images = visitor, .labels = labels, .seed = 1});
  }
};

// Filter `filter` of block `layer` gives nothing: its kernel, shift and scale are zero, so that its
// activation is zero everywhere.
inline void silence(Model& model, size_t layer, int64_t filter) {
  const std::string name = model.architecture().blocks[layer].name;
  Tensor& kernel = model.tensor(name + (layer == 0 ? ".conv.weight" : ".pointwise.weight"));
  const int64_t values = kernel.numel() / kernel.dim(0);
  std::fill_n(kernel.data() + filter * values, values, 0.0f);
  for (const char* leaf : {".bn.gamma", ".bn.beta"}) model.tensor(name + leaf)[filter] = 0;
}

}  // namespace secateur
