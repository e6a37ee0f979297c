#include "formats/torch_model.h"

#include <algorithm>

#include "formats/byte_reader.h"
#include "formats/input_file.h"
#include "formats/published_graph.h"
#include "formats/torch_archive.h"
#include "tensor/error.h"

namespace secateur {
namespace {

constexpr int64_t kFileCap = int64_t{1} << 28;
constexpr double kTorchEpsilon = 1e-5;  // of torch.nn.BatchNorm2d, which the file does not say

// Takes arrays by name, so that what is left over is seen.
class Names {
 public:
  Names(TorchTensors all, const std::string& file) : all_(std::move(all)), file_(file) {}

  bool has(const std::string& name) const { return all_.tensors.contains("layers." + name); }
  Shape shape(const std::string& name, int rank) const { return find(name, rank)->second.shape(); }
  Tensor take(const std::string& name, const Shape& wanted) {
    const auto found = find(name, wanted.rank());
    require(found->second.shape() == wanted, "torch", "{}: {} is {}, wanted {}", file_,
            printable(found->first), found->second.shape(), wanted);
    Tensor tensor = found->second;
    all_.tensors.erase(found);
    return tensor;
  }
  void drop_counter(const std::string& name) {
    require(all_.counters.erase("layers." + name) == 1, "torch", "{} has no layers.{}", file_,
            name);
  }
  void expect_none_left() const {
    require(
        all_.tensors.empty() && all_.counters.empty(), "torch",
        "{} has {}, which the model has not", file_,
        printable(all_.tensors.empty() ? all_.counters.empty() ? "" : all_.counters.begin()->first
                                       : all_.tensors.begin()->first));
  }

 private:
  std::map<std::string, Tensor>::const_iterator find(const std::string& name, int rank) const {
    const auto found = all_.tensors.find("layers." + name);
    require(found != all_.tensors.end(), "torch", "{} has no layers.{}", file_, name);
    require(found->second.rank() == rank, "torch", "{}: layers.{} is {}, wanted {} axes", file_,
            name, found->second.shape(), rank);
    return found;
  }

  TorchTensors all_;
  const std::string& file_;
};

PublishedShapes shapes_of(const Names& names) {
  PublishedShapes shapes;
  const Shape first = names.shape("layer0_conv.weight", 4);
  shapes.channels = first[1];
  shapes.blocks = {{first[2], first[0]}};
  for (int i = 1; names.has(fmt::format("layer{}_conv_depth.weight", i)); ++i) {
    shapes.blocks.push_back({names.shape(fmt::format("layer{}_conv_depth.weight", i), 4)[2],
                             names.shape(fmt::format("layer{}_conv_point.weight", i), 4)[0]});
  }
  const Shape readout = names.shape("Beta.weight", 2);
  shapes.outputs = readout[0];
  shapes.dense_rows = readout[1];
  return shapes;
}

// "layer1.bn.gamma" is torch's "layer1_bn.weight".
std::string torch_name(const std::string& ours) {
  const size_t dot = ours.find('.');
  const std::string block = ours.substr(0, dot);
  const std::string leaf = ours.substr(dot + 1);
  if (block == "readout") return "Beta." + leaf;
  static const std::map<std::string, std::string> leaves = {
      {"conv.weight", "_conv.weight"},
      {"conv.bias", "_conv.bias"},
      {"depthwise.weight", "_conv_depth.weight"},
      {"pointwise.weight", "_conv_point.weight"},
      {"pointwise.bias", "_conv_point.bias"},
      {"bn.gamma", "_bn.weight"},
      {"bn.beta", "_bn.bias"},
      {"bn.moving_mean", "_bn.running_mean"},
      {"bn.moving_variance", "_bn.running_var"}};
  return block + leaves.at(leaf);
}

// The class flattens maps with the filters innermost: [o, y, x, c] to [o, c, y, x].
Tensor readout_of(const Tensor& stored, const Shape& ochw) {
  Tensor result(ochw);
  const int64_t channels = ochw[1];
  const int64_t pixels = ochw[2] * ochw[3];
  const float* from = stored.data();
  for (int64_t o = 0; o < ochw[0]; ++o) {
    for (int64_t p = 0; p < pixels; ++p) {
      for (int64_t c = 0; c < channels; ++c) result[(o * channels + c) * pixels + p] = *from++;
    }
  }
  return result;
}

Tensor take_variable(Names& names, const KerasVariable& variable, const std::string& file) {
  const std::string name = torch_name(variable.tensor);
  const Shape& wanted = variable.result;
  if (variable.tensor == "readout.weight") {
    return readout_of(names.take(name, {wanted[0], wanted[1] * wanted[2] * wanted[3]}), wanted);
  }
  Tensor tensor = names.take(name, wanted);
  require(variable.leaf != "moving_variance" ||
              std::all_of(tensor.values().begin(), tensor.values().end(),
                          [](float v) { return v >= 0.0f; }),
          "torch", "{}: layers.{} has a negative variance", file, name);
  return tensor;
}

}  // namespace

StoredModel parse_torch_model(std::string bytes, const std::string& file) {
  Names names(read_torch_tensors(std::move(bytes), file), file);
  KerasGraph graph = published_graph(shapes_of(names), file);
  StoredModel model;
  for (const KerasLayer& layer : graph.layers) {
    for (const KerasVariable& variable : layer.variables) {
      model.tensors[variable.tensor] = take_variable(names, variable, file);
    }
  }
  for (nlohmann::json& block : graph.architecture["blocks"]) {
    block["epsilon"] = kTorchEpsilon;
    names.drop_counter(block["name"].get<std::string>() + "_bn.num_batches_tracked");
  }
  names.expect_none_left();
  model.architecture = std::move(graph.architecture);
  model.metadata = {{"source_format", "torch state dictionary"},
                    {"architecture", "from the shapes of the weights, epsilon of torch"}};
  return model;
}

StoredModel read_torch_model(const std::filesystem::path& path) {
  return parse_torch_model(read_file(path, kFileCap), path.string());
}

bool looks_like_torch(std::string_view start) {
  constexpr size_t kLengthAt = 26;
  constexpr size_t kNameAt = 30;
  if (!start.starts_with("PK\x03\x04") || start.size() < kNameAt) return false;
  const size_t length = static_cast<uint8_t>(start[kLengthAt]) +
                        size_t{256} * static_cast<uint8_t>(start[kLengthAt + 1]);
  return start.substr(kNameAt, length).ends_with("/data.pkl");
}

}  // namespace secateur
