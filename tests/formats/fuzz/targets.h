#pragma once
// One entry per reader, shared by the libFuzzer targets and by the mutation test: any bytes may end
// in an Error or in a value, in nothing else.

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/csv.h"
#include "formats/hdf5.h"
#include "formats/jpeg.h"
#include "formats/keras.h"
#include "formats/layer_arrays.h"
#include "formats/npy.h"
#include "formats/numpy_model.h"
#include "formats/pickle.h"
#include "formats/safetensors.h"
#include "formats/torch_model.h"
#include "formats/zip.h"
#include "tensor/error.h"
#include "tests/formats/png_sums.h"

namespace secateur::fuzz {

template <class F>
bool accepted(F&& read) {
  try {
    read();
    return true;
  } catch (const Error&) {
    return false;
  }
}

// A file without a place on the disk.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : descriptor_(memfd_create("fuzz", MFD_CLOEXEC)) {
    for (size_t done = 0; done < bytes.size();) {
      const ssize_t put = ::write(descriptor_, bytes.data() + done, bytes.size() - done);
      if (put <= 0) throw std::runtime_error("cannot fill a file in memory");
      done += static_cast<size_t>(put);
    }
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

// Each returns whether the bytes were accepted.
inline bool npy(std::string_view bytes) {
  const MemoryFile file(bytes);
  return accepted([&] {
    const NpyReader reader(file.path());
    const NpyDoubles whole = read_npy_doubles(file.path());
    if (reader.rows() > 0) {
      std::vector<float> row(static_cast<size_t>(reader.row_numel()));
      reader.read_rows(reader.rows() - 1, reader.rows(), std::span<float>(row));
    }
  });
}

inline bool csv(std::string_view bytes) {
  return accepted([&] {
    CsvReader reader(bytes, "fuzz.csv");
    std::vector<std::string> cells;
    while (reader.next(cells)) {
      for (size_t column = 1; column < cells.size(); ++column) reader.number(cells, column);
    }
  });
}

inline bool zip(std::string_view bytes) {
  constexpr int64_t kCap = int64_t{1} << 24;
  constexpr ZipCaps kCaps{.file_bytes = kCap, .entries = 1 << 10, .total_bytes = kCap};
  return accepted([&] {
    const ZipReader reader(std::string(bytes), "fuzz.zip", kCaps);
    for (int64_t i = 0; i < std::ssize(reader.entries()); ++i) reader.read(i, kCap);
  });
}

inline bool jpeg(std::string_view bytes) {
  constexpr ImageCaps kCaps{.file_bytes = 1 << 20, .pixels = 1 << 16};
  const bool as_it_is = accepted([&] { decode_image(bytes, "fuzz.jpg", kCaps); });
  // Damage of a PNG behind its check sums.
  const std::string png = fixture::with_png_sums(std::string(bytes));
  return accepted([&] { decode_image(png, "fuzz.png", kCaps); }) || as_it_is;
}

inline bool keras(std::string_view bytes) {
  return accepted([&] { parse_keras(std::string(bytes), "fuzz.keras"); });
}

inline bool keras_h5(std::string_view bytes) {
  return accepted([&] { parse_keras_h5(std::string(bytes), "fuzz.h5"); });
}

inline bool layer_arrays(std::string_view bytes) {
  const MemoryFile file(bytes);
  return accepted([&] {
    const LayerArrays arrays = open_layer_arrays(file.path());
    for (const std::string& name : arrays.names) arrays.read(name);
  });
}

inline bool pickle(std::string_view bytes) {
  return accepted([&] {
    read_pickle(bytes, "fuzz.pkl",
                {"collections OrderedDict", "numpy dtype", "numpy ndarray", "torch DoubleStorage"});
  });
}

inline bool numpy_model(std::string_view bytes) {
  return accepted([&] { parse_numpy_model(bytes, "fuzz.npy"); });
}

inline bool torch_model(std::string_view bytes) {
  return accepted([&] { parse_torch_model(std::string(bytes), "fuzz.pt"); });
}

inline bool safetensors(std::string_view bytes) {
  const bool raw = accepted([&] { parse_safetensors(bytes, "fuzz.safetensors"); });
  return accepted([&] { parse_safetensors_model(bytes, "fuzz.safetensors"); }) || raw;
}

}  // namespace secateur::fuzz
