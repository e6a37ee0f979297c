#include "pruning/variance/prune.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "tests/formats/expect_refused.h"
#include "tests/pruning/pruning_problem.h"
#include "tests/watching.h"

namespace secateur {
namespace {

struct Problem {
  Model model;
  Tensor images;
  std::vector<double> teacher;

  explicit Problem(const Model& student, uint64_t seed = 3)
      : model(student), images(random_images(kSmallInput, 24, seed, 30)) {
    const Tensor answers = answers_of(model, images);
    teacher.assign(answers.values().begin(), answers.values().end());
  }
  ImageVisitor visitor() const { return batches_of(images, 10); }
  PruneResult prune(const PruneOptions& options) const {
    Observer nobody;
    return prune(options, nobody);
  }
  PruneResult prune(const PruneOptions& options, Observer& observer) const {
    return secateur::prune(model, visitor(), teacher, options, observer);
  }
};

// Nothing reads the filter, whatever it answers.
void make_useless(Model& model, size_t layer, int64_t filter) {
  const bool last = layer + 1 == model.architecture().blocks.size();
  Tensor& reader =
      model.tensor(last ? "readout.weight" : fmt::format("layer{}.depthwise.weight", layer + 1));
  const int64_t per_filter = last ? reader.dim(2) * reader.dim(3) : 25;
  std::fill_n(reader.data() + filter * per_filter, per_filter, 0.0f);
}

std::set<int64_t> removed_from(const PruneResult& result, const std::string& layer) {
  std::set<int64_t> removed;
  for (const LedgerEntry& entry : result.ledger) {
    if (entry.layer == layer && entry.removed) removed.insert(entry.filter);
  }
  return removed;
}

// Pointwise layers with orthogonal columns: what a filter adds to the pointwise output is not taken
// back by the others, so that every filter that is read counts.
Model student_without_cancellation() {
  Model model(student_architecture({4, 4, 4, 4, 4}, kSmallInput), 1);
  for (int layer = 1; layer < 5; ++layer) {
    model.tensor(fmt::format("layer{}.pointwise.weight", layer)) =
        Tensor::of({4, 4, 1, 1}, {1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1, 1, -1, -1, 1});
  }
  return model;
}

// With a threshold this near to 1 only what nothing reads may go, in either order.
TEST(Prune, RemovesExactlyThePlantedUselessFilters) {
  Model model = student_without_cancellation();
  const std::vector<std::set<int64_t>> planted = {{1}, {3}, {}, {0, 2}, {3}};
  for (size_t layer = 0; layer < planted.size(); ++layer) {
    for (const int64_t filter : planted[layer]) make_useless(model, layer, filter);
  }
  const Problem problem(model);
  for (const PruneOrder order : {PruneOrder::kDeepestFirst, PruneOrder::kShallowestFirst}) {
    const PruneResult result = problem.prune({.threshold = 1 - 1e-7, .order = order});
    for (size_t layer = 0; layer < planted.size(); ++layer) {
      EXPECT_EQ(removed_from(result, fmt::format("layer{}", layer)), planted[layer]) << layer;
    }
    EXPECT_EQ(filter_counts(result.model.architecture()), (std::vector<int64_t>{3, 3, 4, 2, 3}));
    EXPECT_LE(relative_difference(answers_of(result.model, problem.images),
                                  answers_of(model, problem.images)),
              1e-5);
  }
}

TEST(Prune, TheLedgerAgreesWithItselfAndTheModel) {
  const bool holds = rc::check([] {
    const Problem problem(small_student({6, 5, 5, 4, 4}, *rc::gen::arbitrary<uint64_t>()));
    const PruneOptions options{
        .threshold = *rc::gen::element(0.3, 0.6, 0.9, 0.99),
        .floor = *rc::gen::inRange<int64_t>(1, 4),
        .order = *rc::gen::element(PruneOrder::kDeepestFirst, PruneOrder::kShallowestFirst)};
    const PruneResult result = problem.prune(options);
    RC_ASSERT(result.layers.size() == 5u);
    size_t at = 0;
    for (size_t i = 0; i < 5; ++i) {
      const LayerOutcome& outcome = result.layers[i];
      const size_t layer = options.order == PruneOrder::kDeepestFirst ? 4 - i : i;
      const Block& before = problem.model.architecture().blocks[layer];
      RC_ASSERT(outcome.layer == before.name);
      RC_ASSERT(outcome.before == before.filters);
      RC_ASSERT(outcome.after == result.model.architecture().blocks[layer].filters);
      RC_ASSERT(outcome.after >= options.floor);
      RC_ASSERT(outcome.rebuilt_against_masked <= 1e-4);
      std::set<int64_t> filters;
      int64_t removed = 0;
      double share = 1;
      double score = -1;
      bool cutting = true;
      for (int64_t rank = 0; rank < before.filters; ++rank, ++at) {
        const LedgerEntry& entry = result.ledger.at(at);
        RC_ASSERT(entry.layer == outcome.layer);
        RC_ASSERT(entry.rank == rank);
        RC_ASSERT(entry.score >= score);
        RC_ASSERT(entry.kept_before == share);
        RC_ASSERT(entry.threshold == options.threshold);
        RC_ASSERT(filters.insert(entry.filter).second);
        RC_ASSERT(entry.filter >= 0 && entry.filter < before.filters);
        RC_ASSERT(!entry.removed || (cutting && entry.kept_after >= options.threshold));
        RC_ASSERT(entry.criterion == (layer == 4 ? "readout contribution" : "pointwise variance"));
        // The first that stays is the cut: at the floor, or because too much would be lost.
        const bool at_floor = before.filters - removed <= options.floor;
        if (cutting && !entry.removed) {
          RC_ASSERT(at_floor || entry.kept_after < options.threshold);
        }
        cutting = entry.removed;
        removed += entry.removed ? 1 : 0;
        if (entry.removed) share = entry.kept_after;
        score = entry.score;
      }
      RC_ASSERT(outcome.after == outcome.before - removed);
      RC_ASSERT(outcome.kept == share);
    }
    RC_ASSERT(at == result.ledger.size());
  });
  EXPECT_TRUE(holds);
}

// The filters that are left are those the ledger kept, by their numbers before any pruning.
TEST(Prune, TheLedgerCountsFiltersOfTheUnprunedStudent) {
  const Problem problem(small_student({6, 5, 5, 4, 4}, 5));
  const PruneResult result = problem.prune({.threshold = 0.6});
  for (size_t layer = 0; layer < 5; ++layer) {
    const std::string gamma = fmt::format("layer{}.bn.gamma", layer);
    const std::set<int64_t> removed = removed_from(result, fmt::format("layer{}", layer));
    int64_t place = 0;
    for (int64_t f = 0; f < problem.model.tensor(gamma).numel(); ++f) {
      if (removed.contains(f)) continue;
      EXPECT_EQ(result.model.tensor(gamma)[place++], problem.model.tensor(gamma)[f]) << gamma;
    }
    EXPECT_EQ(place, result.model.tensor(gamma).numel());
  }
  EXPECT_LE(count_parameters(result.model.architecture()).total,
            count_parameters(problem.model.architecture()).total - 1);
}

TEST(Prune, TheFloorHoldsWhateverTheThreshold) {
  const Problem problem(small_student({6, 5, 5, 4, 4}, 6));
  const PruneResult result = problem.prune({.threshold = 1e-9, .floor = 2});
  for (const int64_t filters : filter_counts(result.model.architecture())) EXPECT_EQ(filters, 2);
  const auto at_floor = [](const LedgerEntry& entry) {
    return entry.reason == "the layer is at its floor";
  };
  EXPECT_EQ(std::count_if(result.ledger.begin(), result.ledger.end(), at_floor), 5);
}

TEST(Prune, SaysASentenceOnEachLayer) {
  const Problem problem(small_student({3, 3, 3, 3, 3}, 7));
  Watching watching;
  const PruneResult result = problem.prune({.title = "prune a/2"}, watching);
  ASSERT_EQ(watching.said.size(), 5u);
  for (size_t i = 0; i < 5; ++i) {
    const LayerOutcome& outcome = result.layers[i];
    EXPECT_EQ(outcome.layer, fmt::format("layer{}", 4 - i));
    EXPECT_THAT(watching.said[i],
                testing::StartsWith(fmt::format("prune a/2: {} keeps {} of 3 filters ({:.3f} of ",
                                                outcome.layer, outcome.after, outcome.kept)));
  }
}

TEST(Prune, CanBeWatchedAndStopped) {
  const Problem problem(small_student({3, 3, 3, 3, 3}, 7));
  // Three batches for each layer.
  expect_stops_anywhere([&](Observer& observer) { problem.prune({}, observer); }, 15);
  Watching watching;
  const PruneResult watched = problem.prune({.title = "prune a/2"}, watching);
  expect_runs_to_the_end(watching.heard, "prune a/2");
  EXPECT_EQ(watching.heard.size(), 15u);
  EXPECT_EQ(watching.heard.back().total, 5 * problem.images.dim(0));
  const PruneResult unwatched = problem.prune({});
  EXPECT_EQ(ledger_text(watched.ledger), ledger_text(unwatched.ledger));
  for (const auto& [name, tensor] : unwatched.model.tensors()) {
    EXPECT_TRUE(same_bits(watched.model.tensor(name), tensor)) << name;
  }
}

TEST(Prune, LeavesTheStudentAlone) {
  const Problem problem(small_student({4, 4, 4, 4, 4}, 8));
  const Model before = problem.model.clone();
  problem.prune({.threshold = 0.5});
  for (const auto& [name, tensor] : before.tensors()) {
    EXPECT_TRUE(same_bits(tensor, problem.model.tensor(name))) << name;
  }
}

TEST(Prune, RefusesWhatMakesNoSense) {
  const Problem problem(small_student({3, 3, 3, 3, 3}, 9));
  for (const double threshold : {0.0, -0.5, 1.1, std::nan("")}) {
    expect_refused([&] { problem.prune({.threshold = threshold}); }, "a threshold in (0, 1]");
  }
  expect_refused([&] { problem.prune({.floor = 0}); }, "a floor of at least 1 filter, got 0");
  expect_refused(
      [&] {
        Observer nobody;
        prune(problem.model, problem.visitor(), {1, 2}, {}, nobody);
      },
      "as many teacher responses");
  const Problem member(
      lively_model(member_architecture({.stem = 3, .width = 4, .middle = 3}, kSmallInput, 1), 1));
  expect_refused([&] { member.prune({}); }, "core0 is another kind");
}

TEST(Ledger, IsALineOfJsonForEachDecision) {
  const LedgerEntry entry{.layer = "layer2",
                          .filter = 7,
                          .rank = 1,
                          .score = 0.25,
                          .removed = true,
                          .criterion = "pointwise variance",
                          .threshold = 0.9,
                          .kept_before = 1,
                          .kept_after = 0.95,
                          .reason = "because"};
  const std::string text = ledger_text({entry, entry});
  const size_t end = text.find('\n');
  EXPECT_EQ(
      text.substr(0, end),
      R"({"criterion":"pointwise variance","decision":"removed","filter":7,"kept_after":0.95,)"
      R"("kept_before":1.0,"layer":"layer2","rank":1,"reason":"because","score":0.25,)"
      R"("threshold":0.9})");
  EXPECT_EQ(text.substr(end + 1), text.substr(0, end + 1));
}

}  // namespace
}  // namespace secateur
