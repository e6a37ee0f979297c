// What the chain decides before it computes: files, outputs, plans, costs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "chain/budget.h"
#include "chain/file_pattern.h"
#include "chain/judgement.h"
#include "chain/materials.h"
#include "chain/results.h"
#include "chain/session_outputs.h"
#include "chain/start_model.h"
#include "chain/timings.h"
#include "formats/atomic_file.h"
#include "model_files/model_files.h"
#include "models/shared_core.h"
#include "tests/formats/expect_refused.h"
#include "tests/models/lively_model.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

using nlohmann::json;
using testing::ElementsAre;

Subject session_of(const std::string& session, int64_t neurons) {
  Subject subject;
  subject.test.session = session;
  subject.test.neurons = neurons;
  subject.input = {.height = 16, .width = 16};
  for (int64_t n = 0; n < neurons; ++n) {
    subject.targets.push_back({.neuron = n, .name = std::to_string(n), .label = std::to_string(n)});
  }
  return subject;
}

TEST(PublishedModel, IsFoundWhereverTheRecordingsHaveItOrWhereTheRecipeSays) {
  const TemporaryFolder folder;
  const auto deep = folder.path() / "data_compact_models" / "models_keras" / "201025";
  std::filesystem::create_directories(deep);
  const auto file = deep / "compact_model_201025_neuron7.keras";
  write_file_atomically(file, std::string("a model"));
  Recipe recipe;
  recipe.recordings = folder.path();
  recipe.neuron = "201025/all";
  EXPECT_EQ(published_model(recipe, {.neuron = 7}), file);
  EXPECT_EQ(published_model(recipe, {.neuron = 8}), std::nullopt);
  recipe.published = deep / "compact_model_{session}_neuron{neuron}.keras";
  EXPECT_EQ(published_model(recipe, {.neuron = 7}), file);
  expect_refused([&] { published_model(recipe, {.neuron = 8}); }, "there is no file");
}

TEST(FilePattern, FillsInSessionAndNeuron) {
  const NeuronTarget seven = recorded_neuron("201025", 7);
  EXPECT_EQ(filled_in("a/{session}_{neuron}.keras", "201025", seven), "a/201025_7.keras");
  EXPECT_EQ(filled_in("plain", "201025", seven), "plain");
  EXPECT_EQ(filled_in("{neuron}{neuron}", "x", recorded_neuron("x", 12)), "1212");
  EXPECT_EQ(filled_in("{session}", "{session}", seven), "{session}");
  EXPECT_EQ(filled_in("m/{label}.h5", "201025", seven), "m/201025_neuron7.h5");
}

TEST(SessionOutputs, AreDerivedOrNamed) {
  const OutputsOf of{"teacher", "teacher_outputs"};
  const Subject own = session_of("mine", 4);
  EXPECT_EQ(session_outputs("", own, 4, of), (std::vector<int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(session_outputs("5:7", own, 9, of), (std::vector<int64_t>{5, 6}));
  const Subject published = session_of("201025", 89);
  const std::vector<int64_t> part = session_outputs("", published, 219, of);
  ASSERT_EQ(part.size(), 89u);
  EXPECT_EQ(part.front(), 33);
  expect_refused([&] { session_outputs("", own, 9, of); }, "with teacher_outputs=FIRST:LAST",
                 ErrorKind::kUsage);
}

TEST(TeacherFiles, AreThoseOfARunOrAFolderOrAsTheyAre) {
  const TemporaryFolder folder;
  const auto put = [&](const std::string& name) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name);
  };
  for (const char* name : {"run/models/teacher_member0.safetensors", "run/models/other.safetensors",
                           "run/models/teacher_member1.safetensors", "many/b.keras",
                           "many/a.safetensors", "many/notes.txt", "none/notes.txt"}) {
    put(name);
  }
  const std::string run = (folder / "run").string();
  const std::string many = (folder / "many").string();
  EXPECT_THAT(teacher_files({"one.keras", run, many}),
              ElementsAre("one.keras", run + "/models/teacher_member0.safetensors",
                          run + "/models/teacher_member1.safetensors", many + "/a.safetensors",
                          many + "/b.keras"));
  expect_refused([&] { teacher_files({(folder / "none").string()}); }, "nor model files");
}

class Start : public testing::Test {
 protected:
  Start() {
    Architecture a = student_architecture({3, 3, 3, 4, 4}, subject_.input, 4);
    a.readout.kind = ReadoutKind::kFactorised;
    shared_ = std::make_unique<Model>(lively_model(a, 2));
    write_model(folder_ / "shared.safetensors", *shared_);
  }
  Recipe recipe(const std::string& start) {
    Recipe recipe;
    recipe.start = folder_ / start;
    return recipe;
  }
  void expect_usage(const Recipe& recipe, const std::string& part) {
    expect_refused([&] { start_model(recipe, subject_, 1); }, part, ErrorKind::kUsage);
  }

  TemporaryFolder folder_;
  Subject subject_ = session_of("mine", 4);
  std::unique_ptr<Model> shared_;
};

TEST_F(Start, IsTheNeuronsPartOfASharedModel) {
  const Tensor images = random_images(subject_.input, 3, 4, 20);
  const Tensor wanted = answers_of(*shared_, images);
  for (size_t target = 0; target < 4; ++target) {
    const Model student = start_model(recipe("shared.safetensors"), subject_, target);
    ASSERT_EQ(student.architecture().readout.outputs, 1);
    const Tensor got = answers_of(student, images);
    for (int64_t i = 0; i < 3; ++i) {
      EXPECT_LE(std::abs(got[i] - wanted[i * 4 + static_cast<int64_t>(target)]), 1e-3);
    }
  }
}

TEST_F(Start, CountsNeuronsWithinTheOutputsOfTheSession) {
  Recipe part = recipe("shared.safetensors");
  part.start_outputs = "1:4";
  const Model wanted = student_from_shared(*shared_, 3);
  EXPECT_TRUE(same_bits(start_model(part, subject_, 2).tensor("readout.weight"),
                        wanted.tensor("readout.weight")));
}

TEST_F(Start, IsAStudentOfTheNeuronAsItIs) {
  const Model student = lively_model(student_architecture({3, 2, 3, 2, 3}, subject_.input), 7);
  write_model(folder_ / "mine_2.safetensors", student);
  const Model start = start_model(recipe("{session}_{neuron}.safetensors"), subject_, 2);
  for (const auto& [name, tensor] : student.tensors()) {
    EXPECT_TRUE(same_bits(start.tensor(name), tensor)) << name;
  }
  EXPECT_EQ(student_before_training(recipe("{session}_{neuron}.safetensors"), subject_, 2),
            student.architecture());
}

// The core of such a run is the teacher, with the targets' outputs.
TEST_F(Start, MayBeThePartOfTheTeacher) {
  Recipe recipe;
  recipe.start = "teacher";
  recipe.teacher = {(folder_ / "shared.safetensors").string()};
  subject_.targets = {recorded_neuron("mine", 3), recorded_neuron("mine", 1)};
  require_start(recipe, subject_);
  const RunDirectory run = RunDirectory::create(folder_ / "run");
  const Model core = teacher_to_start_from(recipe, subject_, run);
  EXPECT_TRUE(same_bits(student_from_shared(core, 0).tensor("readout.weight"),
                        student_from_shared(*shared_, 3).tensor("readout.weight")));
  EXPECT_EQ(student_before_training(recipe, subject_, 0),
            student_from_shared(core, 0).architecture());
  recipe.teacher.clear();
  expect_refused([&] { require_start(recipe, subject_); },
                 "start=teacher wants teacher=FILE or trunk=FILE", ErrorKind::kUsage);
}

TEST_F(Start, IsRefusedInASentence) {
  expect_refused([&] { start_model(recipe("none.keras"), subject_, 1); }, "none.keras");
  subject_.input.width = 32;
  expect_usage(recipe("shared.safetensors"), "start: shared.safetensors reads images of 16 x 16");
  subject_.input.width = 16;
  Recipe two = recipe("shared.safetensors");
  two.start_outputs = "0:1";
  expect_usage(two, "has 1 outputs for session mine, neuron 1 is not among them");
  subject_.test.neurons = 3;
  expect_usage(recipe("shared.safetensors"), "with start_outputs=FIRST:LAST");
  write_model(
      folder_ / "member.safetensors",
      Model(member_architecture({.stem = 3, .width = 4, .middle = 3}, subject_.input, 1), 1));
  expect_usage(recipe("member.safetensors"), "start: member.safetensors cannot become a student");
}

// Counted by a plan, never read.
class UnreadImages final : public ImageSource {
 public:
  explicit UnreadImages(int64_t count) : count_(count) {}
  int64_t count() const override { return count_; }
  int height() const override { return 16; }
  int width() const override { return 16; }
  std::string identity() const override { return "unread"; }

 protected:
  void decode(int64_t, std::span<uint8_t>) const override { FAIL() << "a plan reads no image"; }

 private:
  int64_t count_;
};

// A chain of ten seconds of labels a variant, on a machine that trains 400 images a second.
class Plan : public testing::Test {
 protected:
  Plan() {
    subject_.test.images = 500;
    subject_.distill_images = std::make_shared<UnreadImages>(5000);
  }
  Recipe planned(double minutes, const std::string& criterion) {
    Recipe recipe;
    recipe.start = criterion == "response" ? "a.keras" : "";
    recipe.distill.images = criterion == "response" ? 0 : 1;
    recipe.prune.criterion = criterion;
    recipe.prune.images = 512;
    plan_images(recipe, subject_, costs_, 60 * minutes);
    return recipe;
  }
  int64_t cuts(const Recipe& recipe) {
    return expected_cuts(costs_.filters, costs_.filters_left, recipe.prune.step);
  }
  // Of labels, training and scores; evaluation and compression come on top.
  double seconds(const Recipe& r) {
    const double neurons = static_cast<double>(subject_.targets.size());
    const bool response = r.prune.criterion == "response";
    const double after_cuts =
        response ? static_cast<double>(cuts(r) * (r.prune.tune_images + r.prune.images)) : 0.0;
    const double trained = static_cast<double>(r.distill.images + r.retrain.images) + after_cuts;
    return static_cast<double>(r.distill.variants) * 10 + neurons * trained / 400;
  }

  Subject subject_ = session_of("mine", 10);
  const Costs costs_{.student_image = 1.0 / 400,
                     .tuned_image = 1.0 / 400,
                     .pruned_image = 1.0 / 400,
                     .label_image = 10.0 / 5000,
                     .student_forward = 1.0 / 1200,
                     .filters = 350,
                     .filters_left = 110};
};

TEST_F(Plan, FillsTheTimeAndNoMore) {
  for (const char* criterion : {"variance", "response"}) {
    for (const double minutes : {20.0, 60.0, 600.0}) {
      const double used = seconds(planned(minutes, criterion)) / (60 * minutes);
      EXPECT_LT(used, 1) << criterion << ", " << minutes;
      EXPECT_GT(used, 0.65) << criterion << ", " << minutes;
    }
  }
}

TEST_F(Plan, MakesFewerCutsWhereScoresWouldTakeTheTime) {
  const Recipe shortest = planned(10, "response");
  const Recipe longest = planned(600, "response");
  EXPECT_EQ(longest.prune.step, Recipe().prune.step);
  EXPECT_GT(shortest.prune.step, longest.prune.step);
  EXPECT_LT(cuts(shortest), cuts(longest));
  const double scores = static_cast<double>(cuts(shortest) * shortest.prune.images) / 400;
  EXPECT_LE(scores, 0.2 * 60);
  EXPECT_GE(shortest.prune.tune_images, shortest.prune.images);
}

TEST_F(Plan, IsRefusedWhenTheTimeIsTooShort) {
  expect_refused([&] { planned(2, "response"); }, "the budget is too small", ErrorKind::kUsage);
}

TEST_F(Plan, ExpectsAsManyCutsAsTheStepMakes) {
  EXPECT_EQ(expected_cuts(100, 100, 0.06), 0);
  EXPECT_EQ(expected_cuts(100, 50, 0.5), 1);
  EXPECT_EQ(expected_cuts(100, 99, 0.06), 1);
  EXPECT_EQ(expected_cuts(10, 5, 0.001), 5);  // at least one filter a cut
  // 100, 90, 81, 73
  EXPECT_EQ(expected_cuts(100, 73, 0.1), 3);
}

TEST_F(Plan, ExpectsCutsToEndNearTheWantedParameters) {
  Recipe recipe;
  recipe.prune.criterion = "response";
  const InputSpec input;
  for (const int64_t wanted : {25000, 12500, 5000}) {
    recipe.prune.parameters = wanted;
    const Architecture core = student_architecture({50, 50, 50, 100, 100}, input);
    const std::vector<int64_t> left = expected_filters(recipe, core);
    const int64_t parameters = count_parameters(student_architecture(left, input)).total;
    EXPECT_LE(parameters, wanted);
    EXPECT_GE(static_cast<double>(parameters), 0.6 * static_cast<double>(wanted));
  }
  recipe.prune.parameters = 1 << 30;
  EXPECT_EQ(expected_filters(recipe, student_architecture({5, 6, 7, 8, 9}, input)),
            (std::vector<int64_t>{5, 6, 7, 8, 9}));
}

TEST(Timings, AddUpOverResumesAndFallOnTheNeurons) {
  TemporaryFolder run;
  EXPECT_EQ(read_timings(run / "").shared, 0);
  const auto work = [&](const std::string& label) {
    timed(run / "", label, [] { std::this_thread::sleep_for(std::chrono::milliseconds(20)); });
  };
  for (const char* label : {"", "a", "a", "b"}) work(label);
  const auto interrupted = [&] {  // a stage that counts too
    timed(run / "", "b", [] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      throw 1;
    });
  };
  EXPECT_THROW(interrupted(), int);
  const auto no_run = [&] { timed(run / "none", "", [] {}); };
  expect_refused(no_run, "none/timings.json", ErrorKind::kResource);  // a time that is lost is said
  Timings timings = read_timings(run / "");
  EXPECT_GE(timings.shared, 0.02);
  EXPECT_GE(timings.neurons.at("a"), 0.04);
  EXPECT_GE(timings.neurons.at("b"), 0.04);
  for (int i = 0; i < 2; ++i) {
    add_training_time(run / "", "a/distill",
                      {.images = 64, .seconds = 2, .seconds_waited_for_data = 0.5});
  }
  work("a");  // does not lose them
  const TrainingTime distilled = read_timings(run / "").training.at("a/distill");
  EXPECT_EQ(distilled.images, 128);
  EXPECT_EQ(distilled.seconds, 4);
  EXPECT_EQ(distilled.seconds_waited_for_data, 1);
  timings = {.shared = 120, .neurons = {{"a", 60}}, .training = {}};
  const json results = {{"neurons",
                         {{{"name", "A"}, {"label", "a"}, {"stages", json::object()}},
                          {{"name", "B"},
                           {"label", "b"},
                           {"stages", {{"compact", {{"parameters", 5}, {"r2_raw", 0.5}}}}}}}}};
  const json rows = with_minutes(neuron_rows(results), results, timings);
  EXPECT_EQ(rows[0]["minutes"], 2.0);  // its own minute and half of the shared two
  EXPECT_FALSE(rows[1].contains("minutes"));
  EXPECT_EQ(rows[1]["parameters"], 5);
  EXPECT_EQ(rows[1]["r2_raw"], 0.5);
  EXPECT_TRUE(rows[0]["parameters"].is_null());
  write_file_atomically(run / "timings.json", "{\"shared_seconds\": \"much\"}");
  expect_refused([&] { read_timings(run / ""); },
                 "timings.json: wanted a number for shared_seconds, got 'much'");
}

}  // namespace
}  // namespace secateur
