#include <gtest/gtest.h>
#include "tensor/tensor.h"
TEST(Tensor, Zeros) { EXPECT_EQ(secateur::Tensor::zeros({2, 3}).numel(), 6); }
