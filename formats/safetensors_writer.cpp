#include "formats/atomic_file.h"
#include "formats/byte_reader.h"
#include "formats/safetensors.h"
#include "tensor/error.h"
#include "tensor/json_text.h"

namespace secateur {
namespace {

using nlohmann::json;

class Layout {
 public:
  explicit Layout(const std::string& file) : file_(file) {}

  void add(const std::string& name, const char* type, std::span<const int64_t> shape,
           std::string_view data) {
    require(name != "__metadata__" && !header_.contains(name), "safetensors",
            "{} would hold the name {} twice", file_, printable(name));
    require(data_.size() < kMostTensors, "safetensors", "{} would hold more than {} tensors", file_,
            kMostTensors);
    header_[name] = {{"dtype", type},
                     {"shape", json(std::vector<int64_t>(shape.begin(), shape.end()))},
                     {"data_offsets", {end_, end_ + data.size()}}};
    end_ += data.size();
    data_.push_back(data);
  }

  std::string bytes(const std::map<std::string, std::string>& metadata) {
    if (!metadata.empty()) header_["__metadata__"] = metadata;
    std::string text = json_text(header_, file_);
    constexpr size_t kAlign = 8;
    text.append((kAlign - text.size() % kAlign) % kAlign, ' ');
    std::string result;
    result.reserve(kAlign + text.size() + end_);
    for (size_t i = 0; i < kAlign; ++i) result += static_cast<char>(text.size() >> (8 * i) & 0xff);
    result += text;
    for (const std::string_view data : data_) result += data;
    return result;
  }

 private:
  const std::string& file_;
  json header_ = json::object();
  std::vector<std::string_view> data_;
  uint64_t end_ = 0;
};

template <class T>
std::string_view raw(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

}  // namespace

std::string safetensors_bytes(const SafetensorsFile& content, const std::string& file) {
  Layout layout(file);
  const auto add_flat = [&](const std::string& name, const char* type, size_t size,
                            std::string_view data) {
    const auto extent = static_cast<int64_t>(size);
    layout.add(name, type, {&extent, 1}, data);
  };
  // The widest type first keeps every array aligned to its elements.
  for (const auto& [name, values] : content.doubles) {
    add_flat(name, "F64", values.size(), raw(std::span<const double>(values)));
  }
  for (const auto& [name, tensor] : content.tensors) {
    layout.add(name, "F32", tensor.shape().extents(), raw(tensor.values()));
  }
  for (const auto& [name, blob] : content.blobs) add_flat(name, "U8", blob.size(), blob);
  return layout.bytes(content.metadata);
}

void write_safetensors(const std::filesystem::path& path, const SafetensorsFile& content) {
  write_file_atomically(path, safetensors_bytes(content, path.string()));
}

}  // namespace secateur
