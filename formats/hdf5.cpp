#include "formats/hdf5.h"

#include <cstring>
#include <utility>

#include "formats/byte_reader.h"
#include "formats/hdf5_structure.h"
#include "formats/hdf5_values.h"
#include "tensor/error.h"

namespace secateur {

Hdf5File::Hdf5File(std::string bytes, std::string file)
    : bytes_(std::move(bytes)), file_(std::move(file)), root_(hdf5_root({bytes_, file_})) {}

std::optional<uint64_t> Hdf5File::find(std::string_view path) const {
  uint64_t object = root_;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const auto members = hdf5_group({bytes_, file_}, object);
    const auto member = members.find(path.substr(0, slash));
    if (member == members.end()) return std::nullopt;
    object = member->second;
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return object;
}

uint64_t Hdf5File::address(std::string_view path) const {
  const std::optional<uint64_t> found = find(path);
  require(found.has_value(), "hdf5", "{} has no {}", file_, printable(path));
  return *found;
}

bool Hdf5File::has(std::string_view path) const { return find(path).has_value(); }

std::vector<std::string> Hdf5File::children(std::string_view path) const {
  std::vector<std::string> names;
  for (const auto& [name, header] : hdf5_group({bytes_, file_}, address(path))) {
    names.push_back(name);
  }
  return names;
}

Shape Hdf5File::shape(std::string_view path) const {
  const Hdf5Bytes in{bytes_, file_};
  return hdf5_floats(in, hdf5_messages(in, address(path))).shape;
}

Tensor Hdf5File::tensor(std::string_view path) {
  const Hdf5Bytes in{bytes_, file_};
  const Hdf5Floats floats = hdf5_floats(in, hdf5_messages(in, address(path)));
  bytes_read_ += std::ssize(floats.bytes);
  require(bytes_read_ <= std::ssize(bytes_), "hdf5", "{} has arrays that overlap", file_);
  Tensor result(floats.shape);
  if (!floats.bytes.empty()) {
    std::memcpy(result.data(), floats.bytes.data(), floats.bytes.size());
  }
  return result;
}

std::optional<std::vector<std::string>> Hdf5File::strings(std::string_view path,
                                                          std::string_view attribute) const {
  const Hdf5Bytes in{bytes_, file_};
  return hdf5_strings(in, hdf5_messages(in, address(path)), attribute);
}

}  // namespace secateur
