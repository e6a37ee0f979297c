#include "model_files/model_files.h"

#include <fstream>
#include <span>

#include "compression/compact_file.h"
#include "formats/compact_container.h"
#include "formats/keras.h"
#include "formats/numpy_model.h"
#include "formats/safetensors.h"
#include "formats/torch_model.h"
#include "tensor/error.h"

namespace secateur {
namespace {

Model to_model(const StoredModel& stored, const std::filesystem::path& path) {
  try {
    Model model(stored.architecture.get<Architecture>(), stored.tensors);
    model.metadata = stored.metadata;
    return model;
  } catch (const Error& error) {
    throw Error(error.kind(), fmt::format("{}: {}", path.string(), error.what()));
  }
}

std::string first_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  require(file.is_open() && !std::filesystem::is_directory(path), "model", "cannot read {}",
          path.string());
  std::string bytes(256, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(file.gcount()));
  return bytes;
}

}  // namespace

std::string model_file_kind(const std::filesystem::path& path) {
  const std::string bytes = first_bytes(path);
  if (bytes.starts_with("PK")) return looks_like_torch(bytes) ? "torch" : "keras";
  if (bytes.starts_with("\x93NUMPY")) return "numpy";
  if (bytes.starts_with("\x89HDF\r\n\x1a\n")) return "hdf5";
  if (looks_compact(std::span(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()))) {
    return "compact";
  }
  if (path.extension() == ".safetensors") return "safetensors";
  fail(ErrorKind::kBadInput, "model",
       "{} is not a model: wanted .keras, .h5, .pt, .npy, .safetensors or a compact file",
       path.string());
}

Model read_model(const std::filesystem::path& path) {
  const std::string kind = model_file_kind(path);
  if (kind == "keras") return to_model(read_keras(path), path);
  if (kind == "torch") return to_model(read_torch_model(path), path);
  if (kind == "numpy") return to_model(read_numpy_model(path), path);
  if (kind == "hdf5") return to_model(read_keras_h5(path), path);
  if (kind == "compact") return decode(read_compact(path));
  return to_model(read_safetensors_model(path), path);
}

void write_model(const std::filesystem::path& path, const Model& model) {
  write_safetensors_model(path, {.architecture = model.architecture(),
                                 .tensors = model.tensors(),
                                 .metadata = model.metadata});
}

}  // namespace secateur
