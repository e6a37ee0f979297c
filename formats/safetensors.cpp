#include "formats/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <span>
#include <utility>

#include "formats/byte_reader.h"
#include "formats/input_file.h"
#include "tensor/error.h"
#include "tensor/json_text.h"

namespace secateur {
namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "bytes are copied as they are");

// A header is read whole: an entry of it takes some 100 bytes, the texts beside them (architecture,
// decisions of a pruning, rows of a curve) a few megabytes at most.
constexpr uint64_t kHeaderCap = uint64_t{1} << 24;
constexpr int64_t kLongestName = 1024;
// Of an entry: itself, three members, two offsets and an extent for each axis.
constexpr int64_t kValuesPerEntry = 1 + 3 + 2 + Shape::kMaxRank;

struct Entry {
  std::string name;
  std::string type;
  Shape shape;
  uint64_t begin = 0;
  uint64_t end = 0;
};

uint64_t bytes_of(const std::string& type) {
  if (type == "F32") return sizeof(float);
  if (type == "F64") return sizeof(double);
  return type == "U8" ? 1 : 0;
}

// A list of `count` non-negative integers, or an Error.
std::vector<int64_t> integers(const json& list, size_t most, const std::string& what) {
  require(list.is_array() && list.size() <= most, "safetensors", "wanted a list for {}", what);
  std::vector<int64_t> result;
  for (const json& element : list) {
    require(element.is_number_unsigned() && element <= uint64_t{INT64_MAX}, "safetensors",
            "wanted counts for {}", what);
    result.push_back(element.get<int64_t>());
  }
  return result;
}

Entry read_entry(const std::string& name, const json& value, const std::string& file) {
  const std::string what = fmt::format("{} in {}", printable(name), file);
  require(std::ssize(name) <= kLongestName && name == without_controls(name), "safetensors",
          "wanted names of at most {} printable characters, got {}", kLongestName, what);
  const bool whole = value.is_object() && value.size() == 3 && value.contains("dtype") &&
                     value.contains("shape") && value.contains("data_offsets");
  require(whole && value["dtype"].is_string(), "safetensors",
          "wanted dtype, shape and data_offsets for {}", what);
  Entry entry{name, value["dtype"].get<std::string>(), {}, 0, 0};
  const uint64_t item = bytes_of(entry.type);
  require(item != 0, "safetensors", "{} is of type {}, wanted F32, F64 or U8", what,
          printable(entry.type));
  entry.shape = Shape(integers(value["shape"], Shape::kMaxRank, what));
  const std::vector<int64_t> offsets = integers(value["data_offsets"], 2, what);
  require(offsets.size() == 2 && offsets[0] <= offsets[1], "safetensors",
          "wanted a begin and an end for {}", what);
  entry.begin = static_cast<uint64_t>(offsets[0]);
  entry.end = static_cast<uint64_t>(offsets[1]);
  uint64_t bytes = item;
  for (const int64_t extent : entry.shape.extents()) {
    require(!__builtin_mul_overflow(bytes, static_cast<uint64_t>(extent), &bytes), "safetensors",
            "{} has more elements than can be counted", what);
  }
  require(bytes == entry.end - entry.begin, "safetensors", "{} has {} bytes for {} of {}", what,
          entry.end - entry.begin, entry.shape, entry.type);
  require(entry.type == "F32" || entry.shape.rank() == 1, "safetensors",
          "{} has {} axes, wanted one for {}", what, entry.shape.rank(), entry.type);
  return entry;
}

std::map<std::string, std::string> read_metadata(const json& value, const std::string& file) {
  std::map<std::string, std::string> metadata;
  require(value.is_object(), "safetensors", "{} has metadata that is no object", file);
  for (const auto& item : value.items()) {
    require(item.value().is_string(), "safetensors", "{} has metadata {} that is no text", file,
            printable(item.key()));
    metadata.emplace(item.key(), item.value().get<std::string>());
  }
  return metadata;
}

bool in_data_order(const Entry& a, const Entry& b) {
  return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
}

struct Header {
  std::vector<Entry> entries;  // in the order of the data
  std::map<std::string, std::string> metadata;
};

// `data` are the bytes behind the header.
Header read_header(std::string_view text, uint64_t data, const std::string& file) {
  constexpr JsonCaps kCaps{.depth = 4, .values = kValuesPerEntry * (kMostTensors + 1)};
  const json object = parse_json(text, file, kCaps);
  require(object.is_object() && object.size() <= kMostTensors + 1, "safetensors",
          "{}: wanted a header that is an object of at most {} tensors", file, kMostTensors);
  Header header;
  for (const auto& item : object.items()) {
    if (item.key() == "__metadata__") {
      header.metadata = read_metadata(item.value(), file);
    } else {
      header.entries.push_back(read_entry(item.key(), item.value(), file));
    }
  }
  std::sort(header.entries.begin(), header.entries.end(), in_data_order);
  uint64_t covered = 0;
  for (const Entry& entry : header.entries) {
    require(entry.begin == covered, "safetensors", "{} has a hole or an overlap at {}", file,
            printable(entry.name));
    covered = entry.end;
  }
  require(covered == data, "safetensors", "{} has {} bytes of data, its header describes {}", file,
          data, covered);
  return header;
}

// read(offset, out) fills `out` from that byte of the file on. The data are read when all of the
// header has been found to be in order.
template <class Read>
SafetensorsFile read_all(uint64_t size, const std::string& file, const Read& read) {
  std::array<char, sizeof(uint64_t)> length{};
  require(size >= length.size(), "safetensors", "{} has {} bytes, wanted a header", file, size);
  read(0, std::span<char>(length));
  const uint64_t header_bytes = std::bit_cast<uint64_t>(length);
  require(header_bytes <= kHeaderCap && header_bytes <= size - length.size(), "safetensors",
          "{} of {} bytes claims a header of {} bytes, wanted at most {}", file, size, header_bytes,
          kHeaderCap);
  std::string text(header_bytes, '\0');
  read(length.size(), std::span<char>(text));
  const uint64_t begin = length.size() + header_bytes;
  Header header = read_header(text, size - begin, file);
  SafetensorsFile content;
  content.metadata = std::move(header.metadata);
  for (const Entry& entry : header.entries) {
    const uint64_t bytes = entry.end - entry.begin;
    const auto fill = [&](auto* values) {
      read(begin + entry.begin, std::span<char>(reinterpret_cast<char*>(values), bytes));
    };
    if (entry.type == "U8") {
      fill(content.blobs.emplace(entry.name, std::string(bytes, '\0')).first->second.data());
    } else if (entry.type == "F64") {
      std::vector<double> values(bytes / sizeof(double));
      fill(content.doubles.emplace(entry.name, std::move(values)).first->second.data());
    } else {
      fill(content.tensors.emplace(entry.name, Tensor(entry.shape)).first->second.data());
    }
  }
  return content;
}

}  // namespace

SafetensorsFile parse_safetensors(std::string_view bytes, const std::string& file) {
  return read_all(bytes.size(), file, [&](uint64_t offset, std::span<char> out) {
    std::copy_n(bytes.begin() + static_cast<ptrdiff_t>(offset), out.size(), out.begin());
  });
}

SafetensorsFile read_safetensors(const std::filesystem::path& path, int64_t cap) {
  const InputFile file(path);
  require(file.size() <= cap, "safetensors", "{} has {} bytes, wanted at most {}", file.name(),
          file.size(), cap);
  return read_all(static_cast<uint64_t>(file.size()), file.name(),
                  [&](uint64_t offset, std::span<char> out) {
                    file.read_at(static_cast<int64_t>(offset), out);
                  });
}

}  // namespace secateur
