#pragma once
// A member of a teacher that is a readout on a frozen trunk. The trunk stays in the file that it
// came in; the member's own file has the readout and names the trunk.

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/trunk.h"
#include "training/readouts/readouts.h"

namespace secateur {

struct TrunkMember {
  std::shared_ptr<const Trunk> trunk;
  FittedReadout readout;  // dense: no hidden layer
  nlohmann::json metadata = nlohmann::json::object();

  int64_t outputs() const { return readout.weight.dim(0); }
  // Responses [n, outputs] of images [n, 3, h, w] as the trunk reads them.
  Tensor operator()(const Tensor& images) const { return respond(readout, (*trunk)(images)); }
};

// One that answers 0, to measure with.
TrunkMember unfitted_member(std::shared_ptr<const Trunk> trunk, int64_t outputs);

// The member with only these outputs, in this order. Throws Error(kUsage) when there is none, or
// one that it has not.
TrunkMember select_outputs(const TrunkMember& member, const std::vector<int64_t>& outputs);

// SHA-256 over the trunk's identity, the readout and its scale: equal for equal responses.
std::string fingerprint(const TrunkMember& member);

// As safetensors: readout.weight [outputs, channels, height, width], readout.bias, readout.offset
// and readout.gain [outputs]; in the metadata "format", "trunk", the identity of the trunk, and
// "metadata", JSON. The same bytes for the same member.
void write_trunk_member(const std::filesystem::path& path, const TrunkMember& member);
// With the trunk that it was fitted on. Throws Error(kBadInput), naming the file, for any other
// trunk, and for a file that is no such member or not whole.
TrunkMember read_trunk_member(const std::filesystem::path& path,
                              std::shared_ptr<const Trunk> trunk);

}  // namespace secateur
