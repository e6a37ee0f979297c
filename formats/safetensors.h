#pragma once
// safetensors files: our models and checkpoints.
//
// Eight bytes with the length of a JSON header, the header (name -> type, shape, place), the data.
// Written with sorted keys and the widest type first, the header padded so that the data start at a
// multiple of 8: the same bytes for the same content, readable by any safetensors library.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "formats/stored_model.h"
#include "tensor/tensor.h"

namespace secateur {

struct SafetensorsFile {
  std::map<std::string, Tensor> tensors;               // F32
  std::map<std::string, std::vector<double>> doubles;  // F64, one axis
  std::map<std::string, std::string> blobs;            // U8, one axis: raw bytes
  std::map<std::string, std::string> metadata;         // text
};

// Bytes of a file: of labels, of a state of a training, of a model.
inline constexpr int64_t kSafetensorsCap = int64_t{1} << 34;
inline constexpr int64_t kStateFileCap = int64_t{1} << 31;
inline constexpr int64_t kModelFileCap = int64_t{1} << 30;
// A model has some dozens of tensors, a state of a training four times as many.
inline constexpr size_t kMostTensors = 4096;

// Strict: the data must cover the rest of the file without holes or overlaps, keys may not repeat,
// other types are refused, and so are more than kMostTensors and names with control characters. The
// header is read and checked before memory for the data is asked for. Every failure is
// Error(kBadInput) naming the file.
SafetensorsFile read_safetensors(const std::filesystem::path& path, int64_t cap = kSafetensorsCap);
SafetensorsFile parse_safetensors(std::string_view bytes, const std::string& file);

// The file appears whole or not at all; Error(kResource) when it cannot be written, kBadInput when
// a name is used twice, text is not UTF-8 or there are more tensors than are read.
void write_safetensors(const std::filesystem::path& path, const SafetensorsFile& content);
std::string safetensors_bytes(const SafetensorsFile& content, const std::string& file);

// A StoredModel with its architecture and metadata as JSON in the metadata strings "architecture"
// and "metadata". Values that are not finite are refused both ways.
StoredModel read_safetensors_model(const std::filesystem::path& path);
StoredModel parse_safetensors_model(std::string_view bytes, const std::string& file);
void write_safetensors_model(const std::filesystem::path& path, const StoredModel& model);

}  // namespace secateur
