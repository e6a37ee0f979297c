#include "playground/page_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "interpretation/model_input.h"
#include "models/predictor.h"
#include "playground/playground.h"
#include "pruning/variance/criteria.h"
#include "tensor/error.h"
#include "tests/interpretation/small_models.h"

namespace secateur {
namespace {

using nlohmann::json;

PlaygroundModel small_playground(const std::string& name) {
  PlaygroundModel model{.name = name, .model = small_student()};
  model.images = {.pixels = random_pixels(3), .names = {"a", "b", "c"}, .source = "three"};
  model.pruning_images = {.pixels = random_pixels(9, 16, 4), .names = {}, .source = "nine"};
  return model;
}

json data_of(const std::vector<PlaygroundModel>& models) {
  Observer nobody;
  return page_data(models, nobody);
}

int value_of_letter(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : 63;
}

template <class T>
std::vector<T> numbers_of(const std::string& base64) {
  std::string bytes;
  int held = 0;
  unsigned bits = 0;
  for (const char c : base64) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<unsigned>(value_of_letter(c));
    if ((held += 6) < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held & 0xff);
  }
  std::vector<T> numbers(bytes.size() / sizeof(T));
  std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(T));
  return numbers;
}

TEST(PlaygroundPage, KeepsEveryWeightToTheLastBit) {
  const PlaygroundModel model = small_playground("m");
  const json one = data_of({model})["models"][0];
  const auto weights = numbers_of<float>(one["weights"]);
  int64_t all = 0;
  for (const ParameterSpec& spec : model.model.specs()) {
    const Tensor& tensor = model.model.tensor(spec.name);
    const int64_t at = one["places"][spec.name];
    EXPECT_EQ(at, all) << spec.name;
    ASSERT_LE(static_cast<size_t>(at + tensor.numel()), weights.size());
    EXPECT_EQ(std::memcmp(weights.data() + at, tensor.data(),
                          static_cast<size_t>(tensor.numel()) * sizeof(float)),
              0)
        << spec.name;
    all += tensor.numel();
  }
  EXPECT_EQ(static_cast<size_t>(all), weights.size());
  EXPECT_EQ(one["parameters"], count_parameters(model.model.architecture()).total);
  EXPECT_EQ(one["architecture"].get<Architecture>(), model.model.architecture());
}

TEST(PlaygroundPage, KeepsWhatThePredictorGives) {
  const PlaygroundModel model = small_playground("m");
  const Tensor y = Predictor(model.model)(without_mean(model.images.pixels, small_input()));
  const json predicted = data_of({model})["models"][0]["predicted"];
  ASSERT_EQ(predicted.size(), 3u);
  for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(predicted[static_cast<size_t>(i)], double{y[i]});
}

TEST(PlaygroundPage, KeepsTheCovarianceThatThePublishedCriterionMeasures) {
  const PlaygroundModel model = small_playground("m");
  const json pruning = data_of({model})["models"][0]["pruning"];
  const Tensor images = without_mean(model.pruning_images.pixels, small_input());
  const ImageVisitor visitor{.count = 9, .visit = [&](const ImageBody& body) {
                               body(images.rows(0, 8), 0);
                               body(images.rows(8, 9), 8);
                             }};
  ASSERT_EQ(pruning["covariance"].size(), 4u);
  for (size_t layer = 0; layer < 4; ++layer) {
    EXPECT_EQ(numbers_of<double>(pruning["covariance"][layer]),
              measure_covariance(model.model, layer, visitor).covariance());
  }
  EXPECT_EQ(numbers_of<double>(pruning["contributions"]),
            measure_contributions(model.model, visitor).values);
  EXPECT_EQ(pruning["images"], 9);
}

TEST(PlaygroundPage, SharesImagesAndNotNames) {
  PlaygroundModel other = small_playground("other");
  other.images.pixels = random_pixels(3, 16, 8);
  const json data = data_of({small_playground("a"), other, small_playground("b")});
  EXPECT_EQ(data["image_sets"].size(), 2u);
  EXPECT_EQ(data["models"][0]["images"], 0);
  EXPECT_EQ(data["models"][1]["images"], 1);
  EXPECT_EQ(data["models"][2]["images"], 0);
  EXPECT_EQ(data["image_sets"][0]["pictures"].size(), 3u);
}

TEST(PlaygroundPage, HoldsNoMarkupOfANameAndNoSecondScript) {
  if (!has_page_engine()) GTEST_SKIP() << "this build has no engine for pages";
  Observer nobody;
  const std::string name = "</script><script>alert(1)</script><img src=x onerror=alert(2)>";
  const std::string page = playground_page({small_playground(name)}, nobody);
  EXPECT_EQ(page.find("</script><script>alert"), std::string::npos);
  EXPECT_EQ(page.find("<img src=x"), std::string::npos);
  EXPECT_EQ(page.find("{{"), std::string::npos);
  EXPECT_NE(page.find("\\u003c/script>\\u003cscript>alert(1)"), std::string::npos);
}

TEST(PlaygroundPage, IsTheSameAgain) {
  const std::vector<PlaygroundModel> models = {small_playground("m")};
  EXPECT_EQ(data_of(models), data_of(models));
}

TEST(PlaygroundPage, RefusesAModelOfSeveralOutputs) {
  PlaygroundModel model = small_playground("m");
  model.model = Model(student_architecture({4, 5, 3, 4, 3}, small_input(), 2), 1);
  try {
    data_of({model});
    FAIL() << "was not refused";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "[playground] wanted a model of one output, got 2");
  }
}

}  // namespace
}  // namespace secateur
