#pragma once
// Compact model files: a container (formats/compact_container.h) whose head describes the model
// (compact_head.h) and whose body is one stream of the range coder:
//
//   for every tensor in the order of parameter_specs(): one raw bit for the transform; the steps of
//   its filters, bands and channels, each of a band as the difference from the one before, each of
//   a filter or channel as that from the mean of those before; then its codes, band by band, each
//   with what the codes before it let expect (code_model.h).
//
// In files of version 1, which are still read, all steps are differences from the one before, and
// each code has the context of its band alone (coefficient_coder.h).
//
// The same model gives the same bytes, whatever the number of threads.

#include <filesystem>

#include "compression/compact_model.h"

namespace secateur {

std::vector<uint8_t> encode(const CompactModel& compact);

// The inverse: parse(encode(x)) == x. Error(kBadInput) naming `file` for anything else than a
// whole, undamaged file; nothing is allocated that the bytes present could not describe.
CompactModel parse(std::span<const uint8_t> bytes, const std::string& file);

inline constexpr int64_t kCompactFileCap = int64_t{1} << 26;
inline constexpr int64_t kCompactParameterCap = int64_t{1} << 24;

// Files appear whole or not at all.
void write_compact(const std::filesystem::path& path, const CompactModel& compact);
CompactModel read_compact(const std::filesystem::path& path);

// Bytes of a file by what they are for, for reports: the head, and each tensor's share of the body
// measured as the growth of the stream.
struct CompactTensorSize {
  std::string name;
  double steps_bytes = 0.0;
  double codes_bytes = 0.0;
};
std::vector<CompactTensorSize> tensor_sizes(const CompactModel& compact);

}  // namespace secateur
