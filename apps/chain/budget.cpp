#include "apps/chain/budget.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "models/predictor.h"
#include "ops/mse_loss/mse_loss.h"
#include "tensor/error.h"
#include "training/optimiser.h"

namespace secateur {
namespace {

// Shares of the time. The rest is for what is counted in images too, but not chosen: pruning,
// compression, evaluation, and for a machine that is busier later.
constexpr double kShare = 0.88;
constexpr double kDistillShare = 0.62;
constexpr double kFixedSeconds = 10;
constexpr double kCompressSeconds = 12;  // per neuron

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Seconds for one image of a training step: the second fastest of four after a first that warms up.
double step_cost(const Architecture& architecture, int64_t batch) {
  Model model(architecture, 1);
  const std::unique_ptr<Optimiser> adam = make_adam();
  const InputSpec& in = architecture.input;
  const Variable images(Tensor::full({batch, in.channels, in.height, in.width}, 1.0f));
  const Variable targets(Tensor::zeros({batch, architecture.readout.outputs}));
  std::vector<double> seconds;
  for (int i = 0; i < 5; ++i) {
    const double t = seconds_of([&] {
      backward(mse_loss(model.forward(images, Mode::kTraining), targets));
      adam->step(model, 0.0);
    });
    if (i > 0) seconds.push_back(t);
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[1] / static_cast<double>(batch);
}

double answer_cost(const Model& model) {
  constexpr int64_t kImages = 32;
  const InputSpec& in = model.architecture().input;
  const Predictor predict(model);
  const Tensor images = Tensor::full({kImages, in.channels, in.height, in.width}, 1.0f);
  predict(images);
  return seconds_of([&] { predict(images); }) / kImages;
}

// A cautious guess of what pruning leaves: the published medians are 47, 57, 3, 7, 3 of 100.
std::vector<int64_t> expected_after_pruning(const std::vector<int64_t>& filters) {
  constexpr std::array<double, 5> kLeft = {0.75, 0.6, 0.4, 0.4, 0.4};
  std::vector<int64_t> left;
  for (size_t i = 0; i < filters.size(); ++i) {
    left.push_back(std::max<int64_t>(1, std::llround(kLeft[i] * static_cast<double>(filters[i]))));
  }
  return left;
}

}  // namespace

Costs measure_costs(const Recipe& recipe, const Subject& subject, const Model& teacher) {
  const Architecture student = student_architecture(recipe.distill.filters, subject.input);
  const Architecture pruned =
      student_architecture(expected_after_pruning(recipe.distill.filters), subject.input);
  return {.student_image = step_cost(student, recipe.distill.batch),
          .pruned_image = step_cost(pruned, recipe.retrain.batch),
          .label_image = answer_cost(teacher),
          .student_forward = answer_cost(Model(student, 1))};
}

void plan_images(Recipe& recipe, const Subject& subject, const Costs& costs, double seconds) {
  const double neurons = static_cast<double>(subject.targets.size());
  const double base = static_cast<double>(subject.distill_images->count());
  const double scored = static_cast<double>(subject.test.images);
  const double pruning =
      5 * costs.student_forward * std::min(static_cast<double>(recipe.prune.images), base);
  const double fixed = kFixedSeconds + scored * costs.label_image +
                       neurons * (kCompressSeconds + pruning + 4 * scored * costs.student_forward);
  const double left = kShare * seconds - fixed;
  // Labels for more variants are bought only while they cost less than a fifth of the time.
  int64_t variants = 1;
  while (variants < recipe.distill.variants &&
         static_cast<double>(variants + 1) * base * costs.label_image < 0.2 * left) {
    ++variants;
  }
  const double training = left - static_cast<double>(variants) * base * costs.label_image;
  const auto images = [&](double share, double cost, int64_t batch) {
    const int64_t steps =
        static_cast<int64_t>(share * training / neurons / cost / static_cast<double>(batch));
    return steps * batch;
  };
  recipe.distill.variants = variants;
  recipe.distill.images = images(kDistillShare, costs.student_image, recipe.distill.batch);
  recipe.retrain.images = images(1 - kDistillShare, costs.pruned_image, recipe.retrain.batch);
  if (training <= 0 || recipe.distill.images < 16 * recipe.distill.batch) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("the budget is too small: on this machine {:.0f} s pass before training "
                    "begins; try {:.0f}min",
                    seconds - std::max(0.0, training),
                    std::ceil(4 * (seconds - std::min(0.0, training)) / 60)));
  }
}

Model untrained_member(const Recipe& recipe, const Subject& subject) {
  const auto& t = recipe.teacher_training;
  return {member_architecture({.stem = t.stem,
                               .width = t.width,
                               .middle = t.middle,
                               .residual_blocks = t.residual_blocks},
                              subject.input, subject.test.neurons),
          uint64_t{1}};
}

void plan_teacher(Recipe& recipe, const Subject& subject, double seconds) {
  auto& t = recipe.teacher_training;
  const Architecture member = untrained_member(recipe, subject).architecture();
  const double per_member = kTeacherShare * seconds / static_cast<double>(t.members);
  const double images = per_member / step_cost(member, t.batch);
  if (subject.teacher_sessions.size() == 1) {
    t.steps = std::max<int64_t>(1, static_cast<int64_t>(images / static_cast<double>(t.batch)));
    return;
  }
  double once = 0;
  for (const SessionData& session : subject.teacher_sessions) {
    once += static_cast<double>(session.set->size());
  }
  // e epochs make e (e + 1) / 2 passes, and the readout at the end costs about another.
  const double passes = std::max(1.0, images / once - 1);
  t.epochs =
      std::clamp<int64_t>(static_cast<int64_t>((std::sqrt(1 + 8 * passes) - 1) / 2), 1, t.epochs);
}

}  // namespace secateur
