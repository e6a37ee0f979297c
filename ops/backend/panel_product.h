#pragma once
// A matrix product in packed panels: lanes run over the columns of the result. Each element is a
// sum, in order, of chains of kProductDepth fused multiply-adds.

#include "ops/backend/isa.h"
#include "ops/backend/panels.h"
#include "ops/backend/product_result.h"

namespace secateur {

constexpr int64_t kProductDepth = 256;

void panel_product(const ProductSide& rows, const ProductSide& columns, int64_t depth,
                   const ProductResult& result, Isa isa);

}  // namespace secateur
