#include "trace/parameter_trace.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "compression/quantiser.h"
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

// The codes of the block that give most of a transformed weight: code times the weight that a
// coefficient of 1 would give there.
json contributions(const CompactTensor& tensor, const std::vector<double>& steps, int64_t index,
                   int most) {
  const int64_t block = tensor.layout.block_numel();
  const int64_t first = index / block * block;
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

// "phases" of a source, and its values at every kept state.
json phases_of(const RunHistory& h, const Element& of_student, const FilterAxes& axes) {
  json phases = json::array();
  for (const KeptState& state : h.states) {
    const auto here = in_network(of_student, axes, state.kept);
    if (!here || !state.tensors.contains(here->tensor)) continue;
    const std::string& phase = state.stage->name;
    if (phases.empty() || phases.back()["phase"] != phase) {
      phases.push_back({{"phase", phase}, {"states", json::array()}});
    }
    phases.back()["states"].push_back(
        {{"at", state.at}, {"value", value_at(state.tensors, *here)}});
  }
  for (json& phase : phases) {
    phase["moved"] = phase["states"].back()["value"].get<double>() -
                     phase["states"].front()["value"].get<double>();
  }
  return phases;
}

// Several parameters of the retrained network share a link; the worst of them stands.
void add_link(const Link& link, std::vector<Link>& links) {
  const auto same = std::find_if(links.begin(), links.end(),
                                 [&](const Link& one) { return one.name == link.name; });
  if (same == links.end()) {
    links.push_back(link);
  } else if (state_of({*same, link}) != same->state) {
    *same = link;
  }
}

json to_json(const std::vector<Link>& links) {
  json list = json::array();
  for (const Link& link : links) {
    list.push_back({{"name", link.name}, {"state", name_of(link.state)}, {"why", link.why}});
  }
  return list;
}

}  // namespace

Tracer::Tracer(const RunHistory& history, std::vector<Link> of_run)
    : h_(history), of_run_(std::move(of_run)), comparisons_(comparisons_of(history)) {
  for (const CompactTensor& tensor : h_.compact.tensors) {
    const Tensor& quantised = h_.quantised.tensor(tensor.name);
    coded_.emplace(tensor.name, Coded{.tensor = &tensor,
                                      .steps = steps_of(tensor, h_.compact.global_step),
                                      .before = to_coefficients(quantised.values(), tensor.layout,
                                                                tensor.transform),
                                      .decoded = decode(tensor, h_.compact.global_step)});
  }
}

// How far the codes behind a weight are from what was quantised, in steps: its own, or where the
// block is transformed the furthest of the block.
double Tracer::steps_off(const Coded& coded, int64_t index) const {
  const bool whole_block = coded.tensor->transform != Transform::kNone;
  const int64_t count = whole_block ? coded.tensor->layout.block_numel() : 1;
  const int64_t first = index / count * count;
  double furthest = 0;
  for (int64_t i = first; i < first + count; ++i) {
    const auto at = static_cast<size_t>(i);
    furthest =
        std::max(furthest, std::abs(coded.before[at] / coded.steps[at] - coded.tensor->codes[at]));
  }
  return furthest;
}

json Tracer::file_of(const ParameterPlace& place, int most, std::vector<Link>& links) const {
  const Coded& coded = coded_.at(place.tensor);
  const CodeTrace code = trace_code(h_.compact, h_.quantised, place.tensor, place.index);
  const float used = h_.decoded.tensor(place.tensor)[place.index];
  const auto held = [](bool holds) { return holds ? LinkState::kHeld : LinkState::kBroken; };
  links.push_back({.name = "the codes give the value that predictions use",
                   .state = held(same_float(coded.decoded[place.index], used)),
                   .why = ""});
  const double off = steps_off(coded, place.index);
  const bool near = off <= kFarthestCode;
  links.push_back(
      {.name = "the codes are the quantiser's of the retrained network, batch norms folded",
       .state = held(near),
       .why = near ? "" : fmt::format("one is {:.3g} steps away", off)});
  json file = {{"code", code.code},
               {"step", code.step},
               {"coefficient", code.coefficient},
               {"bits", code.bits},
               {"transform", code.transform == Transform::kDct ? "cosine" : "none"},
               {"decoded", code.decoded},
               {"steps_off", off},
               {"error", double{code.decoded} - double{code.original}}};
  if (code.transform == Transform::kDct) {
    file["band"] = code.band;
    if (most > 0) {
      file["contributions"] = contributions(*coded.tensor, coded.steps, place.index, most);
    }
  }
  return file;
}

json Tracer::first_value(const Element& of_student) const {
  const Origin& origin = h_.origin;
  json first = {{"origin", origin.name}};
  if (!origin.why_not.empty()) first["why_not"] = origin.why_not;
  if (origin.model) first["value"] = value_at(origin.model->tensors(), of_student);
  if (origin.kind == Origin::Kind::kFile && origin.whole) {
    first["file"] = h_.origin.file;
    first["sha256"] = origin.sha256;
    first["output"] = origin.output;
    first["elements"] = elements_in_whole(origin, of_student);
  }
  if (origin.kind != Origin::Kind::kDrawn) return first;
  const ParameterSpec& spec = spec_of(h_.student(), of_student.tensor);
  const int64_t flat = ravelled(spec.shape, of_student.index);
  first["redrawn"] = first["value"];
  if (const auto draw = initial_draw(spec, flat)) {
    first["stream"] = {{"seed", h_.recipe.seed},
                       {"purpose", draw->purpose},
                       {"position", draw->position},
                       {"limit", draw->limit}};
  }
  return first;
}

// One parameter of the retrained network, back to its first value.
json Tracer::source(const Element& element, std::vector<Link>& links) const {
  const FilterAxes axes = filter_axes(h_.student().architecture(), element.tensor);
  const Element of_student = in_student(element, axes, h_.kept());
  const Shape& shape = h_.student().tensor(element.tensor).shape();
  json source = {{"parameter", text_of(element, h_.last().tensor(element.tensor).shape())}};
  for (const StageNetwork& network : h_.networks) {
    const auto here = in_network(of_student, axes, network.kept);
    source[network.stage->product] = value_at(network.model.tensors(), *here);
  }
  source["student"] = {{"parameter", text_of(of_student, shape)}, {"value", source["student"]}};
  source["phases"] = phases_of(h_, of_student, axes);
  source["first"] = first_value(of_student);
  for (const Comparison& comparison : comparisons_) {
    add_link(compared_at(comparison, of_student, axes), links);
  }
  return source;
}

json Tracer::parameter(const ParameterPlace& place, int most) const {
  std::vector<Link> links;
  const Shape& shape = h_.decoded.tensor(place.tensor).shape();
  const Element element{place.tensor, unravelled(shape, place.index)};
  json trace = {{"parameter", name_of(h_.decoded, place)}, {"file", file_of(place, most, links)}};
  const std::vector<Element> from = sources_of(h_, element);
  trace["folded"] = {{"value", h_.folded.tensor(place.tensor)[place.index]}, {"is", folding(from)}};
  if (h_.scales) {
    trace["quantised"] = {{"value", h_.quantised.tensor(place.tensor)[place.index]},
                          {"sixteenths", sixteenths_at(h_.folded.architecture(), place.tensor,
                                                       element.index, *h_.scales)}};
  }
  for (const Element& one : from) trace["sources"].push_back(source(one, links));
  const FilterAxes axes = filter_axes(h_.student().architecture(), place.tensor);
  const Element of_student = in_student(element, axes, h_.kept());
  if (axes.block >= 0) {
    trace["filter"] =
        filter_record(h_, axes.block, of_student.index[static_cast<size_t>(axes.axis)]);
  }
  if (axes.input_block >= 0) {
    trace["input_filter"] =
        filter_record(h_, axes.input_block, of_student.index[static_cast<size_t>(axes.input_axis)]);
  }
  links.insert(links.end(), of_run_.begin(), of_run_.end());
  trace["links"] = to_json(links);
  trace["state"] = name_of(state_of(links));
  return trace;
}

}  // namespace secateur
