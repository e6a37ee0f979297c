#pragma once
// How every matrix product is called, by whomever it is made: row-major
//   C[m, n] = alpha * op(A)[m, k] * op(B)[k, n] + beta * C
// with op() the factor or its transpose; lda, ldb, ldc are the lengths of the rows as stored. With
// beta = 0, C is only written. Zero extents are allowed.

namespace secateur {

enum class Transpose { kNo, kYes };

}  // namespace secateur
