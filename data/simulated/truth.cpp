#include "data/simulated/truth.h"

#include "data/augmentation.h"
#include "data/simulated/tuning.h"

namespace secateur::simulated {
namespace {

using nlohmann::json;

std::string_view name(Rectifier rectifier) {
  switch (rectifier) {
    case Rectifier::kHalf:
      return "half";
    case Rectifier::kFull:
      return "full";
    case Rectifier::kSquare:
      return "square";
  }
  return "unknown";
}

json filter_json(const FilterSpec& spec) {
  json out = {{"kind", name(spec.kind)},     {"side", spec.side},
              {"sigma", spec.sigma},         {"stretch", spec.stretch},
              {"direction", spec.direction}, {"channels", channel_weights(spec)}};
  if (spec.kind == FilterKind::kGabor) {
    out["wavelength"] = spec.wavelength;
    out["phase"] = spec.phase;
  }
  return out;
}

json part_json(const NeuronCircuit& circuit, const Part& part, const PartShare& share) {
  return {{"label", part.label},
          {"filter", filter_json(part.filter)},
          {"rectifier", name(part.rectifier)},
          {"role", part.role == Role::kSummed ? "summed" : "divisive"},
          {"weight", part.weight},
          {"sign", sign(part)},
          {"offset", {part.dy, part.dx}},
          {"place", {circuit.centre_y + part.dy, circuit.centre_x + part.dx}},
          {"mean_change", share.mean_change},
          {"variance_missing", share.missing},
          {"variance_unexplained", share.unexplained}};
}

json dots_json(const DotTuning& dots) {
  return {{"contrast", dots.contrast}, {"place", {dots.y, dots.x}},
          {"radii", dots.radii},       {"rate_by_radius", dots.by_radius},
          {"numbers", dots.numbers},   {"rate_by_number", dots.by_number}};
}

json preferred_json(const PreferredProbe& preferred) {
  const Probe& probe = preferred.probe;
  json out = {{"kind", name(probe.kind)},   {"place", {probe.y, probe.x}},
              {"extent", probe.extent},     {"direction", probe.direction},
              {"contrast", probe.contrast}, {"rate", preferred.rate}};
  if (probe.kind == ProbeKind::kDots) out["number"] = probe.number;
  if (probe.kind == ProbeKind::kGrating) out["phase"] = probe.phase;
  return out;
}

json neuron_json(const NeuronCircuit& circuit, int size, const std::vector<PartShare>& shares) {
  json parts = json::array();
  for (size_t p = 0; p < circuit.parts.size(); ++p) {
    parts.push_back(part_json(circuit, circuit.parts[p], shares[p]));
  }
  json field = {{"centre", {circuit.centre_y, circuit.centre_x}},
                {"pooling_sigma", circuit.pooling_sigma}};
  if (circuit.surround_sigma > 0) field["surround_sigma"] = circuit.surround_sigma;
  return {{"name", circuit.name},
          {"threshold", circuit.threshold},
          {"baseline", circuit.baseline},
          {"gain", circuit.gain},
          {"receptive_field", field},
          {"parts", parts},
          {"dot_tuning", dots_json(dot_tuning(circuit, size))},
          {"preferred", preferred_json(preferred_probe(circuit, size))}};
}

}  // namespace

std::vector<PlantedFilter> planted_filters(const NeuronCircuit& circuit) {
  std::vector<PlantedFilter> planted;
  for (const Part& part : circuit.parts) {
    planted.push_back(
        {part.label, sign(part), part.rectifier != Rectifier::kHalf, filter_patch(part.filter)});
  }
  return planted;
}

json truth(std::span<const NeuronCircuit> circuits, int size, const TruthOptions& options) {
  const auto shares = part_shares(circuits, size, options.seed, options.stimuli);
  json neurons = json::array();
  for (size_t n = 0; n < circuits.size(); ++n) {
    neurons.push_back(neuron_json(circuits[n], size, shares[n]));
  }
  return {{"size", size},
          {"pixel_scale", kPixelScale},
          {"channel_mean", kChannelMean},
          {"stimuli", {{"seed", options.seed}, {"count", options.stimuli}}},
          {"neurons", neurons}};
}

}  // namespace secateur::simulated
