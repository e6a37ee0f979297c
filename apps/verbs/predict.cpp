// secateur predict: responses of a model to images.

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "apps/exit_code.h"
#include "apps/output_file.h"
#include "apps/verbs/verbs.h"
#include "data/image_batches.h"
#include "formats/npy.h"
#include "model_files/model_files.h"
#include "models/predictor.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

struct PredictOptions {
  std::string model;
  std::string images;
  std::string out;
  int64_t batch = 16;
};

int predict(const PredictOptions& options, const CommonOptions& common) {
  require_writable(options.out, "--out");
  const Predictor model(read_model(options.model));
  const InputSpec& in = model.input();
  const ImageSourcePtr images =
      open_images(options.images, static_cast<int>(in.height), static_cast<int>(in.width));
  require(images->height() == in.height && images->width() == in.width, "predict",
          "{} reads images of {} x {}, those of {} have {} x {}", options.model, in.height,
          in.width, options.images, images->height(), images->width());
  Tensor responses(Shape{model.outputs(), images->count()});
  Progress progress{
      .what = "predict", .unit = "images", .total = static_cast<double>(images->count())};
  for_each_image_batch(*images, in.mean, options.batch, [&](const Tensor& batch, int64_t first) {
    const Tensor part = model(batch);
    for (int64_t i = 0; i < part.dim(0); ++i) {
      for (int64_t o = 0; o < part.dim(1); ++o) {
        responses[o * images->count() + first + i] = part[i * part.dim(1) + o];
      }
    }
    progress.done = static_cast<double>(first + batch.dim(0));
    common.terminal->progress(progress);
    stop_if_asked(*common.terminal);
  });
  require(responses.all_finite(), "predict", "{} responds with numbers that are not finite",
          options.model);
  write_npy(options.out, responses);
  std::vector<std::string> order;
  for (int64_t i = 0; i < images->count(); ++i) order.push_back(images->name(i));
  fmt::print(common.text(), "{}: float32 [{}, {}], [outputs, images], from {} to {}\n",
             readable(options.out), responses.dim(0), responses.dim(1), printable(order.front()),
             printable(order.back()));
  common.answer({{"out", options.out},
                 {"outputs", responses.dim(0)},
                 {"images", responses.dim(1)},
                 {"order", order}});
  return kExitDone;
}

}  // namespace

void add_predict(CLI::App& program, CommonOptions& common, Action& action) {
  auto options = std::make_shared<PredictOptions>();
  CLI::App* const verb =
      add_verb(program, common, "predict", "responses of a model to images",
               "secateur predict model.keras --images images_201025.zip --out responses.npy");
  verb->add_option("model", options->model, "model file of any kind")->required();
  verb->add_option("--images", options->images,
                   "folder or zip of JPEG or PNG files, or a uint8 .npy [images, height, width, 3]")
      ->required();
  verb->add_option("--out", options->out, ".npy to write, float32 [outputs, images]")
      ->required()
      ->check(a_name());
  verb->add_option("--batch", options->batch, "images at once")->check(CLI::Range(1, 4096));
  verb->callback([&action, &common, options] {
    action = [&common, options] { return predict(*options, common); };
  });
}

}  // namespace secateur
