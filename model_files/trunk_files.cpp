#include "model_files/trunk_files.h"

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "formats/layer_arrays.h"
#include "model_files/model_files.h"
#include "models/model_trunk.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTrunk = "trunk";
constexpr const char* kFirstArray = "conv1_conv/kernel";

std::string layer_of(const std::string& array) { return array.substr(0, array.find('/')); }

bool holds_resnet(const LayerArrays& arrays) { return arrays.has(kFirstArray); }

// ResNet-101 and -152 have all layers of ResNet-50, and more of the same shapes between them.
bool of_a_deeper_resnet(const std::string& layer) {
  static const std::regex block(R"re(conv([234])_block(\d{1,3})_.*)re");
  std::smatch match;
  if (!std::regex_match(layer, match, block)) return false;
  static const std::map<std::string, int> last = {{"2", 3}, {"3", 4}, {"4", 6}};
  return std::stoi(match[2]) > last.at(match[1]);
}

void refuse_surplus(const LayerArrays& arrays, const fs::path& path) {
  std::set<std::string> wanted;
  std::set<std::string> layers;
  for (const Resnet50Array& array : resnet50_arrays()) {
    wanted.insert(array.name);
    layers.insert(layer_of(array.name));
  }
  for (const std::string& name : arrays.names) {
    require(!of_a_deeper_resnet(layer_of(name)), kTrunk,
            "{} has a layer {}, which ResNet-50 has not", path.string(), printable(layer_of(name)));
    require(!layers.contains(layer_of(name)) || wanted.contains(name), kTrunk,
            "{} has an array {}, which ResNet-50 has not", path.string(), printable(name));
  }
}

// Names of the first releases of Keras applications, whose batch norms had another epsilon.
void refuse_old_names(const LayerArrays& arrays, const fs::path& path) {
  require(!arrays.has("res2a_branch2a/kernel"), kTrunk,
          "{} is ResNet-50 in the names of Keras before 2.2.5 (res2a_branch2a), wanted those of "
          "Keras applications today (conv2_block1_1_conv)",
          path.string());
}

std::unique_ptr<Resnet50> resnet50_of(const LayerArrays& arrays, const fs::path& path,
                                      int64_t height, int64_t width) {
  refuse_surplus(arrays, path);
  std::map<std::string, Tensor> tensors;
  for (const Resnet50Array& array : resnet50_arrays()) {
    if (arrays.has(array.name)) tensors.emplace(array.name, arrays.read(array.name));
  }
  try {
    return std::make_unique<Resnet50>(tensors, height, width);
  } catch (const Error& error) {
    throw Error(error.kind(), fmt::format("{}: {}", path.string(), error.what()));
  }
}

// A model's layers in front of its readout.
std::unique_ptr<Trunk> trunk_in_model(const fs::path& path) {
  const Model model = read_model(path);
  return trunk_of_model(model, model.architecture().blocks.size());
}

}  // namespace

std::unique_ptr<Trunk> open_trunk(const fs::path& path) {
  const LayerArrays arrays = open_layer_arrays(path);
  refuse_old_names(arrays, path);
  if (!holds_resnet(arrays)) return trunk_in_model(path);
  constexpr int64_t kImagenetSide = 224;
  return resnet50_of(arrays, path, kImagenetSide, kImagenetSide);
}

bool holds_resnet50(const fs::path& path) {
  const LayerArrays arrays = open_layer_arrays(path);
  refuse_old_names(arrays, path);
  return holds_resnet(arrays);
}

std::unique_ptr<Resnet50> read_resnet50(const fs::path& path, int64_t height, int64_t width) {
  const LayerArrays arrays = open_layer_arrays(path);
  refuse_old_names(arrays, path);
  require(holds_resnet(arrays), kTrunk, "{} has no {}, wanted weights of ResNet-50 as Keras has it",
          path.string(), kFirstArray);
  return resnet50_of(arrays, path, height, width);
}

}  // namespace secateur
