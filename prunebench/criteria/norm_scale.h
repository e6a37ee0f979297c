#pragma once
// The scale of a filter's batch norm, |gamma| (Liu, Li, Shen, Huang, Yan and Zhang, "Learning
// efficient convolutional networks through network slimming", ICCV 2017): one order for all layers.
// There the network is trained with a penalty on these scales, which students here are not. No
// image is looked at.

#include "prunebench/criterion.h"

namespace secateur {

// Throws Error(kUsage) for a network without batch norms.
FilterScores norm_scale_scores(const CriterionInput& input);

}  // namespace secateur
