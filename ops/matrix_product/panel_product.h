#pragma once
// A matrix product in packed panels: lanes run over the columns of the result. Each element is a
// sum, in order, of chains of kProductDepth fused multiply-adds.

#include "ops/matrix_product/panels.h"
#include "ops/matrix_product/product_result.h"
#include "ops/vector/isa.h"

namespace secateur {

constexpr int64_t kProductDepth = 256;

void panel_product(const ProductSide& rows, const ProductSide& columns, int64_t depth,
                   const ProductResult& result, Isa isa);

}  // namespace secateur
