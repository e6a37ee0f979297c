#include "provenance/signature.h"

#include <gtest/gtest.h>

#include "formats/atomic_file.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

// RFC 8032, section 7.1, test 2.
TEST(Signature, IsEd25519) {
  const std::string seed =
      from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  const std::string open =
      from_hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const SecretKey key(seed + open);
  EXPECT_EQ(key.public_key().bytes, open);
  EXPECT_EQ(key.sign("\x72"),
            from_hex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"));
}

TEST(Signature, HoldsForTheStatementAndTheKeyAlone) {
  const SecretKey key = SecretKey::generate();
  nlohmann::json envelope = sign_statement("a statement", key);
  EXPECT_EQ(verified_statement(envelope, key.public_key(), "f"), "a statement");
  expect_refused([&] { verified_statement(envelope, SecretKey::generate().public_key(), "f"); },
                 "f holds no signature of the key", ErrorKind::kVerification);
  envelope["payload"] = "YSBzdGF0ZW1lbnU=";  // "a statemenu"
  expect_refused([&] { verified_statement(envelope, key.public_key(), "f"); },
                 "f holds no signature of the key", ErrorKind::kVerification);
  envelope["payload"] = "not base64!";
  expect_refused([&] { verified_statement(envelope, key.public_key(), "f"); }, "no base64",
                 ErrorKind::kBadInput);
  envelope["payload"] = 3;
  expect_refused([&] { verified_statement(envelope, key.public_key(), "f"); },
                 "f: wanted a text for payload, got 3");
  envelope["payloadType"] = "text/plain";
  expect_refused([&] { verified_statement(envelope, key.public_key(), "f"); },
                 "f: wanted 'application/vnd.in-toto+json' for payloadType, got 'text/plain'");
  expect_refused([&] { verified_statement(nlohmann::json(), key.public_key(), "f"); },
                 "f: wanted an object, got null");
}

TEST(Signature, KeysSurviveTheirFilesAndAreNeverReplaced) {
  const TemporaryFolder folder;
  const SecretKey key = SecretKey::generate();
  write_keys(folder / "k", key);
  EXPECT_EQ(read_secret_key(folder / "k").bytes(), key.bytes());
  EXPECT_EQ(read_public_key(folder / "k.pub").bytes, key.public_key().bytes);
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(folder / "k").permissions(),
            perms::owner_read | perms::owner_write);
  expect_refused([&] { write_keys(folder / "k", key); }, "cannot make the key file",
                 ErrorKind::kUsage);
  expect_refused([&] { read_public_key(folder / "k"); }, "secateur-ed25519-public",
                 ErrorKind::kBadInput);
  write_file_atomically(folder / "short", "secateur-ed25519-public AAAA\n");
  expect_refused([&] { read_public_key(folder / "short"); }, "wanted 32 bytes",
                 ErrorKind::kBadInput);
}

}  // namespace
}  // namespace secateur
