#include "interpretation/pixel_response.h"

#include "interpretation/model_input.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

double gain_of(const Readout& readout) { return readout.gain.empty() ? 1 : readout.gain.front(); }

float as_in_file(const Readout& readout, float response) {
  const double offset = readout.offset.empty() ? 0 : readout.offset.front();
  return static_cast<float>(offset + gain_of(readout) * response);
}

}  // namespace

PixelResponse::PixelResponse(const Model& model, int64_t output)
    : model_(fold_batch_norm(select_outputs(model, {output})).frozen()) {}

Tensor PixelResponse::responses(const Tensor& pixels) const {
  check_pixels(pixels, input());
  Tensor responses(Shape{pixels.dim(0)});
  const Readout& readout = model_.architecture().readout;
  parallel_for(pixels.dim(0), [&](int64_t i) {
    const Variable image(without_mean(pixels.rows(i, i + 1), input()));
    responses[i] = as_in_file(readout, model_.forward(image, Mode::kEvaluation).value()[0]);
  });
  check_responses(responses.values());
  return responses;
}

// One graph an image: what an image gets does not depend on its neighbours, and a graph of one
// image stays in the cache.
ResponseGradient PixelResponse::gradient(const Tensor& pixels) const {
  check_pixels(pixels, input());
  ResponseGradient found{Tensor(Shape{pixels.dim(0)}), Tensor(pixels.shape())};
  const Readout& readout = model_.architecture().readout;
  const auto gain = static_cast<float>(gain_of(readout));
  parallel_for(pixels.dim(0), [&](int64_t i) {
    const Variable image(without_mean(pixels.rows(i, i + 1), input()), true);
    const Variable response = model_.forward(image, Mode::kEvaluation);
    found.responses[i] = as_in_file(readout, response.value()[0]);
    backward(response);
    const Tensor& slope = image.grad();
    float* const to = found.gradient.data() + i * slope.numel();
    for (int64_t k = 0; k < slope.numel(); ++k) to[k] = gain * slope[k];
  });
  check_responses(found.responses.values());
  check_responses(found.gradient.values());
  return found;
}

}  // namespace secateur
