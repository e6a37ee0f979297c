#include "compression/refinement.h"

#include <gtest/gtest.h>

#include <cmath>

#include "compression/compact_file.h"
#include "compression/quantiser.h"
#include "compression/search.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tests/compression/compact_fixture.h"
#include "tests/compression/unwatched.h"

namespace secateur {
namespace {

const Architecture& one_output() {
  static const Architecture architecture = every_architecture()[0].architecture;
  return architecture;
}

std::vector<Transform> transforms_of(const CompactModel& compact) {
  std::vector<Transform> transforms;
  for (const CompactTensor& tensor : compact.tensors) transforms.push_back(tensor.transform);
  return transforms;
}

std::vector<Tensor> some_images(int64_t count, uint64_t seed) {
  return {blob_images(one_output().input, count, seed)};
}

// The responses that are left when the model's own are taken away, centred and without gain.
double loss_of(const Model& folded, const CompactModel& compact,
               const std::vector<Tensor>& images) {
  return response_loss(respond(folded, images), respond(decode(compact), images));
}

struct Gradients : testing::Test {
  Model folded = fold_batch_norm(lively_model(one_output(), 1));
  CompactModel compact = quick_compact(folded, true);
  Observer nobody;

  GradientMatrix gradients(const std::vector<Tensor>& images, int64_t rows) {
    return measure_gradients(folded, transforms_of(compact), RowImages(images, rows), nobody);
  }
};

TEST(Mirrored, EveryWayIsAnotherAndComesBack) {
  const Tensor image = blob_images({.height = 6, .width = 6}, 1, 3).reshaped({3, 6, 6});
  ASSERT_EQ(mirrored_variants(6, 6), 8);
  ASSERT_EQ(mirrored_variants(6, 5), 4);
  EXPECT_TRUE(same_bits(mirrored(image, 0), image));
  for (int a = 0; a < 8; ++a) {
    for (int b = 0; b < a; ++b) {
      EXPECT_FALSE(same_bits(mirrored(image, a), mirrored(image, b))) << a << " " << b;
    }
    const Tensor back = mirrored(mirrored(mirrored(mirrored(image, a), a), a), a);
    EXPECT_TRUE(same_bits(back, image)) << a;
  }
  EXPECT_EQ(mirrored(image, 1)[0], image[5]);
  EXPECT_EQ(mirrored(image, 2)[0], image[30]);
  EXPECT_EQ(mirrored(image, 4)[1], image[6]);
  EXPECT_THROW(mirrored(Tensor::zeros({3, 6, 5}), 4), Error);
}

// |J e|^2 / images is the loss on the images that the gradients are of, for small errors of all
// coefficients at once.
TEST_F(Gradients, PredictTheLossOfAllErrorsTogether) {
  const std::vector<Tensor> images = some_images(40, 7);
  const GradientMatrix matrix = gradients(images, 40);
  std::vector<double> e;
  Rng rng(5, "errors");
  Model moved = folded.clone();
  for (size_t t = 0; t < compact.tensors.size(); ++t) {
    const CompactTensor& tensor = compact.tensors[t];
    std::vector<double> errors;
    for (size_t i = 0; i < tensor.codes.size(); ++i) errors.push_back(1e-4 * rng.normal());
    e.insert(e.end(), errors.begin(), errors.end());
    const std::vector<double> weights = to_weights(errors, tensor.layout, tensor.transform);
    Tensor& values = moved.tensor(tensor.name);
    for (size_t i = 0; i < weights.size(); ++i) {
      values[static_cast<int64_t>(i)] += static_cast<float>(weights[i]);
    }
  }
  std::vector<double> response(40, 0.0);
  for (size_t i = 0; i < e.size(); ++i) {
    const auto column = matrix.column(static_cast<int64_t>(i));
    for (size_t n = 0; n < response.size(); ++n) response[n] += e[i] * column[n];
  }
  double predicted = 0;
  for (const double r : response) predicted += r * r / 40.0;
  Tensor turned(images[0].shape());
  const int64_t size = images[0].numel() / 40;
  for (int64_t n = 0; n < 40; ++n) {
    const Tensor one =
        mirrored(images[0].rows(n, n + 1).reshaped({3, images[0].dim(2), images[0].dim(3)}), 1);
    std::copy(one.values().begin(), one.values().end(), turned.data() + n * size);
  }
  const double loss = response_loss(respond(folded, {turned}), respond(moved, {turned}));
  EXPECT_GT(loss, 0);
  EXPECT_LE(std::abs(predicted / loss - 1.0), 0.1);
}

TEST_F(Gradients, HaveTheSameBitsOnAnyThreads) {
  set_thread_budget(1);
  const GradientMatrix one = gradients(some_images(12, 1), 33);
  set_thread_budget(3);
  const GradientMatrix three = gradients(some_images(12, 1), 33);
  set_thread_budget(0);
  ASSERT_EQ(one.images(), 33);
  for (int64_t i = 0; i < one.coefficients(); ++i) {
    ASSERT_TRUE(std::ranges::equal(one.column(i), three.column(i))) << i;
  }
}

TEST_F(Gradients, AreOfMirroredImagesAlone) {
  EXPECT_EQ(gradient_rows(folded, some_images(12, 1), 1000), 36);  // three ways, 16 x 20
  EXPECT_EQ(gradient_rows(folded, some_images(12, 1), 7), 7);
  EXPECT_THROW(gradients(some_images(12, 1), 37), Error);
  const std::vector<Tensor> same = {Tensor::zeros({12, 3, 16, 20})};
  const GradientMatrix none = gradients(same, 36);
  for (const float g : none.column(0)) EXPECT_EQ(g, 0.0f);
}

// The difference of other responses, standardised like the gradients: to first order that of J e.
TEST_F(Gradients, KnowWhatOtherResponsesDifferBy) {
  const RowImages images(some_images(40, 7), 120);
  const GradientMatrix matrix = measure_gradients(folded, transforms_of(compact), images, nobody);
  Model moved = folded.clone();
  const int64_t coefficient = 3;  // a bias of the first layer, or any other
  double step = 1e-3;
  ASSERT_EQ(compact.tensors[1].transform, Transform::kNone);
  moved.tensor(compact.tensors[1].name)[coefficient] += static_cast<float>(step);
  const std::vector<float> difference =
      matrix.responses().difference(respond_to_rows(moved, images, nobody));
  const auto column = matrix.column(compact.tensors[0].shape.numel() + coefficient);
  double along = 0.0, own = 0.0;
  for (size_t n = 0; n < difference.size(); ++n) {
    along += difference[n] * column[n] * step;
    own += column[n] * step * column[n] * step;
  }
  ASSERT_GT(own, 0.0);
  EXPECT_NEAR(along / own, 1.0, 0.05);
}

// Less loss than the codes chosen one by one, on images that were not looked at.
TEST_F(Gradients, CodesChosenTogetherLoseLess) {
  const RowImages images(some_images(300, 11), 900);
  const GradientMatrix matrix = measure_gradients(folded, transforms_of(compact), images, nobody);
  const CompactModel before = compact;
  const Refinement refinement = refine(folded, matrix, images, 0.0, compact, nobody);
  EXPECT_EQ(refinement.images, 900);
  EXPECT_GT(refinement.moved, 20);
  EXPECT_LT(refinement.loss_after, 0.5 * refinement.loss_before);
  const std::vector<Tensor> others = some_images(200, 99);
  EXPECT_LT(loss_of(folded, compact, others), 0.95 * loss_of(folded, before, others));
}

TEST_F(Gradients, BitsAreSavedWhereTheyAreWorthMore) {
  const RowImages images(some_images(300, 11), 900);
  const GradientMatrix matrix = measure_gradients(folded, transforms_of(compact), images, nobody);
  const CompactModel before = compact;
  const Refinement refinement = refine(folded, matrix, images, 1e-3, compact, nobody);
  EXPECT_LT(refinement.bits_after, 0.9 * refinement.bits_before);
  EXPECT_LT(encode(compact).size(), encode(before).size());
}

TEST_F(Gradients, NoCodeGoesFar) {
  const RowImages images(some_images(40, 11), 100);
  const GradientMatrix matrix = measure_gradients(folded, transforms_of(compact), images, nobody);
  refine(folded, matrix, images, 1e3, compact, nobody);  // bits are all that counts
  for (const CompactTensor& tensor : compact.tensors) {
    const std::vector<double> steps = steps_of(tensor, compact.global_step);
    const std::vector<double> wanted =
        to_coefficients(folded.tensor(tensor.name).values(), tensor.layout, tensor.transform);
    for (size_t i = 0; i < steps.size(); ++i) {
      EXPECT_LT(std::abs(wanted[i] / steps[i] - tensor.codes[i]), kFarthestCode) << tensor.name;
    }
  }
  validate(compact);
}

TEST(SearchTogether, MakesSmallerFilesForTheSameLoss) {
  const Model model = lively_model(one_output(), 1);
  std::vector<Tensor> images;
  for (uint64_t b = 0; b < 8; ++b) images.push_back(blob_images(one_output().input, 40, b));
  const CompressionResult alone = compress(model, images, {.together_images = 0});
  const CompressionResult together = compress(model, images);
  EXPECT_EQ(alone.refinement.images, 0);
  EXPECT_EQ(together.refinement.images, 960);
  EXPECT_LT(together.file.size(), alone.file.size());
  EXPECT_LE(together.loss, together.allowed_loss);
}

}  // namespace
}  // namespace secateur
