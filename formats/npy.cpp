#include "formats/npy.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

#include "formats/atomic_file.h"
#include "tensor/error.h"

namespace secateur {
namespace {

static_assert(std::endian::native == std::endian::little, "bytes are copied as they are");

std::string first_bytes(const InputFile& file) {
  std::string start(static_cast<size_t>(std::min(file.size(), kNpyHeaderCap)), '\0');
  file.read_at(0, start);
  return start;
}

template <class Stored, class T>
void convert(const char* from, bool swapped, std::span<T> out) {
  for (T& value : out) {
    std::array<char, sizeof(Stored)> bytes;
    std::copy_n(from, sizeof(Stored), bytes.begin());
    if (swapped) std::reverse(bytes.begin(), bytes.end());
    value = static_cast<T>(std::bit_cast<Stored>(bytes));
    from += sizeof(Stored);
  }
}

template <class T>
void convert(const NpyHeader& header, const char* from, std::span<T> out) {
  const bool swapped = header.big_endian;
  switch (header.kind * 16 + header.item_bytes) {
    case 'u' * 16 + 1:
      return convert<uint8_t>(from, swapped, out);
    case 'u' * 16 + 2:
      return convert<uint16_t>(from, swapped, out);
    case 'u' * 16 + 4:
      return convert<uint32_t>(from, swapped, out);
    case 'u' * 16 + 8:
      return convert<uint64_t>(from, swapped, out);
    case 'i' * 16 + 1:
      return convert<int8_t>(from, swapped, out);
    case 'i' * 16 + 2:
      return convert<int16_t>(from, swapped, out);
    case 'i' * 16 + 4:
      return convert<int32_t>(from, swapped, out);
    case 'i' * 16 + 8:
      return convert<int64_t>(from, swapped, out);
    case 'f' * 16 + 4:
      return convert<float>(from, swapped, out);
    default:
      return convert<double>(from, swapped, out);
  }
}

// Position, in elements of a Fortran-ordered file, of row 0 at place `inner` (C order) of a row.
int64_t fortran_position(const Shape& shape, int64_t inner) {
  int64_t position = 0;
  int64_t stride = 1;
  for (const int64_t extent : shape.extents()) stride *= extent;
  for (int axis = shape.rank() - 1; axis >= 1; --axis) {
    stride /= shape[axis];
    position += inner % shape[axis] * stride;
    inner /= shape[axis];
  }
  return position;
}

template <class T>
void write(const std::filesystem::path& path, std::string_view type, const Shape& shape,
           std::span<const T> values) {
  require(static_cast<int64_t>(values.size()) == shape.numel(), "npy",
          "wanted {} values for {} in {}, got {}", shape.numel(), shape, path.string(),
          values.size());
  AtomicFile file(path);
  file.append(npy_header_text(type, shape));
  file.append({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
  file.commit();
}

void check_cap(const NpyReader& reader, const std::filesystem::path& path, int64_t cap) {
  require(reader.shape().numel() <= cap, "npy", "{} holds {}, wanted at most {} elements",
          path.string(), reader.shape(), cap);
}

}  // namespace

NpyReader::NpyReader(const std::filesystem::path& path)
    : file_(path), header_(parse_npy_header(first_bytes(file_), file_.name())) {
  const int64_t present = file_.size() - header_.data_offset;
  require(present == header_.data_bytes, "npy", "{} holds {} bytes of data, wanted {} for {} of {}",
          file_.name(), present, header_.data_bytes, shape(), type());
  if (shape().rank() >= 1) rows_ = shape()[0];
  for (int axis = 1; axis < shape().rank(); ++axis) row_numel_ *= shape()[axis];
}

template <class T>
void NpyReader::read(int64_t begin, int64_t end, std::span<T> out) const {
  require(begin >= 0 && begin <= end && end <= rows_, "npy",
          "wanted rows [{}, {}) of {}, it has {}", begin, end, file_.name(), rows_);
  const int64_t rows = end - begin;
  int64_t wanted = 0;
  require(!__builtin_mul_overflow(rows, row_numel_, &wanted) &&
              static_cast<int64_t>(out.size()) == wanted,
          "npy", "rows [{}, {}) of {} have {} elements, got room for {}", begin, end, file_.name(),
          wanted, out.size());
  // In C order the rows are one run; in Fortran order each place of a row is a run over rows.
  const bool fortran = header_.fortran_order && shape().rank() > 1;
  const int64_t runs = wanted == 0 ? 0 : fortran ? row_numel_ : 1;
  const int64_t run = runs == 0 ? 0 : wanted / runs;
  constexpr int64_t kPiece = int64_t{1} << 17;  // elements converted at a time
  std::vector<char> raw(static_cast<size_t>(std::min(run, kPiece) * header_.item_bytes));
  std::vector<T> converted(fortran ? static_cast<size_t>(std::min(run, kPiece)) : 0);
  for (int64_t i = 0; i < runs; ++i) {
    const int64_t start = fortran ? fortran_position(shape(), i) + begin : begin * row_numel_;
    for (int64_t done = 0; done < run; done += kPiece) {
      const auto count = static_cast<size_t>(std::min(kPiece, run - done));
      const std::span<char> bytes(raw.data(), count * static_cast<size_t>(header_.item_bytes));
      file_.read_at(header_.data_offset + (start + done) * header_.item_bytes, bytes);
      if (!fortran) {
        convert(header_, raw.data(), out.subspan(static_cast<size_t>(done), count));
        continue;
      }
      convert(header_, raw.data(), std::span<T>(converted.data(), count));
      for (size_t row = 0; row < count; ++row) {
        out[(static_cast<size_t>(done) + row) * static_cast<size_t>(row_numel_) +
            static_cast<size_t>(i)] = converted[row];
      }
    }
  }
}

void NpyReader::read_rows(int64_t begin, int64_t end, std::span<float> out) const {
  read(begin, end, out);
}

void NpyReader::read_rows(int64_t begin, int64_t end, std::span<double> out) const {
  read(begin, end, out);
}

void NpyReader::read_rows(int64_t begin, int64_t end, std::span<uint8_t> out) const {
  require(type() == "u1", "npy", "{} holds {}, wanted bytes (u1)", file_.name(), type());
  read(begin, end, out);
}

NpyDoubles read_npy_doubles(const std::filesystem::path& path, int64_t cap) {
  const NpyReader reader(path);
  check_cap(reader, path, cap);
  NpyDoubles result{reader.shape(), {}};
  result.values.resize(static_cast<size_t>(reader.shape().numel()));
  reader.read_rows(0, reader.rows(), std::span<double>(result.values));
  return result;
}

Tensor read_npy_tensor(const std::filesystem::path& path, int64_t cap) {
  const NpyReader reader(path);
  check_cap(reader, path, cap);
  Tensor result(reader.shape());
  reader.read_rows(0, reader.rows(), result.values());
  return result;
}

Tensor parse_npy_tensor(std::string_view bytes, const std::string& file) {
  const NpyHeader header =
      parse_npy_header(bytes.substr(0, static_cast<size_t>(kNpyHeaderCap)), file);
  const int64_t present = std::ssize(bytes) - header.data_offset;
  require(present == header.data_bytes, "npy", "{} holds {} bytes of data, wanted {} for {} of {}",
          file, present, header.data_bytes, header.shape, header.type());
  require(!header.fortran_order || header.shape.rank() <= 1, "npy",
          "{} is in Fortran order, wanted C order", file);
  Tensor result(header.shape);
  convert(header, bytes.data() + header.data_offset, result.values());
  return result;
}

void write_npy(const std::filesystem::path& path, const Tensor& tensor) {
  write(path, "<f4", tensor.shape(), tensor.values());
}

void write_npy(const std::filesystem::path& path, const Shape& shape,
               std::span<const double> values) {
  write(path, "<f8", shape, values);
}

void write_npy(const std::filesystem::path& path, const Shape& shape,
               std::span<const uint8_t> values) {
  write(path, "|u1", shape, values);
}

}  // namespace secateur
