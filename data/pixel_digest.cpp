#include "data/pixel_digest.h"

#include "tensor/parallel.h"
#include "tensor/sha256.h"

namespace secateur {

std::vector<std::string> pixel_digests(const ImageSource& images) {
  std::vector<std::string> digests(static_cast<size_t>(images.count()));
  parallel_for(images.count(), [&](int64_t i) {
    std::string pixels(static_cast<size_t>(images.bytes_per_image()), '\0');
    images.read(i, std::span(reinterpret_cast<uint8_t*>(pixels.data()), pixels.size()));
    digests[static_cast<size_t>(i)] = sha256_of(pixels);
  });
  return digests;
}

}  // namespace secateur
