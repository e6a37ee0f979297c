#pragma once
// The head of a NumPy .npy file (format versions 1 to 3): a magic string, a length and a Python
// dictionary of three known keys, which is parsed as text and never evaluated.

#include <cstdint>
#include <string>
#include <string_view>

#include "tensor/shape.h"

namespace secateur {

struct NpyHeader {
  char kind = 'f';     // 'u', 'i' or 'f'
  int item_bytes = 4;  // u and i: 1, 2, 4, 8; f: 4, 8
  bool big_endian = false;
  bool fortran_order = false;
  Shape shape;
  int64_t data_offset = 0;  // bytes before the first element
  int64_t data_bytes = 0;   // numel * item_bytes, does not overflow

  std::string type() const { return kind + std::to_string(item_bytes); }  // "u1", "f8"
};

// The longest header that is read, magic string and length included.
inline constexpr int64_t kNpyHeaderCap = int64_t{1} << 16;

// `start` holds the first min(file size, kNpyHeaderCap) bytes. Anything else than a plain array of
// the types above (objects, structures, text, complex) is Error(kBadInput).
NpyHeader parse_npy_header(std::string_view start, const std::string& file);

// The same for an array of objects, whose data are a pickle of any length.
struct NpyObjectHeader {
  int64_t count = 0;        // of objects, on one axis
  int64_t data_offset = 0;  // bytes before the pickle
};

NpyObjectHeader parse_npy_object_header(std::string_view start, const std::string& file);

// The bytes before the data of a C-ordered little-endian array, as NumPy writes them (version 1).
std::string npy_header_text(std::string_view type, const Shape& shape);

}  // namespace secateur
