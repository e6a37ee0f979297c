#include "data/image_batches.h"

#include <algorithm>
#include <vector>

#include "data/augmentation.h"
#include "data/ordered_prefetch.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

constexpr int kBatchesAhead = 3;

void read_prepared(const ImageSource& images, int64_t index,
                   const std::array<float, 3>& channel_mean, float* chw) {
  thread_local std::vector<uint8_t> pixels;
  pixels.resize(static_cast<size_t>(images.bytes_per_image()));
  images.read(index, pixels);
  prepare_image(pixels, images.height(), images.width(), channel_mean, chw);
}

}  // namespace

void for_each_image_batch(const ImageSource& images, const std::array<float, 3>& channel_mean,
                          int64_t batch_size,
                          const std::function<void(const Tensor&, int64_t)>& body, int threads) {
  if (batch_size < 1 || threads < 0) {
    fail(ErrorKind::kUsage, "images",
         "wanted a batch size of at least 1 and threads of at least 0, "
         "got {} and {}",
         batch_size, threads);
  }
  const auto make = [&](int64_t number) {
    const int64_t first = number * batch_size;
    const int64_t n = std::min(batch_size, images.count() - first);
    Tensor batch({n, 3, images.height(), images.width()});
    const auto fill = [&](int64_t k) {
      read_prepared(images, first + k, channel_mean, batch.data() + k * images.bytes_per_image());
    };
    if (threads == 0) {
      parallel_for(n, fill);
    } else {
      for (int64_t k = 0; k < n; ++k) fill(k);
    }
    return batch;
  };
  const int64_t batches = (images.count() + batch_size - 1) / batch_size;
  OrderedPrefetch<Tensor> ahead(make, 0, batches, threads, kBatchesAhead);
  for (int64_t number = 0; number < batches; ++number) body(ahead.take(), number * batch_size);
}

std::vector<Tensor> first_image_batches(const ImageSource& images,
                                        const std::array<float, 3>& channel_mean, int64_t count,
                                        int64_t batch_size) {
  // A view that ends early, without taking ownership of the caller's source.
  const ImageSourcePtr whole(ImageSourcePtr(), &images);
  const ImageSourcePtr part = image_range(whole, 0, std::min(count, images.count()));
  std::vector<Tensor> batches;
  for_each_image_batch(*part, channel_mean, batch_size,
                       [&](const Tensor& batch, int64_t) { batches.push_back(batch); });
  return batches;
}

Tensor respond_to_all(const std::function<Tensor(const Tensor&)>& model, const ImageSource& images,
                      const std::array<float, 3>& mean) {
  constexpr int64_t kBatch = 32;
  Tensor responses;
  for_each_image_batch(images, mean, kBatch, [&](const Tensor& batch, int64_t first) {
    const Tensor part = model(batch);
    if (first == 0) responses = Tensor(Shape{images.count(), part.dim(1)});
    std::copy_n(part.data(), part.numel(), responses.data() + first * part.dim(1));
  });
  return responses;
}

}  // namespace secateur
