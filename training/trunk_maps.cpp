#include "training/trunk_maps.h"

#include <algorithm>

#include "data/image_batches.h"
#include "tensor/error.h"

namespace secateur {

void require_readable(const Trunk& trunk, const ImageSource& images) {
  const InputSpec& in = trunk.input();
  if (in.height != images.height() || in.width != images.width()) {
    fail(ErrorKind::kUsage, "readout", "the trunk reads images of {} x {}, these have {} x {}",
         in.height, in.width, images.height(), images.width());
  }
}

Tensor maps_of(const Trunk& trunk, const ImageSource& images, Observer& observer) {
  constexpr int64_t kTrunkBatch = 32;
  require_readable(trunk, images);
  const Shape one = trunk.maps();
  Tensor maps(Shape{images.count(), one[0], one[1], one[2]});
  for_each_image_batch(images, trunk.input().mean, kTrunkBatch,
                       [&](const Tensor& batch, int64_t first) {
                         const Tensor part = trunk(batch);
                         std::copy_n(part.data(), part.numel(), maps.data() + first * one.numel());
                         observer.progress({.what = "looking through the trunk",
                                            .unit = "images",
                                            .done = static_cast<double>(first + batch.dim(0)),
                                            .total = static_cast<double>(images.count()),
                                            .detail = ""});
                         stop_if_asked(observer);
                       });
  return maps;
}

}  // namespace secateur
