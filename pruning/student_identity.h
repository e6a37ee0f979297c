#pragma once
// How a ledger, and the state of a sequence of cuts, names the student that it is about.

#include <nlohmann/json.hpp>
#include <string>

#include "models/model.h"
#include "tensor/json_field.h"

namespace secateur {

struct StudentIdentity {
  enum class Kind {
    kNone,         // an early ledger: only what it counts ties it to a student
    kChecksum,     // a ledger with a check sum of the weights: read, no longer written
    kFingerprint,  // models/fingerprint.h
  };
  Kind kind = Kind::kNone;
  std::string digits;
  friend bool operator==(const StudentIdentity&, const StudentIdentity&) = default;
};

// Of the student before any pruning. The check sum has 16 hexadecimal digits: FNV-1a of 64 bits
// (Fowler, Noll, Vo) over the names, shapes and bits of all tensors, in the order of their names.
StudentIdentity identity_of(const Model& student,
                            StudentIdentity::Kind kind = StudentIdentity::Kind::kFingerprint);

// The field "student_fingerprint" of an object, or "student" for a check sum, or neither.
void add_identity(nlohmann::json& object, const StudentIdentity& identity);
// The inverse; throws Error(kBadInput) for a field that is no text.
StudentIdentity identity_in(const JsonField& object);

}  // namespace secateur
