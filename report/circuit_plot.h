#pragma once
// The circuit of a model on one page.

#include <string>
#include <vector>

#include "interpretation/circuit_study.h"

namespace secateur {

// An SVG file: the layers as columns from left to right, the response at the end. Every filter is
// there: those of a part (circuit_study.h) as a box with pictures, both of its shares and its sign,
// the others as small pictures. Lines are what a part feeds: width is the share of the variance of
// the response along the weights; solid excites, dashed inhibits. `sentences` stand below in two
// columns. All of it says more when the pointer rests on it. For light and dark pages, and for
// paper. What is not finite is drawn as nothing and written as a dash.
std::string circuit_plot(const CircuitStudy& study, const std::string& title,
                         const std::vector<std::string>& sentences);

}  // namespace secateur
