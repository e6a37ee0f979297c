#include "pruning/image_visitor.h"

#include <utility>

#include "tensor/part_observer.h"

namespace secateur {

ImageVisitor watched(ImageVisitor images, Observer& observer, const Progress& before) {
  const int64_t count = images.count;
  return {count, [images = std::move(images), &observer, before](const ImageBody& body) {
            PartObserver part(observer, before);
            images([&](const Tensor& batch, int64_t first) {
              stop_if_asked(part);
              body(batch, first);
              Progress seen;
              seen.done = static_cast<double>(first + batch.dim(0));
              part.progress(seen);
            });
          }};
}

ImageVisitor keeping_first(ImageVisitor images, Tensor& first) {
  const int64_t count = images.count;
  return {count, [images = std::move(images), &first](const ImageBody& body) {
            images([&](const Tensor& batch, int64_t index) {
              if (index == 0) first = batch;
              body(batch, index);
            });
          }};
}

}  // namespace secateur
