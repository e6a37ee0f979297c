// secateur inspect: what is in a model file.

#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "apps/exit_code.h"
#include "apps/model_files.h"
#include "apps/verbs/verbs.h"

namespace secateur {
namespace {

using nlohmann::json;

json describe(const std::string& path) {
  const Model model = read_model(path);
  const ParameterCount count = count_parameters(model.architecture());
  json tensors = json::array();
  for (const ParameterSpec& spec : model.specs()) {
    tensors.push_back(
        {{"name", spec.name}, {"shape", spec.shape.extents()}, {"trainable", spec.trainable}});
  }
  return {{"file", std::filesystem::path(path).filename().string()},
          {"kind", model_file_kind(path)},
          {"bytes", std::filesystem::file_size(path)},
          {"filters", filter_counts(model.architecture())},
          {"outputs", model.architecture().readout.outputs},
          {"parameters", {{"total", count.total}, {"trainable", count.trainable}}},
          {"fingerprint", nullptr},
          {"architecture", model.architecture()},
          {"tensors", tensors},
          {"metadata", model.metadata}};
}

void print_description(const json& d) {
  fmt::print("{} ({}, {} bytes)\n", d["file"].get<std::string>(), d["kind"].get<std::string>(),
             d["bytes"].get<int64_t>());
  const json& in = d["architecture"]["input"];
  fmt::print("input       {} x {} x {}, channel means {} subtracted\n", in["channels"].dump(),
             in["height"].dump(), in["width"].dump(), in["mean"].dump());
  for (const json& block : d["architecture"]["blocks"]) {
    fmt::print("{:<11} {} {}x{}, stride {}, {} filters, {}\n", block["name"].get<std::string>(),
               block["kind"].get<std::string>(), block["kernel"].dump(), block["kernel"].dump(),
               block["stride"].dump(), block["filters"].dump(),
               block["activation"].get<std::string>());
  }
  fmt::print("readout     {}, {} outputs\n",
             d["architecture"]["readout"]["kind"].get<std::string>(), d["outputs"].dump());
  fmt::print("parameters  {} in all, {} trained\n", d["parameters"]["total"].dump(),
             d["parameters"]["trainable"].dump());
  if (!d["metadata"].empty()) fmt::print("metadata    {}\n", d["metadata"].dump());
}

}  // namespace

void add_inspect(CLI::App& program, CommonOptions& common, Action& action) {
  auto path = std::make_shared<std::string>();
  CLI::App* const verb = add_verb(program, common, "inspect", "what is in a model file",
                                  "secateur inspect compact_model_201025_neuron2.keras --json");
  verb->add_option("model", *path, "model file of any kind")->required();
  verb->callback([&action, &common, path] {
    action = [&common, path] {
      const json description = describe(*path);
      print_description(description);
      if (common.json) fmt::print("{}\n", description.dump());
      return kExitDone;
    };
  });
}

}  // namespace secateur
