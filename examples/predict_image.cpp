// The response of a model to a picture:
//
//   predict_image MODEL PICTURE.jpg
//
// MODEL is a file of any kind that secateur reads: .keras, .h5, .pt, .npy, .safetensors, .secateur.

#include <fmt/format.h>

#include "formats/input_file.h"
#include "formats/jpeg.h"
#include "model_files/model_files.h"
#include "models/predictor.h"
#include "tensor/error.h"

using namespace secateur;

namespace {

// Models read [images, channels, height, width], channel means subtracted; a picture is rows of
// pixels with red, green and blue side by side.
Tensor as_input(const Image8& picture, const InputSpec& input) {
  require(picture.height == input.height && picture.width == input.width, "predict_image",
          "the model wants pictures of {} x {} pixels (height x width), this one has {} x {}",
          input.height, input.width, picture.height, picture.width);
  const int64_t pixels = input.height * input.width;
  Tensor image({1, input.channels, input.height, input.width});
  for (int64_t channel = 0; channel < input.channels; ++channel) {
    for (int64_t pixel = 0; pixel < pixels; ++pixel) {
      const uint8_t value = picture.rgb[static_cast<size_t>(pixel * input.channels + channel)];
      image[channel * pixels + pixel] = value - input.mean[static_cast<size_t>(channel)];
    }
  }
  return image;
}

void print_response(const std::string& model_file, const std::string& picture_file) {
  // The kind of the file is told by its content. Batch norms are folded into the convolutions and
  // no graph is kept: a Predictor only predicts.
  const Predictor predict(read_model(model_file));
  const ImageCaps caps;  // what is larger is refused before memory is asked for
  const Image8 picture = decode_image(read_file(picture_file, caps.file_bytes), picture_file, caps);
  const Tensor responses = predict(as_input(picture, predict.input()));  // [1, outputs]
  for (const float response : responses.values()) fmt::print("{:.4f}\n", response);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: predict_image MODEL PICTURE.jpg\n");
    return 2;
  }
  // Whatever is wrong with a file ends in one kind of exception, with one sentence that names it.
  try {
    print_response(argv[1], argv[2]);
  } catch (const Error& error) {
    fmt::print(stderr, "predict_image: {}\n", error.what());
    return static_cast<int>(error.kind());
  }
}
