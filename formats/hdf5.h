#pragma once
// The part of HDF5 that Keras writes, read from memory.
//
// Files are of the layout that the HDF5 library writes unless told otherwise (superblock 0 or 1,
// symbol-table groups, version 1 object headers); datasets are contiguous or compact float32.
// Everything else is refused by not being known: soft and external links, external storage, chunks
// and filters, shared and committed types, references, newer layouts.
//
// The HDF5 library is not used for reading because bad input must not crash: version 1.10.8 crashed
// on 16 of 1500 damaged legacy .h5 files (and on none of 1500 damaged .weights.h5 files).
//
// Layout after the "HDF5 File Format Specification Version 2.0", The HDF Group.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/tensor.h"

namespace secateur {

// All failures are Error(kBadInput) naming the file. Paths look like "layers/conv2d/vars/0"; "" is
// the root group.
class Hdf5File {
 public:
  Hdf5File(std::string bytes, std::string file);

  const std::string& file() const { return file_; }
  bool has(std::string_view path) const;
  std::vector<std::string> children(std::string_view path) const;  // of a group, sorted
  Shape shape(std::string_view path) const;                        // of a float32 dataset
  // A float32 dataset in its own shape and order. The datasets read may not be larger together than
  // the file, as they would be if they overlapped.
  Tensor tensor(std::string_view path);
  // The strings of an attribute of a group (one when it is a scalar); nothing when it is absent.
  std::optional<std::vector<std::string>> strings(std::string_view path,
                                                  std::string_view attribute) const;

 private:
  std::optional<uint64_t> find(std::string_view path) const;  // address of the object header
  uint64_t address(std::string_view path) const;              // or Error

  std::string bytes_;
  std::string file_;
  uint64_t root_;
  int64_t bytes_read_ = 0;
};

}  // namespace secateur
