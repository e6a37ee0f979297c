// The engine as a page calls it: plain functions over numbers and memory. Models are known by the
// number that open_model() gives. What is refused ends the program with the sentence on stderr: the
// page asks for nothing that the engine refuses, unless somebody changed what the page holds.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "interpretation/ascent.h"
#include "interpretation/layered_response.h"
#include "interpretation/noise_starts.h"
#include "interpretation/stimuli/draw.h"
#include "playground/without_filters.h"
#include "tensor/error.h"
#include "tensor/json_text.h"

#define SECATEUR_EXPORT(name) __attribute__((used, export_name(#name))) name

namespace secateur {
namespace {

struct Playing {
  Model folded;
  FiltersOn on;
  Tensor pixels;  // [1, 3, h, w] of 0..255: the image
  std::unique_ptr<LayeredResponse> response;
  std::vector<Tensor> signals;  // of the image, layer by layer
  std::unique_ptr<AscentPath> path;

  explicit Playing(const Model& model)
      : folded(fold_batch_norm(model)),
        pixels(
            Tensor::zeros({1, model.architecture().input.channels,
                           model.architecture().input.height, model.architecture().input.width})) {
    for (const Block& block : folded.architecture().blocks) {
      on.emplace_back(static_cast<size_t>(block.filters), uint8_t{1});
    }
    switched();
  }

  void switched() {
    response = std::make_unique<LayeredResponse>(without_filters(folded, on));
    path.reset();
  }
};

std::deque<Playing>& models() {
  static std::deque<Playing> all;
  return all;
}

Playing& model_at(int model) { return models().at(static_cast<size_t>(model)); }

std::map<std::string, Tensor> tensors_of(const Architecture& architecture, const float* weights,
                                         int64_t count) {
  std::map<std::string, Tensor> tensors;
  int64_t at = 0;
  for (const ParameterSpec& spec : parameter_specs(architecture)) {
    const int64_t numel = spec.shape.numel();
    require(at + numel <= count, "playground", "wanted more than {} weights", count);
    tensors.emplace(spec.name, Tensor::of(spec.shape, {weights + at, static_cast<size_t>(numel)}));
    at += numel;
  }
  require(at == count, "playground", "wanted {} weights, got {}", at, count);
  return tensors;
}

stimuli::Rgb colour_of(const stimuli::Ground& ground, double contrast) {
  using stimuli::Polarity;
  return polar_colour(ground, contrast < 0 ? Polarity::kDark : Polarity::kLight,
                      std::abs(contrast));
}

extern "C" {

// Memory for what the page hands over; it is given back by the same name.
void* SECATEUR_EXPORT(take)(int bytes) { return std::malloc(static_cast<size_t>(bytes)); }
void SECATEUR_EXPORT(give_back)(void* memory) { std::free(memory); }

// The architecture as JSON, and all tensors one after the other in the order of parameter_specs().
int SECATEUR_EXPORT(open_model)(const char* architecture, int length, const float* weights,
                                int count) {
  const std::string_view text(architecture, static_cast<size_t>(length));
  const auto wanted = parse_json(text, "the architecture").get<Architecture>();
  models().emplace_back(Model(wanted, tensors_of(wanted, weights, count)));
  return static_cast<int>(models().size()) - 1;
}

// The image [3, h, w] of 0..255, to be written by the page.
float* SECATEUR_EXPORT(pixels)(int model) { return model_at(model).pixels.data(); }

// Of each filter of the layer, whether it is on; after a change switched() is called.
uint8_t* SECATEUR_EXPORT(filters_on)(int model, int layer) {
  return model_at(model).on.at(static_cast<size_t>(layer)).data();
}
void SECATEUR_EXPORT(switched)(int model) { model_at(model).switched(); }

// The response to the image, on the scale of the model's file.
double SECATEUR_EXPORT(respond)(int model) {
  Playing& m = model_at(model);
  m.signals = m.response->signals(m.pixels);
  return m.response->response(m.signals.size() - 1, m.signals.back());
}

// What respond() left of a layer: [filters, height, width] (interpretation/layered_response.h).
const float* SECATEUR_EXPORT(signal)(int model, int layer) {
  return std::as_const(model_at(model).signals.at(static_cast<size_t>(layer))).data();
}
int SECATEUR_EXPORT(signal_extent)(int model, int layer, int axis) {
  return static_cast<int>(model_at(model).signals.at(static_cast<size_t>(layer)).dim(axis));
}

// Noise `seed` into the image, as `interpret stimulus --seed` begins with.
void SECATEUR_EXPORT(noise)(int model, int seed) {
  Playing& m = model_at(model);
  m.pixels = noise_starts(m.folded.architecture().input, 1, static_cast<uint64_t>(seed));
}

// Ascent (or descent) from the image, a step at a time; the image goes with it.
void SECATEUR_EXPORT(begin_ascent)(int model, int descend) {
  Playing& m = model_at(model);
  m.path = std::make_unique<AscentPath>(m.response->model(), 0, m.pixels.clone(),
                                        AscentOptions{.descend = descend != 0});
}
double SECATEUR_EXPORT(step_ascent)(int model) {
  Playing& m = model_at(model);
  const double response = m.path->step();
  m.pixels = m.path->pixels();
  return response;
}

// The empty ground, and a dot or a bar over the image. Contrast from -1, black, to 1.
void SECATEUR_EXPORT(draw_ground)(int model) {
  Playing& m = model_at(model);
  const InputSpec& in = m.folded.architecture().input;
  for (int64_t c = 0; c < in.channels; ++c) {
    std::fill_n(m.pixels.data() + c * in.height * in.width, in.height * in.width,
                in.mean[static_cast<size_t>(c)]);
  }
}
void SECATEUR_EXPORT(draw_dot)(int model, double x, double y, double radius, double contrast) {
  Playing& m = model_at(model);
  const stimuli::Ground ground = stimuli::ground_of(m.folded.architecture().input);
  draw(ground, stimuli::Dots{{{x, y}}, radius, colour_of(ground, contrast)}, m.pixels.data());
}
void SECATEUR_EXPORT(draw_bar)(int model, double x, double y, double length, double width,
                               double orientation, double contrast) {
  Playing& m = model_at(model);
  const stimuli::Ground ground = stimuli::ground_of(m.folded.architecture().input);
  draw(ground, stimuli::Bar{{x, y}, length, width, orientation, colour_of(ground, contrast)},
       m.pixels.data());
}

// A grating in the place of the whole image: where it is weak it shows the empty ground.
void SECATEUR_EXPORT(draw_grating)(int model, double x, double y, double orientation,
                                   double frequency, double phase, double contrast, double sigma) {
  Playing& m = model_at(model);
  const stimuli::Ground ground = stimuli::ground_of(m.folded.architecture().input);
  draw(ground, stimuli::Grating{{x, y}, orientation, frequency, phase, contrast, sigma},
       m.pixels.data());
}

}  // extern "C"

}  // namespace
}  // namespace secateur
