#include "trace/links.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "chain/lineage_log.h"
#include "chain/materials.h"
#include "chain/stage_table.h"
#include "model_files/model_files.h"
#include "models/difference.h"
#include "models/shared_core.h"
#include "pruning/replay.h"
#include "tensor/error.h"

namespace secateur {
namespace {

constexpr const char* kFilesLink =
    "this neuron's networks, states and decisions, and the labels, are those that the lineage "
    "records";

bool same_bits_of(float a, float b) {
  return std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b);
}

std::optional<float> value_in(const std::map<std::string, Tensor>& tensors,
                              const KeptFilters& filters, const Element& of_student,
                              const FilterAxes& axes) {
  const auto tensor = tensors.find(of_student.tensor);
  const auto here = in_network(of_student, axes, filters);
  if (tensor == tensors.end() || !here) return std::nullopt;
  const Shape& shape = tensor->second.shape();
  if (shape.rank() != static_cast<int>(here->index.size())) return std::nullopt;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (here->index[static_cast<size_t>(axis)] >= shape[axis]) return std::nullopt;
  }
  return tensor->second[ravelled(tensor->second.shape(), here->index)];
}

// What a stage begins with: the network before it on the scale of the labels, which the network
// that it makes has as well.
std::map<std::string, Tensor> rescaled(const Model& before, const Model& like) {
  const Readout& scale = like.architecture().readout;
  if (scale.gain.empty()) return before.tensors();
  return with_output_scale(before, scale.offset, scale.gain).tensors();
}

// The states that the run has kept of a stage, the first and the last.
struct Ends {
  const KeptState* first = nullptr;
  const KeptState* last = nullptr;
};
Ends ends_of(const RunHistory& h, const Stage& stage) {
  Ends ends;
  for (const KeptState& state : h.states) {
    if (state.stage != &stage) continue;
    if (ends.first == nullptr) ends.first = &state;
    ends.last = &state;
  }
  return ends;
}

// What the stage was begun with, where that is known.
struct Before {
  std::string name;  // "the student network", "the first values, drawn again"
  std::string why_not;
  std::map<std::string, Tensor> tensors;
  KeptFilters filters;
};

// From what came before a stage to its network: through its kept states, or at once where it
// changes no number.
void add_stage(const RunHistory& h, const StageNetwork& network, const Before& before,
               std::vector<Comparison>& all) {
  const Stage& stage = *network.stage;
  const std::string made = fmt::format("the {} network", stage.product);
  const Ends ends = ends_of(h, stage);
  const auto add = [&](const std::string& name, const Before& first,
                       const std::map<std::string, Tensor>& second, const KeptFilters& filters) {
    all.push_back({.name = name,
                   .why_not = first.why_not,
                   .first = first.tensors,
                   .first_filters = first.filters,
                   .second = second,
                   .second_filters = filters});
  };
  if (ends.first != nullptr) {
    add(fmt::format("{} began with the number of {}", stage.name, before.name), before,
        ends.first->tensors, ends.first->kept);
    add(fmt::format("{} has the number of the last state of {}", made, stage.name),
        {.name = "", .why_not = "", .tensors = ends.last->tensors, .filters = ends.last->kept},
        network.model.tensors(), network.kept);
  } else if (stage.changes_values != nullptr && stage.changes_values(h.recipe)) {
    Before unknown;
    unknown.why_not = fmt::format("the run keeps no states of {}", stage.name);
    add(fmt::format("{} began with the number of {}", stage.name, before.name), unknown, {}, {});
    add(fmt::format("{} has the number of the last state of {}", made, stage.name), unknown, {},
        {});
  } else {
    add(fmt::format("{} has the number of {}", made, before.name), before, network.model.tensors(),
        network.kept);
  }
}

Before origin_of(const RunHistory& h) {
  const StageNetwork& student = h.networks.front();
  Before before{.name = h.origin.name, .why_not = h.origin.why_not, .filters = student.kept};
  if (h.origin.model) before.tensors = rescaled(*h.origin.model, student.model);
  return before;
}

Link ledger_link(const RunHistory& h) {
  Link link{.name = "the ledger is about this student", .state = LinkState::kHeld, .why = ""};
  if (h.identified == StudentIdentity::Kind::kNone) {
    link.state = LinkState::kNotChecked;
    link.why = "the ledger carries no fingerprint of its student";
  }
  return link;
}

// What a trace reads of a run: the networks, kept states and decisions of one neuron, and labels.
bool is_read(const StageRecord& stage, const std::string& made, const std::string& label) {
  return stage.neuron == label || made.starts_with("labels/");
}

// The digest that the lineage has of every file that was traced, against the file.
Link files_link(const RunHistory& history, const Lineage& lineage, const RunDirectory& run) {
  Link link{.name = kFilesLink, .why = ""};
  for (const StageRecord& stage : lineage.stages) {
    for (const FileDigest& made : stage.makes) {
      if (!is_read(stage, made.name, history.label)) continue;
      const std::string now = digest_in_run(run.root(), made.name);
      if (now.empty()) {
        link.why = fmt::format("{} is not in the run", made.name);
      } else if (now != made.sha256) {
        return {link.name, LinkState::kBroken,
                fmt::format("{} is not what {} made", made.name, name_of(stage))};
      }
    }
  }
  if (lineage.stages.empty()) link.why = "it records no stage";
  if (link.why.empty()) link.state = LinkState::kHeld;
  return link;
}

// Layers, strides, activations, input and scale of one network against those of the one before it.
Link structure_link(const std::string& made, const Architecture& is, const std::string& before,
                    const Architecture& was) {
  const bool same = same_but_filters(is, was);
  return {.name = fmt::format("{} has the layers, input and scale of {}", made, before),
          .state = same ? LinkState::kHeld : LinkState::kBroken,
          .why = same ? "" : "they differ in more than filters; `inspect A B` says in what"};
}

Link same_model(const std::string& name, const Model& a, const Model& b) {
  const ModelDifference difference = difference_of(a, b);
  if (difference.none()) return {name, LinkState::kHeld, ""};
  return {name, LinkState::kBroken,
          fmt::format("they differ in {}", difference.tensors.empty()
                                               ? difference.architecture.front().where
                                               : difference.tensors.front().name)};
}

void add_structures(const RunHistory& h, std::vector<Link>& links) {
  for (size_t i = 1; i < h.networks.size(); ++i) {
    links.push_back(structure_link(fmt::format("the {} network", h.networks[i].stage->product),
                                   h.networks[i].model.architecture(),
                                   fmt::format("the {} one", h.networks[i - 1].stage->product),
                                   h.networks[i - 1].model.architecture()));
  }
  links.push_back(structure_link("the compact file", h.compact.architecture,
                                 "the network that was quantised", h.quantised.architecture()));
  if (h.scales) {
    links.push_back(same_model(
        "the network that was quantised is the retrained one, batch norms folded, features scaled",
        h.quantised, balanced(h.folded, *h.scales)));
  }
}

// With start=teacher the core has its layers and readouts: the student begins as its part of it.
Link core_of_teacher(const RunHistory& h, const RunDirectory& run) {
  const std::string name = "the student began as its part of the teacher's first member";
  const nlohmann::json& metadata = h.student().metadata;
  if (!h.recipe.teacher.empty()) {
    return {name, LinkState::kNotChecked, "the teacher's file is outside of the run"};
  }
  if (!h.origin.model || !metadata.contains("neuron") || !metadata["neuron"].is_number_integer()) {
    return {name, LinkState::kNotChecked, "the run does not say which neuron this is"};
  }
  const Model member = read_model(run.model(teacher_member(0)));
  const int64_t neuron = metadata["neuron"].get<int64_t>();
  return same_model(name, *h.origin.model, student_from_shared(member, neuron));
}

// Else a core of the run was drawn and trained like a student.
void add_core(const RunHistory& h, const RunDirectory& run, std::vector<Link>& links) {
  if (h.origin.kind != Origin::Kind::kCore) return;
  if (starts_from_teacher(h.recipe)) return links.push_back(core_of_teacher(h, run));
  const Stage& stage = stage_named("core");
  const auto states = kept_states_of(stage, run, "core");
  const std::string began = "the core began with the first values, drawn again";
  const std::string ended = "the core is the last state of core";
  if (states.empty() || !h.origin.whole) {
    for (const std::string& name : {began, ended}) {
      links.push_back({name, LinkState::kNotChecked, "the run keeps no states of core"});
    }
    return;
  }
  const Model& core = *h.origin.whole;
  const auto kept = [&](const auto& state) {
    return Model(core.architecture(), stage.read_state(state.second).tensors);
  };
  const Model drawn(core.architecture(), static_cast<uint64_t>(h.recipe.seed));
  links.push_back(same_model(began, kept(*states.begin()), drawn));
  links.push_back(same_model(ended, core, kept(*states.rbegin())));
}

Link settings_link(const RunHistory& history, const Lineage& lineage) {
  const std::vector<std::string> changed = changed_settings(history.recipe, lineage);
  return {.name = "the settings are those that the lineage records",
          .state = changed.empty() ? LinkState::kHeld : LinkState::kBroken,
          .why = changed.empty() ? "" : changed.front()};
}

}  // namespace

const char* name_of(LinkState state) {
  switch (state) {
    case LinkState::kHeld:
      return "held";
    case LinkState::kBroken:
      return "broken";
    case LinkState::kNotChecked:
      break;
  }
  return "not_checked";
}

LinkState state_of(const std::vector<Link>& links) {
  const auto any = [&](LinkState state) {
    return std::any_of(links.begin(), links.end(), [&](const Link& l) { return l.state == state; });
  };
  if (any(LinkState::kBroken)) return LinkState::kBroken;
  return any(LinkState::kNotChecked) ? LinkState::kNotChecked : LinkState::kHeld;
}

std::vector<Comparison> comparisons_of(const RunHistory& h) {
  std::vector<Comparison> all;
  Before before = origin_of(h);
  for (size_t i = 0; i < h.networks.size(); ++i) {
    add_stage(h, h.networks[i], before, all);
    if (i + 1 == h.networks.size()) break;
    before = {.name = fmt::format("the {} network", h.networks[i].stage->product),
              .why_not = "",
              .tensors = rescaled(h.networks[i].model, h.networks[i + 1].model),
              .filters = h.networks[i].kept};
  }
  return all;
}

Link compared_at(const Comparison& comparison, const Element& of_student, const FilterAxes& axes) {
  Link link{.name = comparison.name, .why = comparison.why_not};
  if (!comparison.why_not.empty()) return link;
  const auto first = value_in(comparison.first, comparison.first_filters, of_student, axes);
  const auto second = value_in(comparison.second, comparison.second_filters, of_student, axes);
  if (first && second && same_bits_of(*first, *second)) {
    link.state = LinkState::kHeld;
    return link;
  }
  link.state = LinkState::kBroken;
  link.why = first && second ? fmt::format("{} and {}", *first, *second)
                             : fmt::format("only one of them has {}", of_student.tensor);
  return link;
}

std::vector<Link> links_of_run(const RunHistory& history, const RunDirectory& run) {
  std::vector<Link> links = {ledger_link(history)};
  add_core(history, run, links);
  add_structures(history, links);
  const std::filesystem::path file = run.file("lineage.json");
  if (!std::filesystem::exists(file)) {
    links.push_back({kFilesLink, LinkState::kNotChecked, "the run has no lineage.json"});
    return links;
  }
  const Lineage lineage = read_lineage(file);
  links.push_back(settings_link(history, lineage));
  links.push_back(files_link(history, lineage, run));
  return links;
}

}  // namespace secateur
