#pragma once
// NumPy .npy arrays: plain numbers of any size and byte order, C or Fortran order.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/input_file.h"
#include "formats/npy_header.h"
#include "tensor/tensor.h"

namespace secateur {

// Reads ranges of rows (indices of the outermost axis), so that memory does not grow with the file.
// The constructor checks the header and that the file holds exactly the bytes it declares. Several
// threads may read at once. Every failure is an Error naming the file.
class NpyReader {
 public:
  explicit NpyReader(const std::filesystem::path& path);

  const Shape& shape() const { return header_.shape; }
  std::string type() const { return header_.type(); }  // "u1", "f4", "f8", ...
  int64_t rows() const { return rows_; }               // 1 for an array of rank 0
  int64_t row_numel() const { return row_numel_; }

  // Rows [begin, end) in C order into `out`, which has (end - begin) * row_numel() elements.
  // Numbers are converted to the nearest float or double; uint8_t wants a file of type u1.
  void read_rows(int64_t begin, int64_t end, std::span<float> out) const;
  void read_rows(int64_t begin, int64_t end, std::span<double> out) const;
  void read_rows(int64_t begin, int64_t end, std::span<uint8_t> out) const;

 private:
  template <class T>
  void read(int64_t begin, int64_t end, std::span<T> out) const;

  InputFile file_;
  NpyHeader header_;
  int64_t rows_ = 1;
  int64_t row_numel_ = 1;
};

struct NpyDoubles {
  Shape shape;
  std::vector<double> values;  // C order
};

// The whole file, of at most `cap` elements: 2 GiB of doubles, some hundred times the responses of
// a recording session.
inline constexpr int64_t kNpyNumelCap = int64_t{1} << 28;
NpyDoubles read_npy_doubles(const std::filesystem::path& path, int64_t cap = kNpyNumelCap);
Tensor read_npy_tensor(const std::filesystem::path& path, int64_t cap = kNpyNumelCap);

// An array of numbers in memory, in C order.
Tensor parse_npy_tensor(std::string_view bytes, const std::string& file);

// Little-endian, C order, the same bytes for the same values; the file appears whole or not at all.
// `values` holds shape.numel() elements in C order.
void write_npy(const std::filesystem::path& path, const Tensor& tensor);
void write_npy(const std::filesystem::path& path, const Shape& shape,
               std::span<const double> values);
void write_npy(const std::filesystem::path& path, const Shape& shape,
               std::span<const uint8_t> values);

}  // namespace secateur
