#pragma once
// Each kind of stimulus over an image [3, height, width] that holds the ground.

#include "interpretation/stimuli/stimulus.h"

namespace secateur::stimuli {

void draw(const Ground& ground, const Dots& dots, float* image);
void draw(const Ground& ground, const Bar& bar, float* image);
void draw(const Ground& ground, const Curve& curve, float* image);
void draw(const Ground& ground, const Corner& corner, float* image);
void draw(const Ground& ground, const Grating& grating, float* image);
void draw(const Ground& ground, const Leaves& leaves, float* image);

}  // namespace secateur::stimuli
