// Medians over the neurons of several runs, from the files that runs leave.

#include "chain/accuracy_curve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "formats/atomic_file.h"
#include "provenance/lineage.h"
#include "tensor/error.h"
#include "tensor/sha256.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json network(double parameters, double r2_teacher, double r2_raw) {
  return {{"parameters", parameters},
          {"bytes", parameters / 4},
          {"r2_teacher", r2_teacher},
          {"r2_raw", r2_raw},
          {"intervals", {{"r2_raw", nullptr}, {"r2_er", nullptr}}}};
}

json neuron(const std::string& name, double parameters, double r2, int64_t cut_images) {
  return {{"name", name},
          {"label", name},
          {"cuts", json::array({{{"images", cut_images / 2}}, {{"images", cut_images}}})},
          {"stages",
           {{"teacher", network(1000, 1, 0.5)},
            {"student", network(1000, 0.9, 0.45)},
            {"compact", network(parameters, r2, r2 / 2)},
            {"published", network(2 * parameters, 0.8, 0.4)}}}};
}

class Curve : public testing::Test {
 protected:
  // A run of a session that cut to `size` parameters and retrained on `images`.
  fs::path run(const std::string& name, const std::string& session, int64_t size, int64_t images,
               const std::vector<json>& neurons) {
    const fs::path root = folder_ / name;
    fs::create_directories(root);
    const json median = {
        {"teacher", json::object()}, {"student", json::object()}, {"compact", json::object()}};
    json rows = json::array();
    for (const json& one : neurons) rows.push_back({{"name", one["name"]}});
    const json results = {{"session", session},
                          {"teacher", "t"},
                          {"median", median},
                          {"neurons", neurons},
                          {"summary", {{"neurons", rows}}}};
    const std::string text = results.dump();
    write_file_atomically(root / "results.json", text);
    Lineage lineage;
    lineage.recipe = {{"prune.criterion", "response"}, {"prune.parameters", size},
                      {"prune.tune_images", 10},       {"distill.images", 100},
                      {"retrain.images", images},      {"prune.threshold", 0.9}};
    lineage.subject = {{"results.json", sha256_of(text)}};
    write_lineage(root / "lineage.json", lineage);
    return root;
  }

  TemporaryFolder folder_;
};

TEST_F(Curve, PoolsTheNeuronsOfRunsThatAreAlike) {
  const fs::path a =
      run("a", "s", 500, 1000, {neuron("n0", 480, 0.9, 40), neuron("n1", 500, 0.7, 60)});
  const fs::path b = run("b", "t", 500, 1000, {neuron("n0", 490, 0.8, 50)});
  const fs::path longer = run("c", "t", 500, 4000, {neuron("n0", 490, 0.85, 50)});
  const AccuracyCurve curve = accuracy_curve({longer, a, b});
  ASSERT_EQ(curve.points.size(), 2u);
  EXPECT_THAT(curve.doubts, testing::IsEmpty());
  const AccuracyPoint& point = curve.points[0];
  EXPECT_EQ(point.cut, "500 parameters");
  EXPECT_EQ(point.neurons.size(), 3u);
  EXPECT_EQ(point.images, 100 + 1000 + 50);
  EXPECT_EQ(point.parameters.value, 490);
  EXPECT_EQ(point.bytes, 122.5);
  EXPECT_EQ(point.r2_teacher.value, 0.8);
  EXPECT_EQ(point.r2_raw.value, 0.4);
  EXPECT_EQ(point.teacher_r2_raw, 0.5);
  ASSERT_TRUE(point.r2_teacher.interval);
  EXPECT_EQ(point.r2_teacher.interval->low, 0.7);
  EXPECT_EQ(point.r2_teacher.interval->high, 0.9);
  ASSERT_TRUE(point.published);
  EXPECT_EQ(point.published->neurons, 3);
  EXPECT_EQ(point.published->parameters, 980);
  EXPECT_EQ(point.published->r2_teacher, 0.8);
  EXPECT_EQ(point.published->compact_r2_teacher, 0.8);
  EXPECT_EQ(curve.points[1].images, 100 + 4000 + 50);
  EXPECT_FALSE(curve.points[1].r2_teacher.interval);  // of a single neuron
}

TEST_F(Curve, TakesTheSizesBelowARunWithTheImagesOfTheRoad) {
  const fs::path a = run("a", "s", 500, 1000, {neuron("n0", 480, 0.9, 40)});
  run("a/sizes/90", "s", 90, 1000, {neuron("n0", 85, 0.5, 20)});
  run("a/sizes/200", "s", 200, 1000, {neuron("n0", 190, 0.7, 30)});
  fs::create_directories(a / "sizes" / "50");  // begun, not finished
  const AccuracyCurve curve = accuracy_curve({a});
  ASSERT_EQ(curve.points.size(), 3u);
  EXPECT_EQ(curve.points[1].cut, "200 parameters");
  EXPECT_EQ(curve.points[1].images, 1140 + 1130);
  EXPECT_EQ(curve.points[2].images, 1140 + 1130 + 1120);
  const std::string csv = accuracy_csv(curve);
  EXPECT_THAT(csv,
              testing::HasSubstr("90 parameters,s,n0,3390,85,21.25,0.5,0.25,0.5,170,0.8,0.4\n"));
  EXPECT_EQ(to_json(curve)["points"][2]["r2_raw"]["median"], 0.25);
}

TEST_F(Curve, SaysWhenNumbersAreNotThoseOfTheRecord) {
  const fs::path a = run("a", "s", 500, 1000, {neuron("n0", 480, 0.7, 40)});
  const fs::path better = run("b", "s", 500, 1000, {neuron("n0", 480, 0.9, 40)});
  fs::copy_file(better / "results.json", a / "results.json", fs::copy_options::overwrite_existing);
  const AccuracyCurve curve = accuracy_curve({a});
  ASSERT_EQ(curve.doubts.size(), 1u);
  EXPECT_THAT(curve.doubts[0], testing::HasSubstr("is not what the record of its run says"));
}

TEST_F(Curve, RefusesANeuronTwiceAndARunThatIsNotFinished) {
  const fs::path a = run("a", "s", 500, 1000, {neuron("n0", 480, 0.7, 40)});
  const fs::path b = run("b", "s", 500, 1000, {neuron("n0", 470, 0.8, 40)});
  expect_refused(
      [&] {
        accuracy_curve({a, b});
      },
      "n0 of session s is in two of the runs", ErrorKind::kUsage);
  fs::remove(b / "results.json");
  expect_refused([&] { accuracy_curve({b}); }, "is no finished run", ErrorKind::kUsage);
}

}  // namespace
}  // namespace secateur
