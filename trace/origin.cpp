#include "trace/origin.h"

#include <algorithm>

#include "chain/file_pattern.h"
#include "chain/session_outputs.h"
#include "model_files/model_files.h"
#include "models/shared_core.h"
#include "provenance/lineage.h"
#include "tensor/error.h"
#include "tensor/json_field.h"
#include "tensor/printable.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

Origin drawn(const Recipe& recipe, const Model& student) {
  return {.kind = Origin::Kind::kDrawn,
          .name = "the first values, drawn again",
          .model = Model(student.architecture(), static_cast<uint64_t>(recipe.seed)),
          .why_not = "",
          .whole = std::nullopt,
          .file = "",
          .sha256 = ""};
}

// Cores have an output for each neuron, in the order in which the run came to them.
Origin of_core(const RunDirectory& run, const std::string& label) {
  Origin origin{.kind = Origin::Kind::kCore,
                .name = "the core of the run",
                .model = std::nullopt,
                .why_not = "the run has no lineage.json, which says which output is this neuron's",
                .whole = std::nullopt,
                .file = "",
                .sha256 = ""};
  if (!fs::exists(run.file("lineage.json"))) return origin;
  for (const StageRecord& stage : read_lineage(run.file("lineage.json")).stages) {
    if (stage.stage != "distill") continue;
    if (stage.neuron == label) {
      origin.whole = read_model(run.model("core.safetensors"));
      origin.model = student_from_shared(*origin.whole, origin.output);
      origin.why_not.clear();
      break;
    }
    ++origin.output;
  }
  return origin;
}

// The output of `whole` that is the neuron of the student, by what the student's file says of it.
int64_t output_of(const Recipe& recipe, const Model& whole, const Model& student,
                  const std::string& file) {
  const int64_t outputs = whole.architecture().readout.outputs;
  if (outputs == 1) return 0;
  const nlohmann::json& metadata = student.metadata;
  require(metadata.contains("session") && metadata["session"].is_string() &&
              metadata.contains("neuron") && metadata["neuron"].is_number_integer(),
          "trace", "the student does not say of which neuron it is");
  Subject subject;
  subject.test.session = metadata["session"].get<std::string>();
  // A model with as many outputs as the session has neurons: published ones are told by the
  // session.
  subject.test.neurons = is_published_test_session(subject.test.session) ? 0 : outputs;
  const std::vector<int64_t> of_session = session_outputs(recipe.start_outputs, subject, outputs,
                                                          {"model to start from", "start_outputs"});
  const int64_t neuron = metadata["neuron"].get<int64_t>();
  require(neuron >= 0 && neuron < static_cast<int64_t>(of_session.size()), "trace",
          "{} has no output for neuron {}", file, neuron);
  return of_session[static_cast<size_t>(neuron)];
}

// The file that the recipe names for this neuron.
fs::path start_of(const Recipe& recipe, const std::string& label, const Model& student) {
  const JsonField metadata(student.metadata, "student", label);
  NeuronTarget target{.neuron = 0, .name = "", .label = label};
  if (metadata.has("neuron")) target.neuron = metadata.at("neuron").whole();
  const std::string session = metadata.has("session") ? metadata.at("session").text() : "";
  return filled_in(recipe.start, session, target);
}

Origin of_file(const Recipe& recipe, const std::string& label, const Model& student,
               const fs::path& start) {
  const fs::path named = start_of(recipe, label, student);
  const std::string file = named.filename().string();
  Origin origin{
      .kind = Origin::Kind::kFile,
      .name = "the start file " + file,
      .model = std::nullopt,
      .why_not = "the file is outside of the run: name it with --start; the recipe says " +
                 printable(named.string()),
      .whole = std::nullopt,
      .file = file,
      .sha256 = ""};
  if (start.empty()) return origin;
  origin.whole = read_model(start);
  origin.sha256 = sha256_of_file(start);
  origin.output = output_of(recipe, *origin.whole, student, start.string());
  origin.model = student_from_shared(*origin.whole, origin.output);
  require(filter_counts(origin.model->architecture()) == filter_counts(student.architecture()),
          "trace", "{} has filters [{}], the student that began from it has [{}]", start.string(),
          fmt::join(filter_counts(origin.model->architecture()), ", "),
          fmt::join(filter_counts(student.architecture()), ", "));
  origin.why_not.clear();
  return origin;
}

}  // namespace

nlohmann::json elements_in_whole(const Origin& origin, const Element& of_student) {
  nlohmann::json list = nlohmann::json::array();
  const auto add = [&](const std::string& name, const std::vector<int64_t>& index) {
    const Tensor& tensor = origin.whole->tensor(name);
    list.push_back({{"parameter", text_of({name, index}, tensor.shape())},
                    {"value", tensor[ravelled(tensor.shape(), index)]}});
  };
  const std::string& name = of_student.tensor;
  const int64_t output = origin.output;
  const bool dense = origin.whole->architecture().readout.kind == ReadoutKind::kDense;
  if (!name.starts_with("readout.")) {
    add(name, of_student.index);
  } else if (dense) {
    std::vector<int64_t> index = of_student.index;
    index[0] = output;
    add(name, index);
  } else if (name == "readout.weight") {
    add("readout.mixing.weight", {output, of_student.index[1]});
    add("readout.spatial.weight", {output, of_student.index[2], of_student.index[3]});
  } else {
    add("readout.bias", {output});
    add("readout.mixing.bias", {output});
  }
  return list;
}

Origin origin_of(const Recipe& recipe, const RunDirectory& run, const std::string& label,
                 const Model& student, const fs::path& start) {
  if (starts_from_file(recipe)) return of_file(recipe, label, student, start);
  const bool core = recipe.core.images > 0 || starts_from_teacher(recipe);
  return core ? of_core(run, label) : drawn(recipe, student);
}

}  // namespace secateur
