#include "chain/depth_predictions.h"

#include <cmath>
#include <numeric>

#include "data/image_batches.h"
#include "ops/matmul/matmul.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "training/ridge.h"

namespace secateur {
namespace {

constexpr const char* kDepths = "depths";
constexpr int64_t kDepthBatch = 32;

// Means over cells of a grid that covers [height, width] evenly; out is [cells, cells].
void pool_map(const float* map, int64_t height, int64_t width, int64_t rows, int64_t columns,
              float* out) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) {
      const int64_t y0 = r * height / rows, y1 = (r + 1) * height / rows;
      const int64_t x0 = c * width / columns, x1 = (c + 1) * width / columns;
      double sum = 0;
      for (int64_t y = y0; y < y1; ++y) {
        for (int64_t x = x0; x < x1; ++x) sum += map[y * width + x];
      }
      out[r * columns + c] = static_cast<float>(sum / static_cast<double>((y1 - y0) * (x1 - x0)));
    }
  }
}

// What the first `depth` blocks make of the images: for each channel [images, cells].
std::vector<Tensor> cells_of(const Model& core, size_t depth, const ImageSource& images,
                             Progress& progress, Observer& observer) {
  const Architecture& a = core.architecture();
  const Shape shape = a.shape_before(depth);
  const int64_t rows = std::min(kDepthCells, shape[1]);
  const int64_t columns = std::min(kDepthCells, shape[2]);
  std::vector<Tensor> channels;
  for (int64_t c = 0; c < shape[0]; ++c) {
    channels.emplace_back(Shape{images.count(), rows * columns});
  }
  for_each_image_batch(images, a.input.mean, kDepthBatch, [&](const Tensor& batch, int64_t first) {
    const Tensor maps =
        depth == 0 ? batch
                   : core.forward_blocks(Variable(batch), 0, depth, Mode::kEvaluation).value();
    parallel_for(batch.dim(0) * shape[0], [&](int64_t map) {
      Tensor& out = channels[static_cast<size_t>(map % shape[0])];
      pool_map(maps.data() + map * shape[1] * shape[2], shape[1], shape[2], rows, columns,
               out.data() + (first + map / shape[0]) * rows * columns);
    });
    progress.done += static_cast<double>(batch.dim(0));
    observer.progress(progress);
    stop_if_asked(observer);
  });
  return channels;
}

// Less the means over the fitted images, divided by the standard deviation of the whole channel.
void scale_channel(Tensor& channel, int64_t fitted) {
  const int64_t cells = channel.dim(1);
  double squares = 0;
  for (int64_t p = 0; p < cells; ++p) {
    double sum = 0;
    for (int64_t i = 0; i < fitted; ++i) sum += channel[i * cells + p];
    const auto mean = static_cast<float>(sum / static_cast<double>(fitted));
    for (int64_t i = 0; i < channel.dim(0); ++i) channel[i * cells + p] -= mean;
    for (int64_t i = 0; i < fitted; ++i) {
      squares += static_cast<double>(channel[i * cells + p]) * channel[i * cells + p];
    }
  }
  // A channel that never answers stays out.
  const double factor =
      squares > 0 ? 1 / std::sqrt(squares / static_cast<double>(fitted * cells)) : 0;
  for (float& value : channel.values()) value *= static_cast<float>(factor);
}

// [images, images]
std::vector<double> depth_kernel(std::vector<Tensor>& channels, int64_t fitted,
                                 Observer& observer) {
  const int64_t images = channels.front().dim(0);
  parallel_for(static_cast<int64_t>(channels.size()),
               [&](int64_t c) { scale_channel(channels[static_cast<size_t>(c)], fitted); });
  std::vector<double> kernel(static_cast<size_t>(images * images));
  for (const Tensor& channel : channels) {
    const Tensor products =
        matmul(Variable(channel), Variable(channel), {.transpose_b = true}).value();
    parallel_for(images, [&](int64_t i) {
      for (int64_t k = i * images; k < (i + 1) * images; ++k) {
        kernel[static_cast<size_t>(k)] += products[k];
      }
    });
    stop_if_asked(observer);
  }
  return kernel;
}

std::vector<double> ridge_predictions(const std::vector<double>& kernel, size_t images,
                                      const std::vector<double>& responses, size_t fitted) {
  const size_t neurons = responses.size() / fitted;
  std::vector<double> inner;
  for (size_t i = 0; i < fitted; ++i) {
    const auto row = kernel.begin() + static_cast<std::ptrdiff_t>(i * images);
    inner.insert(inner.end(), row, row + static_cast<std::ptrdiff_t>(fitted));
  }
  const Ridge ridge(std::move(inner));
  std::vector<double> predictions((images - fitted) * neurons);
  parallel_for(static_cast<int64_t>(neurons), [&](int64_t at) {
    const auto neuron = static_cast<size_t>(at);
    std::vector<double> wanted;
    for (size_t i = 0; i < fitted; ++i) wanted.push_back(responses[i * neurons + neuron]);
    const double mean =
        std::accumulate(wanted.begin(), wanted.end(), 0.0) / static_cast<double>(fitted);
    const std::vector<double> dual = ridge.fit(wanted).dual;
    for (size_t i = fitted; i < images; ++i) {
      predictions[(i - fitted) * neurons + neuron] =
          mean + std::inner_product(dual.begin(), dual.end(),
                                    kernel.begin() + static_cast<std::ptrdiff_t>(i * images), 0.0);
    }
  });
  return predictions;
}

}  // namespace

std::vector<DepthPrediction> predict_by_depth(const Model& core, const ImageSource& images,
                                              const std::vector<double>& responses,
                                              int64_t fitted_images, Observer& observer) {
  const Architecture& a = core.architecture();
  if (a.input.height != images.height() || a.input.width != images.width()) {
    fail(ErrorKind::kUsage, kDepths, "the network reads images of {} x {}, these have {} x {}",
         a.input.height, a.input.width, images.height(), images.width());
  }
  require(fitted_images >= kFewestFittingImages && fitted_images < images.count(), kDepths,
          "wanted at least {} images to fit on and some to predict, got {} of {}",
          kFewestFittingImages, fitted_images, images.count());
  require(!responses.empty() && responses.size() % static_cast<size_t>(fitted_images) == 0, kDepths,
          "wanted responses to {} images, got {}", fitted_images, responses.size());
  const Model frozen = core.frozen();
  Progress progress{
      .what = "reading the depths",
      .unit = "images",
      .total = static_cast<double>(images.count()) * static_cast<double>(a.blocks.size() + 1)};
  std::vector<DepthPrediction> depths;
  for (size_t depth = 0; depth <= a.blocks.size(); ++depth) {
    std::vector<Tensor> cells = cells_of(frozen, depth, images, progress, observer);
    const int64_t features = static_cast<int64_t>(cells.size()) * cells.front().dim(1);
    const std::vector<double> kernel = depth_kernel(cells, fitted_images, observer);
    depths.push_back(
        {.layer = depth == 0 ? "pixels" : a.blocks[depth - 1].name,
         .features = features,
         .predictions = ridge_predictions(kernel, static_cast<size_t>(images.count()), responses,
                                          static_cast<size_t>(fitted_images))});
  }
  return depths;
}

}  // namespace secateur
