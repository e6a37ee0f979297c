#include "provenance/signature.h"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <vector>

#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "tensor/error.h"
#include "tensor/json_field.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int64_t kKeyFileCap = 4096;
constexpr size_t kMostSignatures = 64;  // each is held against the whole statement
constexpr std::string_view kSecret = "secateur-ed25519-secret";
constexpr std::string_view kPublic = "secateur-ed25519-public";

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* raw(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

void start_sodium() {
  if (sodium_init() < 0) fail(ErrorKind::kResource, "signature", "libsodium does not start");
}

std::string to_base64(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), raw(bytes), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // the terminating zero
  return text;
}

std::string from_base64(const std::string& text, const std::string& file) {
  std::string bytes(text.size(), '\0');
  size_t length = 0;
  const char* end = nullptr;
  const int bad = sodium_base642bin(raw(bytes), bytes.size(), text.data(), text.size(), nullptr,
                                    &length, &end, sodium_base64_VARIANT_ORIGINAL);
  require(bad == 0 && end == text.data() + text.size(), "signature", "{} holds no base64 text",
          file);
  bytes.resize(length);
  return bytes;
}

// DSSE's pre-authentication encoding.
std::string authenticated(std::string_view payload) {
  return fmt::format("DSSEv1 {} {} {} {}", kStatementMediaType.size(), kStatementMediaType,
                     payload.size(), payload);
}

std::string key_line(const fs::path& path, std::string_view kind, size_t length) {
  std::string text = read_file(path, kKeyFileCap);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const std::string prefix = std::string(kind) + " ";
  require(text.starts_with(prefix), "signature", "wanted a line '{} ...' in {}", kind,
          path.string());
  std::string bytes = from_base64(text.substr(prefix.size()), path.string());
  sodium_memzero(text.data(), text.size());
  require(bytes.size() == length, "signature", "wanted {} bytes in {}, got {}", length,
          path.string(), bytes.size());
  return bytes;
}

}  // namespace

std::string PublicKey::id() const { return sha256_of(bytes); }

SecretKey SecretKey::generate() {
  start_sodium();
  std::string secret(crypto_sign_SECRETKEYBYTES, '\0');
  std::string unused(crypto_sign_PUBLICKEYBYTES, '\0');
  crypto_sign_keypair(raw(unused), raw(secret));
  return SecretKey(std::move(secret));
}

SecretKey::SecretKey(std::string bytes) : bytes_(std::move(bytes)) {
  start_sodium();
  require(bytes_.size() == crypto_sign_SECRETKEYBYTES, "signature",
          "wanted a secret key of {} bytes, got {}", crypto_sign_SECRETKEYBYTES, bytes_.size());
}

SecretKey::~SecretKey() { sodium_memzero(bytes_.data(), bytes_.size()); }

PublicKey SecretKey::public_key() const {
  PublicKey key{std::string(crypto_sign_PUBLICKEYBYTES, '\0')};
  crypto_sign_ed25519_sk_to_pk(raw(key.bytes), raw(std::string_view(bytes_)));
  return key;
}

std::string SecretKey::sign(std::string_view message) const {
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(raw(signature), nullptr, raw(message), message.size(),
                       raw(std::string_view(bytes_)));
  return signature;
}

void write_keys(const fs::path& secret, const SecretKey& key) {
  const std::string line = fmt::format("{} {}\n", kSecret, to_base64(key.bytes()));
  const int file = ::open(secret.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) {
    fail(errno == EEXIST ? ErrorKind::kUsage : ErrorKind::kResource, "signature",
         "cannot make the key file {}: {}", secret.string(),
         std::generic_category().message(errno));
  }
  const bool written =
      ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
      ::fsync(file) == 0;
  ::close(file);
  if (!written) fail(ErrorKind::kResource, "signature", "cannot write {}", secret.string());
  write_file_atomically(secret.string() + ".pub",
                        fmt::format("{} {}\n", kPublic, to_base64(key.public_key().bytes)));
}

SecretKey read_secret_key(const fs::path& path) {
  return SecretKey(key_line(path, kSecret, crypto_sign_SECRETKEYBYTES));
}

PublicKey read_public_key(const fs::path& path) {
  start_sodium();
  return {key_line(path, kPublic, crypto_sign_PUBLICKEYBYTES)};
}

json sign_statement(std::string_view statement, const SecretKey& key) {
  return {{"payloadType", kStatementMediaType},
          {"payload", to_base64(statement)},
          {"signatures",
           {{{"keyid", key.public_key().id()},
             {"sig", to_base64(key.sign(authenticated(statement)))}}}}};
}

std::string verified_statement(const json& envelope, const PublicKey& key,
                               const std::string& file) {
  start_sodium();
  const JsonField field(envelope, "signature", file);
  if (field.at("payloadType").text() != kStatementMediaType) {
    field.at("payloadType").refuse(fmt::format("'{}'", kStatementMediaType));
  }
  const std::string payload = from_base64(field.at("payload").text(), file);
  const std::string message = authenticated(payload);
  for (const JsonField& signature : field.at("signatures").elements(kMostSignatures)) {
    const std::string sig = from_base64(signature.at("sig").text(), file);
    if (sig.size() != crypto_sign_BYTES) continue;
    if (crypto_sign_verify_detached(raw(std::string_view(sig)), raw(message), message.size(),
                                    raw(std::string_view(key.bytes))) == 0) {
      return payload;
    }
  }
  fail(ErrorKind::kVerification, "signature", "{} holds no signature of the key {}", file,
       key.id());
}

}  // namespace secateur
