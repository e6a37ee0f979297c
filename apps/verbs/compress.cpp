// secateur compress: any model as a compact file.

#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "apps/exit_code.h"
#include "apps/output_file.h"
#include "apps/verbs/verbs.h"
#include "chain/seen_pictures.h"
#include "compression/compact_file.h"
#include "compression/explain.h"
#include "compression/search.h"
#include "data/image_batches.h"
#include "data/image_source.h"
#include "data/simulated/stimulus_images.h"
#include "model_files/model_files.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

constexpr uint64_t kStimulusSeed = 1;

struct CompressVerb {
  std::string model;
  std::string out;
  std::string images;
  double max_loss = 0.005;
  int64_t count = 300;
  bool explain = false;
};

// The images that the errors are measured on: the user's, else simulated stimuli, which have the
// statistics of photographs and come with the program.
ImageSourcePtr calibration_images(const CompressVerb& options, const InputSpec& in) {
  if (!options.images.empty()) {
    const ImageSourcePtr images = open_images(options.images);
    require(images->height() == in.height && images->width() == in.width, "compress",
            "{} reads images of {} x {}, those of {} have {} x {}", options.model, in.height,
            in.width, options.images, images->height(), images->width());
    return images;
  }
  require(in.height == in.width && in.height % 4 == 0 && in.height >= 32, "compress",
          "{} reads images of {} x {}, for which there are no simulated stimuli: give --images",
          options.model, in.height, in.width);
  return simulated::stimulus_images(kStimulusSeed, 0, options.count, static_cast<int>(in.height));
}

int compress_file(const CompressVerb& options, const CommonOptions& common) {
  require_writable(options.out, "--out");
  const Model model = read_model(options.model);
  const InputSpec& in = model.architecture().input;
  const ImageSourcePtr images = calibration_images(options, in);
  common.terminal->say("measuring how much every weight matters");
  const CompressionResult result =
      compress(model, first_image_batches(*images, in.mean, options.count),
               {.max_loss = options.max_loss}, *common.terminal);
  CompactModel compact = result.compact;
  const ModelHasSeen has = seen_by_model(model.metadata, options.model);
  if (has.manifest) write_seen_beside(options.out, *has.manifest, compact.metadata);
  write_compact(options.out, compact);
  const int64_t before = static_cast<int64_t>(std::filesystem::file_size(options.model));
  const int64_t after = static_cast<int64_t>(std::filesystem::file_size(options.out));
  const int64_t parameters = count_parameters(model.architecture()).total;
  if (options.explain) fmt::print(common.text(), "{}", explain(result));
  fmt::print(
      common.text(),
      "{}: {} bytes, {:.1f} times smaller than {}; {:.2f} bits a parameter; squared correlation "
      "with the uncompressed model {:.5f} over {} {}\n",
      readable(options.out), after, static_cast<double>(before) / static_cast<double>(after),
      readable(options.model), 8.0 * static_cast<double>(after) / static_cast<double>(parameters),
      1 - result.loss, std::min(options.count, images->count()),
      options.images.empty() ? "simulated stimuli" : "images");
  if (!has.unknown.empty()) fmt::print(common.text(), "{}\n", has.unknown);
  common.answer({{"out", options.out},
                 {"bytes", after},
                 {"bytes_before", before},
                 {"parameters", parameters},
                 {"loss", result.loss}});
  return kExitDone;
}

}  // namespace

void add_compress(CLI::App& program, CommonOptions& common, Action& action) {
  auto options = std::make_shared<CompressVerb>();
  CLI::App* const verb =
      add_verb(program, common, "compress", "any model as a compact file of a few kilobytes",
               "secateur compress compact_model_201025_neuron2.keras --out neuron2.secateur");
  verb->add_option("model", options->model, "model file of any kind")->required();
  verb->add_option("--out", options->out, "compact file to write")->required()->check(a_name());
  verb->add_option("--max-loss", options->max_loss,
                   "loss that is allowed: 1 - squared correlation with the uncompressed model")
      ->check(CLI::Range(1e-6, 0.5));
  verb->add_option("--images", options->images,
                   "images to measure errors on (default: simulated stimuli)");
  verb->add_option("--count", options->count, "how many images")->check(CLI::Range(16, 100000));
  verb->add_flag("--explain", options->explain,
                 "tell how every filter was judged, how the search went and where the bytes are");
  verb->callback([&action, &common, options] {
    action = [&common, options] { return compress_file(*options, common); };
  });
}

}  // namespace secateur
