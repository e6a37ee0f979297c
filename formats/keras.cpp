#include "formats/keras.h"

#include <utility>

#include "formats/byte_reader.h"
#include "formats/hdf5.h"
#include "formats/input_file.h"
#include "formats/keras_config.h"
#include "formats/keras_weights.h"
#include "formats/zip.h"
#include "tensor/error.h"
#include "tensor/json_field.h"
#include "tensor/json_text.h"

namespace secateur {
namespace {

constexpr int64_t kFileCap = int64_t{1} << 30;
constexpr int64_t kConfigCap = int64_t{1} << 24;
constexpr const char* kConfig = "config.json";
constexpr const char* kMetadata = "metadata.json";
constexpr const char* kWeights = "model.weights.h5";

void check_members(const ZipReader& archive) {
  for (const ZipEntry& entry : archive.entries()) {
    const bool known = entry.name == kConfig || entry.name == kMetadata || entry.name == kWeights;
    require(known, "keras", "{} has an unexpected entry {}", archive.file(), printable(entry.name));
  }
}

std::string member(const ZipReader& archive, const char* name, int64_t cap) {
  const int64_t index = archive.find(name);
  require(index >= 0, "keras", "{} has no {}, wanted a .keras archive", archive.file(), name);
  return archive.read(index, cap);
}

StoredModel stored(KerasGraph graph, std::map<std::string, Tensor> tensors, const char* format,
                   const char* architecture) {
  return {std::move(graph.architecture),
          std::move(tensors),
          {{"source_format", format}, {"architecture", architecture}}};
}

}  // namespace

KerasArchive open_keras_archive(const ZipReader& archive) {
  check_members(archive);
  const auto description = [&](const char* name) {
    return parse_json(member(archive, name, kConfigCap), archive.file() + ":" + name);
  };
  return {description(kConfig), description(kMetadata), member(archive, kWeights, kFileCap)};
}

StoredModel parse_keras(std::string bytes, const std::string& file) {
  constexpr ZipCaps kCaps{.file_bytes = kFileCap, .entries = 16, .total_bytes = kFileCap};
  KerasArchive archive = open_keras_archive(ZipReader(std::move(bytes), file, kCaps));
  KerasGraph graph = read_keras_config(archive.config, file);
  Hdf5File weights(std::move(archive.weights), file + ":" + kWeights);
  std::map<std::string, Tensor> tensors = read_numbered_weights(weights, graph);
  StoredModel model = stored(std::move(graph), std::move(tensors), "keras", "from its description");
  const JsonField described(archive.metadata, "keras", file + ":" + kMetadata);
  if (described.has("keras_version")) {
    model.metadata["keras_version"] = described.at("keras_version").name();
  }
  return model;
}

StoredModel parse_keras_h5(std::string bytes, const std::string& file) {
  Hdf5File weights(std::move(bytes), file);
  if (weights.has("layers")) {
    KerasGraph graph = infer_keras_graph(weights);
    std::map<std::string, Tensor> tensors = read_numbered_weights(weights, graph);
    return stored(std::move(graph), std::move(tensors), "keras weights",
                  "from the shapes of the weights");
  }
  const auto config = weights.strings("", "model_config");
  require(config.has_value() && config->size() == 1 && weights.has("model_weights"), "keras",
          "{} has neither layers nor a model_config with model_weights", file);
  require(std::ssize(config->front()) <= kConfigCap, "keras",
          "{} has a description of {} bytes, wanted at most {}", file, config->front().size(),
          kConfigCap);
  KerasGraph graph = read_keras_config(parse_json(config->front(), file + ":model_config"), file);
  std::map<std::string, Tensor> tensors = read_named_weights(weights, graph);
  return stored(std::move(graph), std::move(tensors), "keras h5", "from its description");
}

StoredModel read_keras(const std::filesystem::path& path) {
  return parse_keras(read_file(path, kFileCap), path.string());
}

StoredModel read_keras_h5(const std::filesystem::path& path) {
  return parse_keras_h5(read_file(path, kFileCap), path.string());
}

}  // namespace secateur
