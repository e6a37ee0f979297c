#include "formats/hdf5_structure.h"

#include <algorithm>

#include "formats/byte_reader.h"
#include "tensor/error.h"

namespace secateur {
namespace {

constexpr std::string_view kSignature("\x89HDF\r\n\x1a\n", 8);
constexpr size_t kMostMessages = 4096;
constexpr size_t kMostBlocks = 64;

ByteReader reader(const Hdf5Bytes& in, uint64_t address) {
  return ByteReader(std::string_view("hdf5"), in.file, in.bytes, address);
}

void check_message(const Hdf5Bytes& in, uint16_t type, uint8_t flags) {
  using Type = Hdf5MessageType;
  const auto is = [&](Type t) { return type == static_cast<uint16_t>(t); };
  require(!is(Type::kExternalFiles), "hdf5", "{} keeps data in other files, which is refused",
          in.file);
  require(!is(Type::kFilters), "hdf5", "{} keeps data behind filters, which is refused", in.file);
  require(!is(Type::kLink), "hdf5",
          "{} has links of the newer HDF5 layout, wanted plain groups as Keras writes them",
          in.file);
  constexpr Type kKnown[] = {Type::kNil,         Type::kDataspace, Type::kDatatype,
                             Type::kOldFill,     Type::kFill,      Type::kLayout,
                             Type::kAttribute,   Type::kOldTime,   Type::kContinuation,
                             Type::kSymbolTable, Type::kTime};
  require(std::any_of(std::begin(kKnown), std::end(kKnown), is), "hdf5",
          "{} has an object header message of type {}, which Keras does not write", in.file, type);
  constexpr uint8_t kShared = 2;
  require((flags & kShared) == 0, "hdf5", "{} shares header messages, which Keras does not do",
          in.file);
}

struct Block {
  uint64_t address;
  uint64_t size;
};

void read_block(const Hdf5Bytes& in, Block block, std::vector<Hdf5Message>& messages,
                std::vector<Block>& blocks) {
  ByteReader at = reader(in, block.address);
  require(block.size <= at.left(), "hdf5", "{} ends inside an object header", in.file);
  const uint64_t end = block.address + block.size;
  constexpr uint64_t kPrefix = 8;
  while (end - at.position() >= kPrefix) {
    const uint16_t type = at.u16();
    const uint16_t size = at.u16();
    const uint8_t flags = at.u8();
    at.skip(3);
    check_message(in, type, flags);
    require(size <= end - at.position(), "hdf5", "{} has a message longer than its object header",
            in.file);
    messages.push_back({static_cast<Hdf5MessageType>(type), at.take(size)});
    if (messages.back().type == Hdf5MessageType::kContinuation) {
      ByteReader body("hdf5", in.file, messages.back().body);
      const uint64_t address = body.u64();
      blocks.push_back({address, body.u64()});
    }
    require(messages.size() <= kMostMessages && blocks.size() <= kMostBlocks, "hdf5",
            "{} has an object header of more than {} messages or {} blocks", in.file, kMostMessages,
            kMostBlocks);
  }
}

}  // namespace

uint64_t hdf5_root(const Hdf5Bytes& in) {
  ByteReader at = reader(in, 0);
  at.expect(kSignature, "HDF5 signature");
  const uint8_t version = at.u8();
  require(version <= 1, "hdf5", "{} has an HDF5 superblock of version {}, wanted 0 or 1", in.file,
          version);
  at.skip(4);  // versions of parts that are not used
  const uint8_t offset_bytes = at.u8();
  const uint8_t length_bytes = at.u8();
  require(offset_bytes == 8 && length_bytes == 8, "hdf5",
          "{} has offsets of {} and lengths of {} bytes, wanted 8", in.file, offset_bytes,
          length_bytes);
  at.skip(1 + 2 + 2 + 4 + (version == 1 ? 4 : 0));  // fan-outs of the trees, flags
  require(at.u64() == 0, "hdf5", "{} does not start at its own first byte", in.file);
  at.skip(8);  // free space
  const uint64_t end = at.u64();
  require(end <= in.bytes.size(), "hdf5", "{} has {} bytes, its superblock says {}", in.file,
          in.bytes.size(), end);
  at.skip(8 + 8);  // driver information, name of the root
  return at.u64();
}

std::vector<Hdf5Message> hdf5_messages(const Hdf5Bytes& in, uint64_t address) {
  ByteReader at = reader(in, address);
  const uint8_t version = at.u8();
  require(version == 1, "hdf5", "{} has an object header that is not of version 1 at byte {}",
          in.file, address);
  at.skip(1);
  const uint16_t count = at.u16();
  at.skip(4);  // references
  const uint64_t size = at.u32();
  at.skip(4);  // to a multiple of eight
  std::vector<Hdf5Message> messages;
  std::vector<Block> blocks = {{at.position(), size}};
  for (size_t i = 0; i < blocks.size(); ++i) read_block(in, blocks[i], messages, blocks);
  require(messages.size() == count, "hdf5", "{} has {} messages in an object header that says {}",
          in.file, messages.size(), count);
  return messages;
}

std::string_view hdf5_only_message(const Hdf5Bytes& in, const std::vector<Hdf5Message>& messages,
                                   Hdf5MessageType type, std::string_view what) {
  const auto is = [&](const Hdf5Message& m) { return m.type == type; };
  const auto count = std::count_if(messages.begin(), messages.end(), is);
  require(count == 1, "hdf5", "{} has an object with {} {} messages, wanted one", in.file, count,
          what);
  return std::find_if(messages.begin(), messages.end(), is)->body;
}

}  // namespace secateur
