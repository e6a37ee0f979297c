#include "pruning/student_identity.h"

#include <fmt/format.h>

#include <bit>

#include "models/fingerprint.h"

namespace secateur {
namespace {

using Kind = StudentIdentity::Kind;

constexpr const char* kFingerprintField = "student_fingerprint";
constexpr const char* kChecksumField = "student";

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

}  // namespace

StudentIdentity identity_of(const Model& student, Kind kind) {
  switch (kind) {
    case Kind::kNone:
      return {};
    case Kind::kChecksum:
      return {kind, weights_checksum(student)};
    case Kind::kFingerprint:
      break;
  }
  return {Kind::kFingerprint, fingerprint(student)};
}

void add_identity(nlohmann::json& object, const StudentIdentity& identity) {
  if (identity.kind == Kind::kFingerprint) object[kFingerprintField] = identity.digits;
  if (identity.kind == Kind::kChecksum) object[kChecksumField] = identity.digits;
}

StudentIdentity identity_in(const JsonField& object) {
  if (object.has(kFingerprintField)) {
    return {Kind::kFingerprint, object.at(kFingerprintField).text()};
  }
  const std::string checksum = object.has(kChecksumField) ? object.at(kChecksumField).text() : "";
  return checksum.empty() ? StudentIdentity() : StudentIdentity{Kind::kChecksum, checksum};
}

}  // namespace secateur
