#pragma once
// The head of a compact file: architecture, output scale, global step and metadata in few bytes.
//
//   byte     1: published pixel means; 2: output scale; 4: factorised readout; 8: packed metadata
//   varint   height, width; unless published, the means as three float32
//   varint   blocks, then of each: byte kind + 4 linear + 8 named; varint filters,
//            8 kernel + stride - 1, for residual ones middle; when named, length and name (else
//            "layer" and its number)
//   varint   outputs; with an output scale, their offsets and then gains as float64
//   varint   global step, zigzag
//   varint   length of the metadata, then the metadata as JSON (nothing when there is none), packed
//            (metadata_text.h) when the first byte says so

#include <string>
#include <string_view>

#include "compression/compact_model.h"

namespace secateur {

inline constexpr int64_t kMetadataCap = int64_t{1} << 20;

// Throws Error(kBadInput) when the metadata is longer than kMetadataCap.
std::string head_of(const CompactModel& compact);

// Everything but the tensors. The architecture is validated; Error(kBadInput) names `file`.
CompactModel parse_head(std::string_view head, const std::string& file);

}  // namespace secateur
