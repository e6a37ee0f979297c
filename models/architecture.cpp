#include "models/architecture.h"

#include <set>

#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

constexpr int64_t kLargestExtent = 1 << 14;

bool in_range(int64_t value, int64_t low, int64_t high) { return value >= low && value <= high; }

void validate_block(const Block& block, int64_t channels) {
  // Names of tensors are made of it, and stand in messages of one line.
  require(
      !block.name.empty() && block.name.size() < 64 && block.name == without_controls(block.name),
      "architecture", "wanted a block name of 1 to 63 printable characters, got {}",
      printable(block.name));
  require(in_range(block.filters, 1, kLargestExtent), "architecture",
          "{}: wanted 1 to {} filters, got {}", block.name, kLargestExtent, block.filters);
  require(in_range(block.kernel, 1, 31), "architecture", "{}: wanted a kernel of 1 to 31, got {}",
          block.name, block.kernel);
  require(block.epsilon > 0 && block.epsilon < 1, "architecture",
          "{}: wanted an epsilon between 0 and 1, got {}", block.name, block.epsilon);
  require(in_range(block.stride, 1, 8), "architecture", "{}: wanted a stride of 1 to 8, got {}",
          block.name, block.stride);
  if (block.kind == BlockKind::kResidual) {
    require(in_range(block.middle, 1, kLargestExtent), "architecture",
            "{}: wanted 1 to {} middle filters, got {}", block.name, kLargestExtent, block.middle);
    require(block.filters == channels && block.stride == 1, "architecture",
            "{}: a residual block keeps its {} channels and its size, got {} filters, stride {}",
            block.name, channels, block.filters, block.stride);
  }
}

int64_t strided(int64_t extent, int64_t stride) { return (extent + stride - 1) / stride; }

}  // namespace

void Architecture::validate() const {
  require(input.channels == 3, "architecture", "wanted 3 input channels, got {}", input.channels);
  require(in_range(input.height, 4, kLargestExtent) && in_range(input.width, 4, kLargestExtent),
          "architecture", "wanted an input of 4 to {} pixels a side, got {} x {}", kLargestExtent,
          input.height, input.width);
  require(!blocks.empty() && blocks.size() <= kMostBlocks, "architecture",
          "wanted 1 to {} blocks, got {}", kMostBlocks, blocks.size());
  std::set<std::string> names;
  int64_t channels = input.channels;
  for (const Block& block : blocks) {
    validate_block(block, channels);
    require(names.insert(block.name).second, "architecture", "two blocks are called '{}'",
            block.name);
    channels = block.filters;
  }
  require(in_range(readout.outputs, 1, kMostOutputs), "architecture",
          "wanted 1 to {} outputs, got {}", kMostOutputs, readout.outputs);
  const size_t outputs = static_cast<size_t>(readout.outputs);
  require(readout.offset.size() == readout.gain.size() &&
              (readout.gain.empty() || readout.gain.size() == outputs),
          "architecture", "wanted an offset and a gain for each of {} outputs, got {} and {}",
          outputs, readout.offset.size(), readout.gain.size());
}

Shape Architecture::shape_before(size_t index) const {
  int64_t channels = input.channels;
  int64_t height = input.height;
  int64_t width = input.width;
  for (size_t i = 0; i < index; ++i) {
    channels = blocks.at(i).filters;
    height = strided(height, blocks[i].stride);
    width = strided(width, blocks[i].stride);
  }
  return {channels, height, width};
}

Architecture student_architecture(const std::vector<int64_t>& filters, const InputSpec& input,
                                  int64_t outputs) {
  require(filters.size() == 5, "architecture", "a student has 5 layers of filters, got {}",
          filters.size());
  require(input.height % 4 == 0 && input.width % 4 == 0, "architecture",
          "a student wants an input divisible by 4, got {} x {}", input.height, input.width);
  constexpr std::array<int64_t, 5> kStrides = {1, 2, 2, 1, 1};
  Architecture architecture{.input = input, .blocks = {}, .readout = {}};
  for (size_t i = 0; i < filters.size(); ++i) {
    architecture.blocks.push_back({.kind = i == 0 ? BlockKind::kConv : BlockKind::kSeparable,
                                   .name = fmt::format("layer{}", i),
                                   .filters = filters[i],
                                   .kernel = 5,
                                   .stride = kStrides[i]});
  }
  architecture.readout.outputs = outputs;
  architecture.validate();
  return architecture;
}

Architecture shared_compact_architecture(int64_t filters, const InputSpec& input, int64_t outputs) {
  Architecture architecture =
      student_architecture({filters, filters, filters, 100, 100}, input, outputs);
  architecture.readout.kind = ReadoutKind::kFactorised;
  return architecture;
}

Architecture member_architecture(const MemberSize& size, const InputSpec& input, int64_t outputs) {
  Architecture architecture{.input = input, .blocks = {}, .readout = {}};
  auto& blocks = architecture.blocks;
  const auto separable = [](const std::string& name, int64_t filters, int64_t stride) {
    return Block{.kind = BlockKind::kSeparable,
                 .name = name,
                 .filters = filters,
                 .kernel = 3,
                 .stride = stride};
  };
  blocks.push_back(
      {.kind = BlockKind::kConv, .name = "stem0", .filters = size.stem, .kernel = 5, .stride = 2});
  blocks.push_back(separable("stem1", 2 * size.stem, 2));
  blocks.push_back(
      {.kind = BlockKind::kPointwise, .name = "core0", .filters = size.width, .kernel = 1});
  // The published core reads 14 x 14 and brings it to 7 x 7; a 28 x 28 map is halved likewise.
  blocks.push_back(separable("core1", size.width, 2));
  for (int64_t i = 0; i < size.residual_blocks; ++i) {
    blocks.push_back({.kind = BlockKind::kResidual,
                      .name = fmt::format("residual{}", i),
                      .filters = size.width,
                      .kernel = 3,
                      .middle = size.middle});
  }
  architecture.readout = {.kind = ReadoutKind::kFactorised, .outputs = outputs};
  architecture.validate();
  return architecture;
}

bool same_but_filters(Architecture a, Architecture b) {
  for (Architecture* one : {&a, &b}) {
    for (Block& block : one->blocks) block.filters = 0;
  }
  return a == b;
}

std::vector<int64_t> filter_counts(const Architecture& architecture) {
  std::vector<int64_t> counts;
  for (const Block& block : architecture.blocks) counts.push_back(block.filters);
  return counts;
}

}  // namespace secateur
