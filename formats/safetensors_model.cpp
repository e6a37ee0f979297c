// Models as safetensors files.

#include <utility>

#include "formats/byte_reader.h"
#include "formats/safetensors.h"
#include "tensor/error.h"
#include "tensor/json_field.h"
#include "tensor/json_text.h"

namespace secateur {
namespace {

constexpr const char* kFormat = "secateur model 1";

void check_finite(const std::map<std::string, Tensor>& tensors, const std::string& file) {
  for (const auto& [name, tensor] : tensors) {
    require(tensor.all_finite(), "model", "{}: {} has values that are not finite", file,
            printable(name));
  }
}

nlohmann::json object_from(const SafetensorsFile& content, const char* key,
                           const std::string& file) {
  const auto found = content.metadata.find(key);
  require(found != content.metadata.end(), "model", "{} has no {}", file, key);
  const std::string source = file + ":" + key;
  // Some hundred blocks, the scale of each output, the decisions of a pruning.
  constexpr JsonCaps kCaps{.values = int64_t{1} << 18};
  nlohmann::json value = parse_json(found->second, source, kCaps);
  JsonField(value, "model", source).object();
  return value;
}

StoredModel to_model(SafetensorsFile content, const std::string& file) {
  const auto trunk = content.metadata.find("trunk");
  if (trunk != content.metadata.end()) {
    fail(ErrorKind::kBadInput, "model",
         "{} is no model but a readout on the trunk {}, whose weights stay in a file of their own: "
         "a run with trunk=THAT_FILE makes and reads it, evaluate --trunk THAT_FILE scores it",
         file, printable(trunk->second));
  }
  const auto format = content.metadata.find("format");
  require(format != content.metadata.end() && format->second == kFormat, "model",
          "{} is not marked as a '{}' file", file, kFormat);
  require(content.doubles.empty() && content.blobs.empty() && content.metadata.size() == 3, "model",
          "{} holds more than a model", file);
  StoredModel model;
  model.architecture = object_from(content, "architecture", file);
  model.metadata = object_from(content, "metadata", file);
  check_finite(content.tensors, file);
  model.tensors = std::move(content.tensors);
  return model;
}

}  // namespace

StoredModel parse_safetensors_model(std::string_view bytes, const std::string& file) {
  return to_model(parse_safetensors(bytes, file), file);
}

StoredModel read_safetensors_model(const std::filesystem::path& path) {
  return to_model(read_safetensors(path, kModelFileCap), path.string());
}

void write_safetensors_model(const std::filesystem::path& path, const StoredModel& model) {
  const std::string file = path.string();
  require(model.architecture.is_object() && model.metadata.is_object(), "model",
          "wanted objects as architecture and metadata of {}", file);
  check_finite(model.tensors, file);
  write_safetensors(path, {.tensors = model.tensors,
                           .doubles = {},
                           .blobs = {},
                           .metadata = {{"architecture", json_text(model.architecture, file)},
                                        {"format", kFormat},
                                        {"metadata", json_text(model.metadata, file)}}});
}

}  // namespace secateur
