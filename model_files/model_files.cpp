#include "model_files/model_files.h"

#include <algorithm>
#include <span>

#include "compression/compact_file.h"
#include "formats/compact_container.h"
#include "formats/input_file.h"
#include "formats/keras.h"
#include "formats/numpy_model.h"
#include "formats/safetensors.h"
#include "formats/torch_model.h"
#include "tensor/error.h"
#include "tensor/printable.h"

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
  constexpr int64_t kEnough = 256;
  const InputFile file(path);
  std::string bytes(static_cast<size_t>(std::min(file.size(), kEnough)), '\0');
  file.read_at(0, bytes);
  return bytes;
}

// What a file that is no model seems to be, from how it begins.
std::string nature_of(const std::string& bytes) {
  if (bytes.empty()) return "it is empty";
  if (bytes.starts_with("\xff\xd8") || bytes.starts_with("\x89PNG")) return "it is a picture";
  const bool text = std::none_of(bytes.begin(), bytes.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\r' && c != '\t';
  });
  constexpr size_t kShown = 16;
  return fmt::format("it {} {}", text ? "is a text, which begins" : "begins",
                     printable(std::string_view(bytes).substr(0, kShown)));
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
  fail(
      ErrorKind::kBadInput, "model",
      "{} is not a model: {}; known are .keras, .weights.h5 and .h5 of Keras, .pt of PyTorch, .npy "
      "of NumPy objects, .safetensors of this program and its compact files (.secateur)",
      path.string(), nature_of(bytes));
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
