// Groups as symbol tables: a B-tree of nodes, whose entries name their members through a heap.

#include "formats/byte_reader.h"

#include <functional>
#include "formats/hdf5_structure.h"
#include "tensor/error.h"

namespace secateur {
namespace {

constexpr size_t kMostMembers = 4096;
constexpr size_t kMostNodes = 4096;
constexpr int kMostLevels = 8;

class GroupWalk {
 public:
  GroupWalk(const Hdf5Bytes& in, uint64_t heap) : in_(in), names_(heap_names(heap)) {}

  std::map<std::string, uint64_t, std::less<>> members;

  void tree(uint64_t address, int level_below) {
    ByteReader at = node(address, "TREE");
    const uint8_t type = at.u8();
    const int level = at.u8();
    // A node's level is below that of its parent, so that the walk ends even if the nodes form a
    // ring.
    require(type == 0 && level < level_below, "hdf5", "{} has a malformed tree at byte {}",
            in_.file, address);
    const uint16_t used = at.u16();
    at.skip(8 + 8 + 8);  // siblings, first key
    for (int i = 0; i < used; ++i) {
      const uint64_t child = at.u64();
      at.skip(8);  // key
      level > 0 ? tree(child, level) : symbols(child);
    }
  }

 private:
  ByteReader node(uint64_t address, std::string_view signature) {
    require(++nodes_ <= kMostNodes, "hdf5", "{} has a group of more than {} nodes", in_.file,
            kMostNodes);
    ByteReader at("hdf5", in_.file, in_.bytes, address);
    at.expect(signature, signature);
    return at;
  }

  std::string_view heap_names(uint64_t address) {
    ByteReader at = node(address, "HEAP");
    const uint8_t version = at.u8();
    require(version == 0, "hdf5", "{} has a heap of version {}, wanted 0", in_.file, version);
    at.skip(3);
    const uint64_t size = at.u64();
    at.skip(8);  // free list
    return ByteReader(std::string_view("hdf5"), in_.file, in_.bytes, at.u64()).take(size);
  }

  void symbols(uint64_t address) {
    ByteReader at = node(address, "SNOD");
    const uint8_t version = at.u8();
    require(version == 1, "hdf5", "{} has symbols of version {}, wanted 1", in_.file, version);
    at.skip(1);
    const uint16_t count = at.u16();
    for (int i = 0; i < count; ++i) {
      const uint64_t name = at.u64();
      const uint64_t header = at.u64();
      const uint32_t cached = at.u32();
      at.skip(4 + 16);
      constexpr uint32_t kSoftLink = 2;
      require(cached < kSoftLink, "hdf5", "{} has a soft link, which is refused", in_.file);
      add(name, header);
    }
  }

  void add(uint64_t name_offset, uint64_t header) {
    require(name_offset < names_.size(), "hdf5", "{} has a name outside its heap", in_.file);
    const std::string_view rest = names_.substr(name_offset);
    const size_t end = rest.find('\0');
    constexpr size_t kLongest = 1024;
    require(end != std::string_view::npos && end > 0 && end <= kLongest, "hdf5",
            "{} has a name that is empty or has no end", in_.file);
    const std::string name(rest.substr(0, end));
    require(name.find('/') == std::string::npos && members.emplace(name, header).second, "hdf5",
            "{} has the name {} twice in a group, or a slash in it", in_.file, printable(name));
    require(members.size() <= kMostMembers, "hdf5", "{} has a group of more than {} members",
            in_.file, kMostMembers);
  }

  const Hdf5Bytes& in_;
  size_t nodes_ = 0;
  std::string_view names_;
};

}  // namespace

std::map<std::string, uint64_t, std::less<>> hdf5_group(const Hdf5Bytes& in, uint64_t address) {
  const std::string_view table = hdf5_only_message(in, hdf5_messages(in, address),
                                                   Hdf5MessageType::kSymbolTable, "symbol table");
  ByteReader at("hdf5", in.file, table);
  const uint64_t tree = at.u64();
  const uint64_t heap = at.u64();
  GroupWalk walk(in, heap);
  walk.tree(tree, kMostLevels);
  return std::move(walk.members);
}

}  // namespace secateur
