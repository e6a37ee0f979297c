#include "chain/budget.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "chain/sizes.h"
#include "chain/start_model.h"
#include "tensor/error.h"
#include "training/optimiser.h"

namespace secateur {
namespace {

// Shares of the time. The rest is for what is counted in images too, but not chosen: pruning,
// compression, evaluation, and for a machine that is busier later.
constexpr double kShare = 0.94;
constexpr double kDistillShare = 0.62;
// A core of all neurons takes this part of the time for training, whatever their number.
constexpr double kCoreShare = 0.4;
// Of what distillation leaves, the part that tunes between cuts; the rest retrains. Gauss-Newton
// comes back from cuts in fewer images.
constexpr double kTuneShare = 0.5;
constexpr double kTuneShareOfGaussNewton = 0.3;
// What labels may cost. A student that starts trained needs other images more than many passes:
// with twice the variants, of larger shifts, the same number of steps gave r2 0.80, not 0.78.
constexpr double kLabelShare = 0.2;
constexpr double kLabelShareOfStart = 0.35;
// What scoring may cost of a neuron's time before cuts grow, and how far they do.
constexpr double kScoreShare = 0.2;
constexpr double kLargestStep = 0.25;
constexpr double kFixedSeconds = 10;
constexpr double kCompressSeconds = 5;  // per neuron

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Seconds for the response to one image. A few warm up; of what takes long they are enough.
double answer_cost(const TeacherMember& member) {
  constexpr int64_t kWarmUp = 4;
  constexpr int64_t kImages = 32;
  constexpr double kSlow = 0.05;
  const InputSpec& in = member.input;
  const auto cost = [&](int64_t count) {
    const Tensor images = Tensor::full({count, in.channels, in.height, in.width}, 1.0f);
    return seconds_of([&] { member.respond(images); }) / static_cast<double>(count);
  };
  const double first = cost(kWarmUp);
  return first > kSlow ? first : cost(kImages);
}

double answer_cost(const std::vector<TeacherMember>& members) {
  double sum = 0;
  for (const TeacherMember& member : members) sum += answer_cost(member);
  return sum;
}

// Cuts take the deep layers first: a filter of the last one costs a whole readout map. Shares of
// the filters that are left when the parameters are about a ninth of a shared core of 50 filters.
constexpr std::array<double, 5> kLeftByCuts = {0.6, 0.85, 0.7, 0.3, 0.02};
// Of the published criterion; the published medians are 47, 57, 3, 7, 3 of 100.
constexpr std::array<double, 5> kLeftByVariance = {0.75, 0.6, 0.4, 0.4, 0.4};

std::vector<int64_t> scaled(const Architecture& student, const std::array<double, 5>& shares,
                            double power) {
  std::vector<int64_t> left;
  for (size_t i = 0; i < student.blocks.size(); ++i) {
    const double share = std::pow(shares[std::min<size_t>(i, shares.size() - 1)], power);
    left.push_back(
        std::max<int64_t>(1, std::llround(share * static_cast<double>(student.blocks[i].filters))));
  }
  return left;
}

Architecture with_filters(Architecture architecture, const std::vector<int64_t>& filters) {
  for (size_t i = 0; i < filters.size(); ++i) architecture.blocks[i].filters = filters[i];
  return architecture;
}

int64_t sum_of(const std::vector<int64_t>& values) {
  return std::accumulate(values.begin(), values.end(), int64_t{0});
}

}  // namespace

// The second fastest of four steps after a first that warms up.
double step_cost(const Architecture& architecture, int64_t batch, const std::string& name) {
  Model model(architecture, 1);
  const auto optimiser = make_optimiser(name);
  const InputSpec& in = architecture.input;
  const Tensor images = Tensor::full({batch, in.channels, in.height, in.width}, 1.0f);
  const Tensor targets = Tensor::zeros({batch, architecture.readout.outputs});
  std::vector<double> seconds;
  for (int i = 0; i < 5; ++i) {
    const double t = seconds_of([&] { optimiser->learn(model, images, targets, {}, 0.0); });
    if (i > 0) seconds.push_back(t);
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[1] / static_cast<double>(batch);
}

std::vector<int64_t> expected_filters(const Recipe& recipe, const Architecture& student) {
  if (recipe.prune.criterion == "variance") return scaled(student, kLeftByVariance, 1);
  std::vector<int64_t> left = filter_counts(student);
  for (double power = 0; power < 4; power += 0.05) {
    left = scaled(student, kLeftByCuts, power);
    if (count_parameters(with_filters(student, left)).total <= recipe.prune.parameters) break;
  }
  return left;
}

int64_t expected_cuts(int64_t before, int64_t after, double step) {
  int64_t cuts = 0;
  for (int64_t left = before; left > after; ++cuts) {
    left -= std::max<int64_t>(1, static_cast<int64_t>(step * static_cast<double>(left)));
  }
  return cuts;
}

Costs measure_costs(const Recipe& recipe, const Subject& subject,
                    const std::vector<TeacherMember>& teacher) {
  const Architecture student = student_before_training(recipe, subject, 0);
  const std::vector<int64_t> left = expected_filters(recipe, student);
  Architecture core = student;
  core.readout = {.kind = ReadoutKind::kFactorised,
                  .outputs = static_cast<int64_t>(subject.targets.size())};
  const auto& r = recipe.retrain;
  const bool tunes = recipe.prune.criterion == "response";
  return {.core_image = recipe.core.images > 0 ? step_cost(core, recipe.core.batch, kAdam) : 0.0,
          .student_image = step_cost(student, recipe.distill.batch, recipe.distill.optimiser),
          .tuned_image = tunes ? step_cost(student, r.batch, r.optimiser) : 0.0,
          .pruned_image = step_cost(with_filters(student, left), r.batch, r.optimiser),
          .label_image = answer_cost(teacher),
          .student_forward = answer_cost(TeacherMember(Model(student, 1))),
          .filters = sum_of(filter_counts(student)),
          .filters_left = sum_of(left)};
}

namespace {

// What a training step costs on one image while the network shrinks.
double average_image(const Costs& costs) { return 0.5 * (costs.tuned_image + costs.pruned_image); }

// 0 for a criterion that makes none.
int64_t planned_cuts(const Recipe& recipe, const Costs& costs) {
  if (recipe.prune.criterion != "response") return 0;
  return expected_cuts(costs.filters, costs.filters_left, recipe.prune.step);
}

// Seconds that scoring the filters takes for one neuron: forward passes for the published
// criterion; forward, backward and the check of the rebuilt network for a cut.
double pruning_seconds(const Recipe& recipe, const Costs& costs, double base) {
  const double images = std::min(static_cast<double>(recipe.prune.images), base);
  const int64_t cuts = planned_cuts(recipe, costs);
  if (cuts == 0) return 5 * costs.student_forward * images;
  return static_cast<double>(cuts) * images * average_image(costs);
}

// A cut is scored on the same images however little is tuned behind it: fewer, larger cuts where
// the recipe's would leave too little for tuning.
double affordable_step(Recipe recipe, const Costs& costs, double base, double seconds_each) {
  double& step = recipe.prune.step;
  while (step < kLargestStep && planned_cuts(recipe, costs) > 0 &&
         pruning_seconds(recipe, costs, base) > kScoreShare * seconds_each) {
    step = std::min(kLargestStep, std::round(100 * step + 1) / 100);
  }
  return step;
}

bool starts_trained(const Recipe& recipe) {
  return !recipe.start.empty() || recipe.core.images > 0;
}

// Shares of the time for training.
struct Shares {
  double core = 0;  // once; the others are divided among the neurons
  double distill = 0;
  double tune = 0;
  double retrain = 0;
};

Shares shares_of(const Recipe& recipe, const Costs& costs) {
  Shares shares;
  if (recipe.core.images > 0) shares.core = kCoreShare;
  double rest = 1 - shares.core;
  if (recipe.distill.images > 0 || !starts_trained(recipe)) shares.distill = kDistillShare * rest;
  rest -= shares.distill;
  if (planned_cuts(recipe, costs) > 0) {
    const bool solves = recipe.retrain.optimiser == kGaussNewton;
    shares.tune = (solves ? kTuneShareOfGaussNewton : kTuneShare) * rest;
  }
  shares.retrain = rest - shares.tune;
  return shares;
}

int64_t whole_steps(double seconds, double cost, int64_t batch) {
  return static_cast<int64_t>(std::max(0.0, seconds) / cost / static_cast<double>(batch)) * batch;
}

// Sets the images of the core, of a student and of its retraining from seconds of training, of
// which each neuron has its own.
void plan_training(Recipe& recipe, const Costs& costs, const Shares& shares, double seconds,
                   double neurons) {
  const double each = seconds / neurons;
  if (shares.core > 0) {
    recipe.core.images = whole_steps(shares.core * seconds, costs.core_image, recipe.core.batch);
  }
  recipe.distill.images =
      whole_steps(shares.distill * each, costs.student_image, recipe.distill.batch);
  recipe.retrain.images =
      whole_steps(shares.retrain * each, costs.pruned_image, recipe.retrain.batch);
  if (const int64_t cuts = planned_cuts(recipe, costs); cuts > 0) {
    recipe.prune.tune_images = whole_steps(shares.tune * each / static_cast<double>(cuts),
                                           average_image(costs), recipe.retrain.batch);
  }
}

// The same, with as many variants of the `base` images labelled as training then shows: more while
// they cost less than a share of the time. Returns the seconds for training.
double plan_labels_and_training(Recipe& recipe, const Costs& costs, const Shares& shares,
                                double base, double left, double neurons) {
  const double seconds_each = base * costs.label_image;
  const double share = starts_trained(recipe) ? kLabelShareOfStart : kLabelShare;
  const int64_t most = recipe.distill.variants;
  for (int64_t variants = 1;; ++variants) {
    recipe.distill.variants = variants;
    const double training = left - static_cast<double>(variants) * seconds_each;
    plan_training(recipe, costs, shares, training, neurons);
    const int64_t shown =
        std::max({recipe.core.images, recipe.distill.images, recipe.retrain.images});
    const bool affordable = static_cast<double>(variants + 1) * seconds_each < share * left;
    if (variants == most || !affordable ||
        static_cast<double>(shown) <= base * static_cast<double>(variants)) {
      return training;
    }
  }
}

}  // namespace

void plan_images(Recipe& recipe, const Subject& subject, const Costs& costs, double seconds) {
  // A further size takes no longer than the one before it.
  const size_t sizes = 1 + further_sizes(recipe).size();
  const double neurons = static_cast<double>(subject.targets.size() * sizes);
  const double base = static_cast<double>(subject.distill_images->count());
  recipe.prune.step = affordable_step(recipe, costs, base, kShare * seconds / neurons);
  const double scored = static_cast<double>(subject.test.images);
  const double fixed = kFixedSeconds + scored * costs.label_image +
                       neurons * (kCompressSeconds + pruning_seconds(recipe, costs, base) +
                                  4 * scored * costs.student_forward);
  const double left = kShare * seconds - fixed;
  const Shares shares = shares_of(recipe, costs);
  const double training = plan_labels_and_training(recipe, costs, shares, base, left, neurons);
  const int64_t first = shares.distill > 0 ? recipe.distill.images : recipe.retrain.images;
  const bool core_fits = shares.core == 0 || recipe.core.images >= 16 * recipe.core.batch;
  if (training <= 0 || first < 16 * recipe.distill.batch || !core_fits) {
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
  const double per_member = seconds / static_cast<double>(t.members);
  const double images = per_member / step_cost(member, t.batch, t.optimiser);
  if (subject.teacher_sessions.size() == 1) {
    t.steps = std::max<int64_t>(1, static_cast<int64_t>(images / static_cast<double>(t.batch)));
    return;
  }
  double once = 0;
  for (const SessionData& session : subject.teacher_sessions) {
    once += static_cast<double>(session.set->images().count());
  }
  // A third for the session that scores. e epochs make e (e + 1) / 2 passes, and fitting its
  // readout costs about another.
  t.steps = std::clamp<int64_t>(static_cast<int64_t>(images / 3 / static_cast<double>(t.batch)), 1,
                                std::max<int64_t>(1, t.steps));
  const double rest = images - static_cast<double>(t.steps * t.batch);
  const double passes = std::max(1.0, rest / once - 1);
  t.epochs =
      std::clamp<int64_t>(static_cast<int64_t>((std::sqrt(1 + 8 * passes) - 1) / 2), 1, t.epochs);
}

}  // namespace secateur
