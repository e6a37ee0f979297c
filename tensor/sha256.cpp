#include "tensor/sha256.h"

#include <sodium.h>

#include <array>
#include <fstream>
#include <vector>

#include "tensor/error.h"

namespace secateur {
namespace {

class Sha256 {
 public:
  Sha256() { crypto_hash_sha256_init(&state_); }
  void add(std::string_view bytes) {
    crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()),
                              bytes.size());
  }
  std::string hex() {
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256_final(&state_, digest.data());
    return fmt::format("{:02x}", fmt::join(digest, ""));
  }

 private:
  crypto_hash_sha256_state state_;
};

}  // namespace

std::string sha256_of(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hash.hex();
}

std::string sha256_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  require(file.is_open(), "sha256", "cannot read {}", path.string());
  Sha256 hash;
  std::vector<char> piece(1 << 20);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
    hash.add({piece.data(), static_cast<size_t>(file.gcount())});
  }
  require(file.eof(), "sha256", "cannot read {} to its end", path.string());
  return hash.hex();
}

}  // namespace secateur
