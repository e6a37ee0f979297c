#pragma once
// The skeleton of an HDF5 file: superblock, object headers, groups.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace secateur {

struct Hdf5Bytes {
  std::string_view bytes;
  const std::string& file;  // for messages
};

enum class Hdf5MessageType : uint16_t {
  kNil = 0x00,
  kDataspace = 0x01,
  kDatatype = 0x03,
  kOldFill = 0x04,
  kFill = 0x05,
  kLink = 0x06,
  kExternalFiles = 0x07,
  kLayout = 0x08,
  kFilters = 0x0b,
  kAttribute = 0x0c,
  kOldTime = 0x0e,
  kContinuation = 0x10,
  kSymbolTable = 0x11,
  kTime = 0x12,
};

struct Hdf5Message {
  Hdf5MessageType type;
  std::string_view body;
};

// Address of the root group's object header.
uint64_t hdf5_root(const Hdf5Bytes& in);

// The messages of the object header at `address`, continuations followed. Only the types above
// occur; links, external files and filters are refused here.
std::vector<Hdf5Message> hdf5_messages(const Hdf5Bytes& in, uint64_t address);

// The body of the one message of this type; `what` names it in the Error when there are none or
// two.
std::string_view hdf5_only_message(const Hdf5Bytes& in, const std::vector<Hdf5Message>& messages,
                                   Hdf5MessageType type, std::string_view what);

// Name and object header address of each member of the group at `address`.
std::map<std::string, uint64_t, std::less<>> hdf5_group(const Hdf5Bytes& in, uint64_t address);

}  // namespace secateur
