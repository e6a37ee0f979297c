#include "formats/hdf5_values.h"

#include <algorithm>
#include <array>
#include <map>

#include "formats/byte_reader.h"
#include "tensor/error.h"

namespace secateur {
namespace {

// IEEE 754 binary32, little-endian, as a datatype message: class and version, bit field, size, bit
// offset, precision, exponent and mantissa places, exponent bias.
constexpr std::string_view kFloat32(
    "\x11\x20\x1f\x00\x04\x00\x00\x00\x00\x00\x20\x00\x17\x08\x00\x17\x7f\x00\x00\x00", 20);

ByteReader reader(const Hdf5Bytes& in, std::string_view bytes, uint64_t offset = 0) {
  return ByteReader(std::string_view("hdf5"), in.file, bytes, offset);
}

Shape read_dataspace(const Hdf5Bytes& in, std::string_view body) {
  ByteReader at = reader(in, body);
  const uint8_t version = at.u8();
  const uint8_t rank = at.u8();
  at.skip(1);  // flags: maximal extents follow, which are of no interest
  require(version == 1 || version == 2, "hdf5", "{} has a dataspace of version {}, wanted 1 or 2",
          in.file, version);
  const uint8_t kind = at.u8();
  constexpr uint8_t kNull = 2;
  require(rank <= Shape::kMaxRank && (version == 1 || kind != kNull), "hdf5",
          "{} has an array of {} axes or without a shape, wanted at most {}", in.file, rank,
          Shape::kMaxRank);
  if (version == 1) at.skip(4);
  std::array<int64_t, Shape::kMaxRank> extents{};
  int64_t numel = 1;
  for (int i = 0; i < rank; ++i) {
    const uint64_t extent = at.u64();
    constexpr uint64_t kMost = uint64_t{1} << 40;
    require(extent <= kMost && !__builtin_mul_overflow(numel, std::max<int64_t>(1, extent), &numel),
            "hdf5", "{} has an array of more elements than can be counted", in.file);
    extents[i] = static_cast<int64_t>(extent);
  }
  return Shape(std::span<const int64_t>(extents.data(), rank));
}

std::string_view contiguous(const Hdf5Bytes& in, std::string_view layout) {
  ByteReader at = reader(in, layout);
  const uint8_t version = at.u8();
  require(version == 3, "hdf5", "{} has a data layout of version {}, wanted 3", in.file, version);
  const uint8_t kind = at.u8();
  constexpr uint8_t kCompact = 0;
  constexpr uint8_t kContiguous = 1;
  if (kind == kCompact) return at.take(at.u16());
  require(kind == kContiguous, "hdf5", "{} keeps data in chunks, wanted it in one piece", in.file);
  const uint64_t address = at.u64();
  const uint64_t size = at.u64();
  if (size == 0) return {};
  return reader(in, in.bytes, address).take(size);
}

// One attribute message cut into its parts.
struct Attribute {
  std::string_view name;
  std::string_view type;
  Shape shape;
  std::string_view data;
};

Attribute read_attribute(const Hdf5Bytes& in, std::string_view body) {
  ByteReader at = reader(in, body);
  const uint8_t version = at.u8();
  const uint8_t flags = at.u8();
  require(version >= 1 && version <= 3 && (version == 1 || flags == 0), "hdf5",
          "{} has an attribute of version {} or with a shared type", in.file, version);
  const uint64_t name_bytes = at.u16();
  const uint64_t type_bytes = at.u16();
  const uint64_t space_bytes = at.u16();
  if (version == 3) at.skip(1);  // character set
  const auto part = [&](uint64_t size) {
    const std::string_view bytes = at.take(size);
    if (version == 1) at.skip((8 - size % 8) % 8);
    return bytes;
  };
  Attribute attribute;
  attribute.name = part(name_bytes);
  attribute.name = attribute.name.substr(0, attribute.name.find('\0'));
  attribute.type = part(type_bytes);
  attribute.shape = read_dataspace(in, part(space_bytes));
  attribute.data = at.take(at.left());
  return attribute;
}

// Strings of variable length lie in collections elsewhere in the file.
class StringHeap {
 public:
  explicit StringHeap(const Hdf5Bytes& in) : in_(in) {}

  std::string_view object(uint64_t collection, uint32_t index) {
    const auto [found, fresh] = collections_.try_emplace(collection);
    if (fresh) load(collection, found->second);
    const auto object = found->second.find(static_cast<uint16_t>(index));
    require(index <= 0xffff && object != found->second.end(), "hdf5",
            "{} points to a text that is not there", in_.file);
    return object->second;
  }

 private:
  using Objects = std::map<uint16_t, std::string_view>;

  void load(uint64_t address, Objects& objects) {
    ByteReader at = reader(in_, in_.bytes, address);
    at.expect("GCOL", "global heap");
    const uint8_t version = at.u8();
    at.skip(3);
    const uint64_t size = at.u64();
    constexpr uint64_t kHead = 16;
    require(version == 1 && size >= kHead && size - kHead <= at.left(), "hdf5",
            "{} has a malformed global heap at byte {}", in_.file, address);
    const uint64_t end = address + size;
    while (end - at.position() >= kHead) {
      const uint16_t index = at.u16();
      if (index == 0) break;  // the free rest
      at.skip(2 + 4);         // references
      const uint64_t bytes = at.u64();
      const uint64_t left = end - at.position();
      require(bytes <= left && ++loaded_ <= kMostObjects, "hdf5",
              "{} has a malformed global heap at byte {}", in_.file, address);
      objects.emplace(index, at.take(bytes));
      at.skip(std::min((8 - bytes % 8) % 8, left - bytes));
    }
  }

  static constexpr int kMostObjects = 1 << 16;
  const Hdf5Bytes& in_;
  std::map<uint64_t, Objects> collections_;
  int loaded_ = 0;
};

std::string text(std::string_view padded) {
  return std::string(padded.substr(0, padded.find('\0')));
}

std::vector<std::string> read_strings(const Hdf5Bytes& in, const Attribute& attribute) {
  const int64_t count = attribute.shape.numel();
  constexpr int64_t kMostStrings = 4096;
  require(count <= kMostStrings, "hdf5", "{} has an attribute of {} strings, wanted at most {}",
          in.file, count, kMostStrings);
  std::vector<std::string> result;
  if (count == 0) return result;
  ByteReader type = reader(in, attribute.type);
  const int class_and_version = type.u8();
  const uint8_t kind = type.u8() & 0x0f;
  type.skip(2);
  const uint32_t size = type.u32();
  constexpr int kString = 3;
  constexpr int kVariable = 9;
  const bool fixed = (class_and_version & 0x0f) == kString;
  const bool variable = (class_and_version & 0x0f) == kVariable && kind == 1 && size == 16;
  require(fixed || variable, "hdf5", "{} has an attribute {} that is no text", in.file,
          printable(attribute.name));
  ByteReader data = reader(in, attribute.data);
  StringHeap heap(in);
  uint64_t total = 0;  // many strings may point to one long text
  for (int64_t i = 0; i < count; ++i) {
    if (fixed) {
      result.push_back(text(data.take(size)));
      continue;
    }
    const uint32_t length = data.u32();
    const uint64_t collection = data.u64();
    const uint32_t index = data.u32();
    if (length == 0) {
      result.emplace_back();
      continue;
    }
    const std::string_view object = heap.object(collection, index);
    total += length;
    require(length <= object.size() && total <= in.bytes.size(), "hdf5",
            "{} has texts shorter than they say", in.file);
    result.push_back(text(object.substr(0, length)));
  }
  return result;
}

}  // namespace

Hdf5Floats hdf5_floats(const Hdf5Bytes& in, const std::vector<Hdf5Message>& messages) {
  using Type = Hdf5MessageType;
  const std::string_view type = hdf5_only_message(in, messages, Type::kDatatype, "datatype");
  require(type.substr(0, kFloat32.size()) == kFloat32, "hdf5",
          "{} has an array that is not of little-endian float32", in.file);
  Hdf5Floats floats;
  floats.shape = read_dataspace(in, hdf5_only_message(in, messages, Type::kDataspace, "dataspace"));
  floats.bytes = contiguous(in, hdf5_only_message(in, messages, Type::kLayout, "layout"));
  const uint64_t held = floats.bytes.size();
  require(held % sizeof(float) == 0 &&
              held / sizeof(float) == static_cast<uint64_t>(floats.shape.numel()),
          "hdf5", "{} has {} bytes for a float32 array {}", in.file, held, floats.shape);
  return floats;
}

std::optional<std::vector<std::string>> hdf5_strings(const Hdf5Bytes& in,
                                                     const std::vector<Hdf5Message>& messages,
                                                     std::string_view name) {
  for (const Hdf5Message& message : messages) {
    if (message.type != Hdf5MessageType::kAttribute) continue;
    const Attribute attribute = read_attribute(in, message.body);
    if (attribute.name == name) return read_strings(in, attribute);
  }
  return std::nullopt;
}

}  // namespace secateur
