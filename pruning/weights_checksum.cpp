#include "pruning/weights_checksum.h"

#include <fmt/format.h>

#include <bit>

namespace secateur {
namespace {

class Fnv {
 public:
  void add(uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) {
      hash_ ^= (value >> (8 * i)) & 0xff;
      hash_ *= 0x100000001b3;
    }
  }
  uint64_t hash() const { return hash_; }

 private:
  uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace

std::string weights_checksum(const Model& model) {
  Fnv fnv;
  for (const auto& [name, tensor] : model.tensors()) {
    for (const char c : name) fnv.add(static_cast<unsigned char>(c), 1);
    fnv.add(static_cast<uint64_t>(tensor.rank()), 8);
    for (const int64_t extent : tensor.shape().extents()) {
      fnv.add(static_cast<uint64_t>(extent), 8);
    }
    for (const float value : tensor.values()) fnv.add(std::bit_cast<uint32_t>(value), 4);
  }
  return fmt::format("{:016x}", fnv.hash());
}

}  // namespace secateur
