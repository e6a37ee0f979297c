#include "training/content_digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "tensor/sha256.h"

namespace secateur {
namespace {

std::string_view bytes_of(const Tensor& tensor) {
  return {reinterpret_cast<const char*>(tensor.data()),
          static_cast<size_t>(tensor.numel()) * sizeof(float)};
}

class WordHash {
 public:
  void add(uint64_t word) {
    state_ = (state_ ^ word) * 0x9e3779b97f4a7c15u;
    state_ ^= state_ >> 32;
  }
  // With their number, and zeros behind them up to a whole word.
  void add(std::string_view bytes) {
    add(bytes.size());
    for (size_t i = 0; i <= bytes.size(); i += sizeof(uint64_t)) {
      uint64_t word = 0;
      std::memcpy(&word, bytes.data() + i, std::min(sizeof(word), bytes.size() - i));
      add(word);
    }
  }
  std::string hex() const {
    uint64_t x = state_;  // the finaliser of SplitMix64
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return fmt::format("{:016x}", x ^ (x >> 31));
  }

 private:
  uint64_t state_ = 0xcbf29ce484222325u;
};

std::string word_hash(const std::map<std::string, Tensor>& tensors, const std::string& text) {
  WordHash hash;
  hash.add(text);
  for (const auto& [name, tensor] : tensors) {
    hash.add(name);
    for (const int64_t extent : tensor.shape().extents()) hash.add(static_cast<uint64_t>(extent));
    hash.add(bytes_of(tensor));
  }
  return hash.hex();
}

}  // namespace

std::string content_digest(const std::map<std::string, Tensor>& tensors, const std::string& text) {
  std::string content = sha256_of(text) + "\n";
  for (const auto& [name, tensor] : tensors) {
    content += fmt::format("{}:{} {} {}\n", name.size(), name,
                           fmt::join(tensor.shape().extents(), " "), sha256_of(bytes_of(tensor)));
  }
  return sha256_of(content);
}

bool is_content_digest(const std::string& digest, const std::map<std::string, Tensor>& tensors,
                       const std::string& text) {
  constexpr size_t kWordHashDigits = 16;
  return digest == (digest.size() == kWordHashDigits ? word_hash(tensors, text)
                                                     : content_digest(tensors, text));
}

}  // namespace secateur
