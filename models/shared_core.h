#pragma once
// A student that starts from a model of many neurons.

#include "models/model.h"

namespace secateur {

// The student of one output of a shared model: the same blocks with their batch norms, and a dense
// readout. A factorised readout answers
//   b + sum_p s[p] (m0 + sum_c m[c] a[c, p]) = (b + m0 sum_p s[p]) + sum_{c, p} (m[c] s[p]) a[c, p]
// with mixing weights m and bias m0, spatial weights s and bias b of the output, so the dense map
// of channel c is m[c] s. The student predicts what the shared model predicts for that output, up
// to rounding, on the same scale. A model whose readout is dense already keeps it. Throws Error
// when there is no such output.
Model student_from_shared(const Model& shared, int64_t output);

// The same predictions with another offset and gain, one per output: what changes is the readout,
// which the training sees. Throws Error unless there is one of each per output and no gain is 0.
Model with_output_scale(const Model& model, const std::vector<double>& offset,
                        const std::vector<double>& gain);

}  // namespace secateur
