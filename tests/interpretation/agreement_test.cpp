#include "interpretation/agreement.h"

#include <gtest/gtest.h>

#include "interpretation/starts.h"
#include "tests/models/lively_model.h"

namespace secateur {
namespace {

const InputSpec kAgreeing{.height = 16, .width = 20};

TEST(Agreement, OfCopiesIsOneAndOfNoiseNearNothing) {
  const Model model = lively_model(student_architecture({4, 5, 3, 2, 3}, kAgreeing), 1);
  const Tensor noise = noise_starts(kAgreeing, 3, 1);
  Tensor copies(noise.shape());
  for (int64_t i = 0; i < copies.numel(); ++i) copies[i] = noise[i % (noise.numel() / 3)];
  EXPECT_NEAR(agreement_of(model, copies).pixels, 1, 1e-12);
  EXPECT_NEAR(agreement_of(model, copies).maps, 1, 1e-12);
  EXPECT_NEAR(agreement_of(model, noise).pixels, 0, 0.1);
  EXPECT_LT(agreement_of(model, noise).maps, 1);
  EXPECT_EQ(agreement_of(model, noise.rows(0, 1)).pixels, 1);
}

}  // namespace
}  // namespace secateur
