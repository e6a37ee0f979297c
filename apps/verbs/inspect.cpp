// secateur inspect: what is in a model file, and what makes another one different.

#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "apps/exit_code.h"
#include "apps/verbs/verbs.h"
#include "model_files/model_files.h"
#include "models/difference.h"
#include "models/fingerprint.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

using nlohmann::json;

json describe(const std::string& path, const Model& model) {
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
          {"fingerprint", fingerprint(model)},
          {"architecture", model.architecture()},
          {"tensors", tensors},
          {"metadata", model.metadata}};
}

void print_description(FILE* text, const json& d) {
  fmt::print(text, "{} ({}, {} bytes)\n", readable(d["file"].get<std::string>()),
             d["kind"].get<std::string>(), d["bytes"].get<int64_t>());
  const json& in = d["architecture"]["input"];
  fmt::print(text, "input       {} x {} x {}, channel means {} subtracted\n", in["channels"].dump(),
             in["height"].dump(), in["width"].dump(), in["mean"].dump());
  for (const json& block : d["architecture"]["blocks"]) {
    const json epsilon = block.value("epsilon", json());
    fmt::print(text, "{:<11} {} {}x{}, stride {}, {} filters, {}{}\n",
               block["name"].get<std::string>(), block["kind"].get<std::string>(),
               block["kernel"].dump(), block["kernel"].dump(), block["stride"].dump(),
               block["filters"].dump(), block["activation"].get<std::string>(),
               epsilon.is_null() ? "" : ", epsilon " + epsilon.dump());
  }
  fmt::print(text, "readout     {}, {} outputs\n",
             d["architecture"]["readout"]["kind"].get<std::string>(), d["outputs"].dump());
  if (const json& gain = d["architecture"]["readout"].value("gain", json::array());
      gain.size() == 1) {
    fmt::print(text, "scale       {} + {} times what the readout gives\n",
               d["architecture"]["readout"]["offset"][0].dump(), gain[0].dump());
  }
  fmt::print(text, "parameters  {} in all, {} trained\n", d["parameters"]["total"].dump(),
             d["parameters"]["trainable"].dump());
  fmt::print(text, "fingerprint {}\n", d["fingerprint"].get<std::string>());
  if (!d["metadata"].empty()) fmt::print(text, "metadata    {}\n", d["metadata"].dump());
}

json to_json(const ModelDifference& difference) {
  json all = json::array();
  for (const ArchitectureDifference& d : difference.architecture) {
    all.push_back({{"architecture", d.where}, {"first", d.first}, {"second", d.second}});
  }
  for (const TensorDifference& d : difference.tensors) {
    json one = {{"tensor", d.name}};
    if (d.first_shape != d.second_shape) {
      one["first_shape"] = d.first_shape;
      one["second_shape"] = d.second_shape;
    } else {
      one["values"] = d.values;
      one["different"] = d.different;
      one["largest"] = d.largest;
      one["relative"] = d.relative;
      one["at"] = d.at;
      one["first"] = d.first;
      one["second"] = d.second;
    }
    all.push_back(one);
  }
  return all;
}

void print_difference(FILE* text, const json& all) {
  for (const json& d : all) {
    if (d.contains("architecture")) {
      fmt::print(text, "  {}: {} and {}\n", d["architecture"].get<std::string>(), d["first"].dump(),
                 d["second"].dump());
    } else if (d.contains("values")) {
      fmt::print(
          text,
          "  {}: {} of {} values differ, by {:.6g} at most ({:.2g} of the largest); the first "
          "at {}: {:.9g} and {:.9g}\n",
          d["tensor"].get<std::string>(), d["different"].get<int64_t>(), d["values"].get<int64_t>(),
          d["largest"].get<double>(), d["relative"].get<double>(), d["at"].dump(),
          d["first"].get<float>(), d["second"].get<float>());
    } else {
      fmt::print(text, "  {}: shape {} and {}\n", d["tensor"].get<std::string>(),
                 d["first_shape"].dump(), d["second_shape"].dump());
    }
  }
}

int compare(const std::string& first, const std::string& second, const CommonOptions& common) {
  FILE* const text = common.text();
  const Model a = read_model(first);
  const Model b = read_model(second);
  const ModelDifference difference = difference_of(a, b);
  json result = {{"same", difference.none()}, {"differences", to_json(difference)}};
  result["models"] = {describe(first, a), describe(second, b)};
  for (const json& d : result["models"]) {
    fmt::print(text, "{}  {} ({}){}\n", d["fingerprint"].get<std::string>(),
               d["file"].get<std::string>(), d["kind"].get<std::string>(),
               d["metadata"].empty() ? "" : ", " + d["metadata"].dump());
  }
  fmt::print(text, "{}\n", difference.none() ? "the same model" : "different models:");
  print_difference(text, result["differences"]);
  common.answer(result);
  if (!difference.none()) {
    throw Error(ErrorKind::kVerification,
                fmt::format("{} and {} are different models", first, second));
  }
  return kExitDone;
}

}  // namespace

void add_inspect(CLI::App& program, CommonOptions& common, Action& action) {
  auto path = std::make_shared<std::string>();
  auto other = std::make_shared<std::string>();
  CLI::App* const verb =
      add_verb(program, common, "inspect", "what is in a model file, or what differs between two",
               "secateur inspect compact_model_201025_neuron2.keras --json");
  verb->add_option("model", *path, "model file of any kind")->required();
  verb->add_option("other", *other, "another one to compare with; exit code 5 when they differ");
  verb->callback([&action, &common, path, other] {
    action = [&common, path, other] {
      if (!other->empty()) return compare(*path, *other, common);
      const json description = describe(*path, read_model(*path));
      print_description(common.text(), description);
      common.answer(description);
      return kExitDone;
    };
  });
}

}  // namespace secateur
