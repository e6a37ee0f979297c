#include "trace/parameter_trace.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "models/initialisation.h"
#include "tensor/error.h"
#include "trace/element.h"

namespace secateur {
namespace {

using nlohmann::json;

bool same_float(float a, float b) {
  return std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b);
}

float value_at(const std::map<std::string, Tensor>& tensors, const Element& element) {
  const Tensor& tensor = tensors.at(element.tensor);
  return tensor[ravelled(tensor.shape(), element.index)];
}

const ParameterSpec& spec_of(const Model& model, const std::string& name) {
  const auto found = std::find_if(model.specs().begin(), model.specs().end(),
                                  [&](const ParameterSpec& spec) { return spec.name == name; });
  require(found != model.specs().end(), "trace", "there is no parameter called '{}'", name);
  return *found;
}

const CompactTensor& coded(const CompactModel& compact, const std::string& name) {
  const auto found = std::find_if(compact.tensors.begin(), compact.tensors.end(),
                                  [&](const CompactTensor& t) { return t.name == name; });
  require(found != compact.tensors.end(), "trace", "the file has no '{}'", name);
  return *found;
}

// The codes of the block that give most of a transformed weight: code times the weight that a
// coefficient of 1 would give there.
json contributions(const CompactTensor& tensor, int global_step, int64_t index, int most) {
  const int64_t block = tensor.layout.block_numel();
  const int64_t first = index / block * block;
  const std::vector<double> steps = steps_of(tensor, global_step);
  struct Part {
    int64_t at;
    double value;
  };
  TensorLayout one = tensor.layout;
  one.filters = 1;
  one.channels = 1;
  std::vector<Part> parts;
  for (int64_t i = 0; i < block; ++i) {
    if (tensor.codes[static_cast<size_t>(first + i)] == 0) continue;
    std::vector<double> alone(static_cast<size_t>(block), 0.0);
    alone[static_cast<size_t>(i)] =
        tensor.codes[static_cast<size_t>(first + i)] * steps[static_cast<size_t>(first + i)];
    const std::vector<double> weights = to_weights(alone, one, tensor.transform);
    parts.push_back({i, weights[static_cast<size_t>(index - first)]});
  }
  const size_t all = parts.size();
  std::stable_sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) {
    return std::abs(a.value) > std::abs(b.value);
  });
  parts.resize(std::min(all, static_cast<size_t>(most)));
  json list = json::array();
  for (const Part& part : parts) {
    const auto at = static_cast<size_t>(first + part.at);
    list.push_back({{"frequency", unravelled(Shape{tensor.layout.block[0], tensor.layout.block[1],
                                                   tensor.layout.block[2]},
                                             part.at)},
                    {"code", tensor.codes[at]},
                    {"step", steps[at]},
                    {"adds", part.value}});
  }
  return {{"codes_that_are_not_zero", all}, {"of", block}, {"largest", list}};
}

void hold(json& checks, const std::string& name, bool holds) {
  checks[name] = checks.value(name, true) && holds;
}

json filter_record(const RunHistory& history, int block, int64_t number) {
  const std::string& layer =
      history.student().architecture().blocks[static_cast<size_t>(block)].name;
  json record = {{"filter", fmt::format("{}/{}", layer, number)}, {"decision", nullptr}};
  for (const LedgerEntry& entry : history.ledger) {
    if (entry.layer == layer && entry.filter == number) record["decision"] = to_json(entry);
  }
  if (record["decision"].is_null()) {
    record["why"] = "it was never among the filters that a cut removed";
  }
  return record;
}

// What is checked of a stage's network.
std::string last_state_check(const Stage& stage) {
  return fmt::format("the {} network is the last state that {} has kept", stage.product,
                     stage.name);
}

// One parameter of the retrained network, back to its first value.
json source_trace(const RunHistory& h, const Element& element, json& checks) {
  const FilterAxes axes = filter_axes(h.student().architecture(), element.tensor);
  const Element of_student = in_student(element, axes, h.kept());
  const ParameterSpec& spec = spec_of(h.student(), element.tensor);
  const int64_t flat = ravelled(spec.shape, of_student.index);
  json source = {{"parameter", text_of(element, h.last().tensor(element.tensor).shape())}};
  for (const StageNetwork& network : h.networks) {
    const auto here = in_network(of_student, axes, network.kept);
    source[network.stage->product] = value_at(network.model.tensors(), *here);
  }
  source["student"] = {{"parameter", text_of(of_student, spec.shape)},
                       {"value", value_at(h.student().tensors(), of_student)}};
  json phases = json::array();
  std::optional<float> before;
  std::map<std::string, float> last_states;
  for (const KeptState& state : h.states) {
    const auto here = in_network(of_student, axes, state.kept);
    require(here.has_value(), "trace", "{} is missing from a kept state behind its removal",
            text_of(of_student, spec.shape));
    const float value = value_at(state.tensors, *here);
    const std::string& phase = state.stage->name;
    if (phases.empty() || phases.back()["phase"] != phase) {
      phases.push_back({{"phase", phase}, {"states", json::array()}});
    }
    phases.back()["states"].push_back({{"at", state.at}, {"value", value}});
    if (!before) before = value;
    // Of the states of a stage the last stands.
    last_states[phase] = value;
  }
  for (json& phase : phases) {
    phase["moved"] = phase["states"].back()["value"].get<double>() -
                     phase["states"].front()["value"].get<double>();
  }
  source["phases"] = phases;
  json first = {{"origin", h.origin}};
  if (before) first["value"] = *before;
  if (h.origin == "drawn") {
    const auto seed = static_cast<uint64_t>(h.recipe.seed);
    const float redrawn = initial_element(spec, flat, seed);
    first["redrawn"] = redrawn;
    if (const auto draw = initial_draw(spec, flat)) {
      first["stream"] = {{"seed", seed},
                         {"purpose", draw->purpose},
                         {"position", draw->position},
                         {"limit", draw->limit}};
    }
    if (before) {
      hold(checks, "the first value drawn again is the one kept", same_float(redrawn, *before));
    }
  }
  source["first"] = first;
  for (const StageNetwork& network : h.networks) {
    const auto last = last_states.find(network.stage->name);
    if (last == last_states.end()) continue;
    const auto here = in_network(of_student, axes, network.kept);
    hold(checks, last_state_check(*network.stage),
         same_float(last->second, value_at(network.model.tensors(), *here)));
  }
  return source;
}

// The parameters of the retrained network behind an element of the folded one.
std::vector<Element> sources_of(const RunHistory& h, const Element& element) {
  std::vector<Element> sources{element};
  const auto& tensors = h.last().tensors();
  const FilterAxes axes = filter_axes(h.last().architecture(), element.tensor);
  if (axes.block < 0) return sources;
  const std::string prefix =
      h.last().architecture().blocks[static_cast<size_t>(axes.block)].name + ".bn.";
  if (!tensors.contains(prefix + "gamma")) return sources;
  std::vector<const char*> leaves = {"gamma", "moving_variance"};
  if (element.tensor.ends_with(".bias"))
    leaves = {"gamma", "beta", "moving_mean", "moving_variance"};
  for (const char* leaf : leaves) sources.push_back({prefix + leaf, {element.index[0]}});
  return sources;
}

const char* folding(const std::vector<Element>& sources) {
  if (sources.size() == 1) return "as it is";
  return sources.size() == 3
             ? "weight * gamma / sqrt(moving_variance + 0.001)"
             : "beta + (bias - moving_mean) * gamma / sqrt(moving_variance + 0.001)";
}

}  // namespace

ParameterPlace place_of(const Model& model, const std::string& text) {
  const size_t bracket = text.find('[');
  const std::string name = text.substr(0, bracket);
  const auto tensors = model.tensors();
  const auto wrong = [&](const std::string& what) {
    std::vector<std::string> names;
    for (const auto& [known, tensor] : tensors) {
      names.push_back(fmt::format("{} {}", known, tensor.shape()));
    }
    return Error(ErrorKind::kUsage,
                 fmt::format("{}; the compact model has {}", what, fmt::join(names, ", ")));
  };
  if (!tensors.contains(name)) throw wrong(fmt::format("there is no parameter '{}'", name));
  if (bracket == std::string::npos || text.back() != ']') {
    throw wrong(fmt::format("wanted an index, like {}[0], got '{}'", name, text));
  }
  const Shape& shape = tensors.at(name).shape();
  std::vector<int64_t> index;
  const std::string inside = text.substr(bracket + 1, text.size() - bracket - 2);
  for (size_t begin = 0; begin <= inside.size();) {
    const size_t end = std::min(inside.find(',', begin), inside.size());
    const std::string digits = inside.substr(begin, end - begin);
    if (digits.empty() || digits.size() > 9 ||
        digits.find_first_not_of("0123456789") != std::string::npos) {
      throw wrong(fmt::format("'{}' is no index", inside));
    }
    index.push_back(std::stoll(digits));
    begin = end + 1;
  }
  while (static_cast<int64_t>(index.size()) < shape.rank() &&
         shape[static_cast<int64_t>(index.size())] == 1) {
    index.push_back(0);
  }
  bool inside_shape = static_cast<int64_t>(index.size()) == shape.rank();
  for (size_t axis = 0; inside_shape && axis < index.size(); ++axis) {
    inside_shape = index[axis] < shape[static_cast<int64_t>(axis)];
  }
  if (!inside_shape) throw wrong(fmt::format("{} is {}, there is no [{}]", name, shape, inside));
  return {name, ravelled(shape, index)};
}

std::string name_of(const Model& model, const ParameterPlace& place) {
  const Shape& shape = model.tensor(place.tensor).shape();
  return text_of({place.tensor, unravelled(shape, place.index)}, shape);
}

json trace_parameter(const RunHistory& h, const ParameterPlace& place, int most) {
  const CodeTrace code = trace_code(h.compact, h.folded, place.tensor, place.index);
  const CompactTensor& tensor = coded(h.compact, place.tensor);
  const Element element{place.tensor,
                        unravelled(h.decoded.tensor(place.tensor).shape(), place.index)};
  json checks = {{"the code decodes to the value that predictions use",
                  same_float(code.decoded, value_at(h.decoded.tensors(), element))}};
  json file = {{"code", code.code},
               {"step", code.step},
               {"coefficient", code.coefficient},
               {"bits", code.bits},
               {"transform", code.transform == Transform::kDct ? "cosine" : "none"},
               {"decoded", code.decoded},
               {"error", double{code.decoded} - double{code.original}}};
  if (code.transform == Transform::kDct) {
    file["band"] = code.band;
    if (most > 0) {
      file["contributions"] = contributions(tensor, h.compact.global_step, place.index, most);
    }
  } else {
    checks["the value is its code times its step"] =
        same_float(static_cast<float>(code.coefficient), code.decoded);
  }
  const std::vector<Element> from = sources_of(h, element);
  json sources = json::array();
  for (const Element& source : from) sources.push_back(source_trace(h, source, checks));
  json trace = {{"parameter", name_of(h.decoded, place)},
                {"file", file},
                {"folded", {{"value", code.original}, {"is", folding(from)}}},
                {"sources", sources}};
  const FilterAxes axes = filter_axes(h.student().architecture(), place.tensor);
  const Element of_student = in_student(element, axes, h.kept());
  if (axes.block >= 0) {
    trace["filter"] =
        filter_record(h, axes.block, of_student.index[static_cast<size_t>(axes.axis)]);
  }
  if (axes.input_block >= 0) {
    trace["input_filter"] =
        filter_record(h, axes.input_block, of_student.index[static_cast<size_t>(axes.input_axis)]);
  }
  bool consistent = true;
  for (const auto& [name, holds] : checks.items()) consistent = consistent && holds.get<bool>();
  trace["checks"] = checks;
  trace["consistent"] = consistent;
  return trace;
}

}  // namespace secateur
