#pragma once
// Ed25519 signatures (RFC 8032, by libsodium) of statements, in the envelope of DSSE 1.0 ("Dead
// Simple Signing Envelope"), which tools for in-toto read:
//   {"payloadType": "application/vnd.in-toto+json", "payload": base64,
//    "signatures": [{"keyid": ..., "sig": base64}]}
// What is signed is "DSSEv1 <length> <payloadType> <length> <payload>". Nothing needs a network.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace secateur {

inline constexpr std::string_view kStatementMediaType = "application/vnd.in-toto+json";

struct PublicKey {
  std::string bytes;       // 32
  std::string id() const;  // the SHA-256 of the bytes
};

// Holds a secret until it goes out of scope, when its memory is wiped.
class SecretKey {
 public:
  static SecretKey generate();
  explicit SecretKey(std::string bytes);  // 64; throws Error(kBadInput) for another length
  ~SecretKey();
  SecretKey(SecretKey&&) = default;
  SecretKey& operator=(SecretKey&&) = delete;

  PublicKey public_key() const;
  std::string sign(std::string_view message) const;  // 64 bytes
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// Key files hold one line: "secateur-ed25519-secret BASE64" or "secateur-ed25519-public BASE64".
// A secret one is written for its owner alone to read, and an existing file is never replaced
// (Error(kUsage)). Reading throws Error(kBadInput) for anything else.
void write_keys(const std::filesystem::path& secret, const SecretKey& key);  // and secret + ".pub"
SecretKey read_secret_key(const std::filesystem::path& path);
PublicKey read_public_key(const std::filesystem::path& path);

nlohmann::json sign_statement(std::string_view statement, const SecretKey& key);
// The statement, when one of the signatures is the key's. Throws Error(kBadInput) for what is no
// such envelope, Error(kVerification) when no signature of the key holds; both name `file`.
std::string verified_statement(const nlohmann::json& envelope, const PublicKey& key,
                               const std::string& file);

}  // namespace secateur
