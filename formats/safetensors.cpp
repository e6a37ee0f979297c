#include "formats/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "formats/byte_reader.h"
#include "formats/input_file.h"
#include "formats/json_text.h"
#include "tensor/error.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr uint64_t kHeaderCap = uint64_t{1} << 24;
constexpr uint64_t kMostEntries = uint64_t{1} << 16;

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

void store(const Entry& entry, std::string_view data, SafetensorsFile& content) {
  if (entry.type == "U8") {
    content.blobs.emplace(entry.name, data);
  } else if (entry.type == "F64") {
    std::vector<double> values(data.size() / sizeof(double));
    if (!data.empty()) std::memcpy(values.data(), data.data(), data.size());
    content.doubles.emplace(entry.name, std::move(values));
  } else {
    Tensor tensor(entry.shape);
    if (!data.empty()) std::memcpy(tensor.data(), data.data(), data.size());
    content.tensors.emplace(entry.name, std::move(tensor));
  }
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

}  // namespace

SafetensorsFile parse_safetensors(std::string_view bytes, const std::string& file) {
  ByteReader in("safetensors", file, bytes);
  const uint64_t header_bytes = in.u64();
  require(header_bytes <= kHeaderCap, "safetensors",
          "{} claims a header of {} bytes, wanted at most {}", file, header_bytes, kHeaderCap);
  constexpr int kDepth = 4;
  const json header = parse_json(in.take(header_bytes), file, kDepth);
  require(header.is_object() && header.size() <= kMostEntries, "safetensors",
          "{} wanted a header that is an object of at most {} entries", file, kMostEntries);
  SafetensorsFile content;
  std::vector<Entry> entries;
  for (const auto& item : header.items()) {
    if (item.key() == "__metadata__") {
      content.metadata = read_metadata(item.value(), file);
    } else {
      entries.push_back(read_entry(item.key(), item.value(), file));
    }
  }
  std::sort(entries.begin(), entries.end(), in_data_order);
  uint64_t covered = 0;
  for (const Entry& entry : entries) {
    require(entry.begin == covered, "safetensors", "{} has a hole or an overlap at {}", file,
            printable(entry.name));
    covered = entry.end;
  }
  require(covered == in.left(), "safetensors", "{} has {} bytes of data, its header describes {}",
          file, in.left(), covered);
  for (const Entry& entry : entries) store(entry, in.take(entry.end - entry.begin), content);
  return content;
}

SafetensorsFile read_safetensors(const std::filesystem::path& path, int64_t cap) {
  return parse_safetensors(read_file(path, cap), path.string());
}

}  // namespace secateur
