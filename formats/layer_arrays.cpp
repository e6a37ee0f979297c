#include "formats/layer_arrays.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "formats/hdf5.h"
#include "formats/input_file.h"
#include "formats/keras.h"
#include "formats/keras_weights.h"
#include "formats/npy.h"
#include "formats/safetensors.h"
#include "formats/zip.h"
#include "tensor/error.h"
#include "tensor/json_field.h"
#include "tensor/json_text.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

constexpr const char* kArrays = "layer_arrays";
constexpr int64_t kArraysCap = int64_t{1} << 30;  // bytes of a file
constexpr size_t kMostLayers = 4096;
constexpr const char* kNpy = ".npy";

using PathsByName = std::map<std::string, std::string>;

LayerArrays listed_arrays(const PathsByName& paths,
                          std::function<Tensor(const std::string& path)> read) {
  LayerArrays arrays;
  for (const auto& [name, path] : paths) arrays.names.push_back(name);
  arrays.read = [paths, read = std::move(read)](const std::string& name) {
    return read(paths.at(name));
  };
  return arrays;
}

LayerArrays arrays_in_hdf5(const std::shared_ptr<Hdf5File>& file, const PathsByName& paths) {
  return listed_arrays(paths, [file](const std::string& path) { return file->tensor(path); });
}

void add_path(const std::string& file, PathsByName& paths, const std::string& layer,
              const std::string& variable, std::string path) {
  const std::string name = layer + "/" + variable;
  require(paths.emplace(name, std::move(path)).second, kArrays, "{} has {} twice", file,
          printable(name));
}

// ---- Keras 3 ----------------------------------------------------------------------------------

// The variables of a layer by the name of its group, such as "conv2d_7", in the order of Keras.
std::vector<std::string> variables_of_group(const std::string& group) {
  const auto of_class = [&](const std::string& name) {
    return group == name || group.starts_with(name + "_");
  };
  if (of_class("conv2d")) return {"kernel", "bias"};
  if (of_class("batch_normalization")) return {"gamma", "beta", "moving_mean", "moving_variance"};
  return {};
}

void add_numbered(const Hdf5File& file, const std::string& group, const std::string& layer,
                  PathsByName& paths) {
  const std::string vars = "layers/" + group + "/vars";
  const std::vector<std::string> variables = variables_of_group(group);
  const size_t count = file.children(vars).size();
  require(count <= variables.size(), kArrays, "{}: layer {} has {} arrays, wanted at most {}",
          file.file(), printable(layer), count, variables.size());
  for (size_t i = 0; i < count; ++i) {
    add_path(file.file(), paths, layer, variables[i], fmt::format("{}/{}", vars, i));
  }
}

// The name that newer versions of Keras 3 leave with the arrays of a layer.
std::optional<std::string> stored_name(const Hdf5File& file, const std::string& group) {
  const auto name = file.strings("layers/" + group + "/vars", "name");
  if (!name || name->size() != 1) return std::nullopt;
  return name->front();
}

LayerArrays named_by_file(const std::shared_ptr<Hdf5File>& file) {
  constexpr int kMostNameless = 4;  // the published models have one or two
  PathsByName paths;
  int nameless = 0;
  for (const std::string& group : file->children("layers")) {
    if (variables_of_group(group).empty()) continue;
    const std::optional<std::string> layer = stored_name(*file, group);
    if (layer) {
      add_numbered(*file, group, *layer, paths);
    } else if (group.starts_with("conv2d")) {
      ++nameless;
    }
  }
  require(nameless <= kMostNameless, kArrays,
          "{} has {} convolutions without the names of their layers, wanted a .keras archive, a "
          "legacy .h5, or .weights.h5 of a newer version of Keras 3",
          file->file(), nameless);
  return arrays_in_hdf5(file, paths);
}

LayerArrays named_by_description(const std::shared_ptr<Hdf5File>& file,
                                 const nlohmann::json& config) {
  PathsByName paths;
  KerasGroupNames groups;
  const JsonField described(config, kArrays, file->file());
  for (const JsonField& layer : described.at("config").at("layers").elements(kMostLayers)) {
    const std::string group = groups.next(layer.at("class_name").name());
    if (variables_of_group(group).empty()) continue;
    const std::string name = layer.at("config").at("name").name();
    const std::string stored = stored_name(*file, group).value_or(name);
    require(stored == name, kArrays, "{} keeps arrays of {} where its description has {}",
            file->file(), printable(stored), printable(name));
    add_numbered(*file, group, name, paths);
  }
  return arrays_in_hdf5(file, paths);
}

// ---- the other forms --------------------------------------------------------------------------

LayerArrays named_by_lists(const std::shared_ptr<Hdf5File>& file) {
  const std::string top = file->has("model_weights") ? "model_weights" : "";
  PathsByName paths;
  for (const std::string& layer : file->children(top)) {
    const std::string group = top.empty() ? layer : top + "/" + layer;
    const auto weights = file->strings(group, "weight_names");
    if (!weights) continue;
    for (const std::string& weight : *weights) {
      add_path(file->file(), paths, layer, keras_variable_name(weight), group + "/" + weight);
    }
  }
  return arrays_in_hdf5(file, paths);
}

LayerArrays arrays_of_h5(const std::filesystem::path& path) {
  const auto file = std::make_shared<Hdf5File>(read_file(path, kArraysCap), path.string());
  return file->has("layers") ? named_by_file(file) : named_by_lists(file);
}

LayerArrays arrays_of_npz(const std::shared_ptr<const ZipReader>& archive) {
  PathsByName paths;
  for (const ZipEntry& entry : archive->entries()) {
    if (!entry.name.ends_with(kNpy)) continue;
    paths.emplace(entry.name.substr(0, entry.name.size() - std::string_view(kNpy).size()),
                  entry.name);
  }
  return listed_arrays(paths, [archive](const std::string& entry) {
    return parse_npy_tensor(archive->read(archive->find(entry), kArraysCap),
                            archive->file() + ":" + printable(entry));
  });
}

LayerArrays arrays_of_zip(const std::filesystem::path& path) {
  constexpr ZipCaps kCaps{
      .file_bytes = kArraysCap, .entries = int64_t{1} << 16, .total_bytes = kArraysCap};
  const auto archive = std::make_shared<const ZipReader>(path, kCaps);
  const auto& entries = archive->entries();
  if (std::any_of(entries.begin(), entries.end(),
                  [](const ZipEntry& entry) { return entry.name.ends_with(kNpy); })) {
    return arrays_of_npz(archive);
  }
  if (archive->find("config.json") < 0) return {};
  KerasArchive keras = open_keras_archive(*archive);
  return named_by_description(std::make_shared<Hdf5File>(std::move(keras.weights), path.string()),
                              keras.config);
}

LayerArrays arrays_of_safetensors(const std::filesystem::path& path) {
  const auto tensors = std::make_shared<const std::map<std::string, Tensor>>(
      read_safetensors(path, kArraysCap).tensors);
  PathsByName paths;
  for (const auto& [name, tensor] : *tensors) paths.emplace(name, name);
  return listed_arrays(paths, [tensors](const std::string& name) { return tensors->at(name); });
}

}  // namespace

bool LayerArrays::has(const std::string& name) const {
  return std::binary_search(names.begin(), names.end(), name);
}

LayerArrays open_layer_arrays(const std::filesystem::path& path) {
  constexpr int64_t kMagic = 8;
  const InputFile file(path);
  std::string start(static_cast<size_t>(std::min(file.size(), kMagic)), '\0');
  file.read_at(0, start);
  if (start.starts_with("PK")) return arrays_of_zip(path);
  if (start == "\x89HDF\r\n\x1a\n") return arrays_of_h5(path);
  if (path.extension() == ".safetensors") return arrays_of_safetensors(path);
  return {};
}

}  // namespace secateur
