#pragma once
// Pickles written opcode by opcode, and with them the models of keras_fixture.h as NumPy and torch
// keep them.

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "formats/npy_header.h"
#include "tests/formats/keras_fixture.h"

namespace secateur::fixture {

template <class T>
std::string raw_of(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

// Each appends one opcode with its argument.
struct Pickler {
  std::string bytes;

  explicit Pickler(int protocol = 3) : bytes{'\x80', static_cast<char>(protocol)} {}

  Pickler& op(std::string_view opcodes) {
    bytes += opcodes;
    return *this;
  }
  Pickler& integer(int64_t n) { return op("J").op(raw_of(static_cast<int32_t>(n))); }
  Pickler& small(int n) { return op("K").op(raw_of(static_cast<uint8_t>(n))); }
  Pickler& text(const std::string& t) {
    return op("X").op(raw_of(static_cast<uint32_t>(t.size()))).op(t);
  }
  Pickler& raw(const std::string& r) {
    return op("B").op(raw_of(static_cast<uint32_t>(r.size()))).op(r);
  }
  Pickler& global(const std::string& module, const std::string& name) {
    return op("c" + module + "\n" + name + "\n");
  }
  Pickler& put(int key) { return op("q").op(raw_of(static_cast<uint8_t>(key))); }
  Pickler& get(int key) { return op("h").op(raw_of(static_cast<uint8_t>(key))); }
  Pickler& extents(const std::vector<int64_t>& list) {
    op("(");
    for (const int64_t extent : list) integer(extent);
    return op("t");
  }
  std::string done() const { return bytes + "."; }
};

inline std::vector<Array> arrays_of(const Spec& spec) {
  std::vector<Array> arrays;
  for (const Layer& layer : layers_of(spec)) {
    arrays.insert(arrays.end(), layer.arrays.begin(), layer.arrays.end());
  }
  return arrays;
}

template <class T>
std::string numbered_values(const Array& array, int64_t number) {
  hsize_t count = 1;
  for (const hsize_t extent : array.shape) count *= extent;
  std::string raw;
  for (hsize_t i = 0; i < count; ++i) {
    raw += raw_of(static_cast<T>(value_of(number, static_cast<int64_t>(i))));
  }
  return raw;
}

inline std::vector<int64_t> shape_of(const Array& array) {
  return {array.shape.begin(), array.shape.end()};
}

// ---- NumPy ------------------------------------------------------------------------------------

inline void numpy_type(Pickler& p, const std::string& type, const std::string& order, int flags) {
  p.global("numpy", "dtype").op("(").text(type).op("\x89\x88").op("tR(").small(3).text(order);
  p.op("NNN").integer(-1).integer(-1).small(flags).op("tb");
}

inline void numpy_empty(Pickler& p) {
  p.global("numpy.core.multiarray", "_reconstruct").global("numpy", "ndarray").small(0);
  p.op("\x85").raw("b").op("\x87R");
}

struct NumpyArray {
  std::vector<int64_t> shape;
  std::string raw;
  std::string type = "f4";
};

inline std::string numpy_pickle(const std::vector<NumpyArray>& arrays) {
  Pickler p;
  numpy_empty(p);
  p.op("(").small(1).extents({std::ssize(arrays)});
  numpy_type(p, "O8", "|", 63);
  p.op("\x89](");
  for (const NumpyArray& array : arrays) {
    numpy_empty(p);
    p.op("(").small(1).extents(array.shape);
    numpy_type(p, array.type, "<", 0);
    p.op("\x89").raw(array.raw).op("tb");
  }
  return p.op("etb").done();
}

inline std::string numpy_header(int64_t count) { return npy_header_text("|O", Shape{count}); }

inline std::vector<NumpyArray> numpy_arrays(const Spec& spec) {
  std::vector<NumpyArray> arrays;
  for (const Array& array : arrays_of(spec)) {
    arrays.push_back({shape_of(array), numbered_values<float>(array, std::ssize(arrays))});
  }
  return arrays;
}

inline std::string numpy_file(const std::vector<NumpyArray>& arrays) {
  return numpy_header(std::ssize(arrays)) + numpy_pickle(arrays);
}

// ---- torch ------------------------------------------------------------------------------------

struct TorchTensor {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;
  std::string raw;
  std::string type = "DoubleStorage";
  int64_t first = 0;
  int64_t elements = -1;  // as declared; -1: those of `raw`
  std::string key = {};   // of the storage; empty: its number
};

// [y, x, i, o] in memory, seen as [o, i, y, x]; a depthwise kernel as [i, 1, y, x].
inline TorchTensor torch_kernel(const std::string& name, const std::vector<int64_t>& s,
                                const std::string& raw, bool depthwise) {
  const std::vector<int64_t> shape = depthwise ? std::vector<int64_t>{s[2], 1, s[0], s[1]}
                                               : std::vector<int64_t>{s[3], s[2], s[0], s[1]};
  const std::vector<int64_t> strides = {1, depthwise ? 1 : s[3], s[1] * s[2] * s[3], s[2] * s[3]};
  return {"layers." + name, shape, strides, raw};
}

inline std::vector<TorchTensor> torch_tensors(const Spec& spec) {
  static const std::map<std::string, std::string> kLeaves = {{"gamma", "weight"},
                                                             {"beta", "bias"},
                                                             {"moving_mean", "running_mean"},
                                                             {"moving_variance", "running_var"}};
  std::vector<TorchTensor> tensors;
  int64_t number = 0;
  for (const Layer& layer : layers_of(spec)) {
    const bool separable = layer.class_name == "SeparableConv2D";
    for (const Array& array : layer.arrays) {
      const std::vector<int64_t> s = shape_of(array);
      const std::string raw = numbered_values<double>(array, number++);
      const bool depthwise = array.leaf == "depthwise_kernel";
      const std::string where = layer.name + (separable ? depthwise ? "_depth" : "_point" : "");
      if (s.size() == 4) {
        tensors.push_back(torch_kernel(where + ".weight", s, raw, depthwise));
      } else if (s.size() == 2) {
        tensors.push_back({"layers." + where + ".weight", {s[1], s[0]}, {1, s[1]}, raw});
      } else {
        const auto leaf = kLeaves.find(array.leaf);
        const std::string name = leaf == kLeaves.end() ? array.leaf : leaf->second;
        tensors.push_back({"layers." + where + "." + name, s, {1}, raw});
      }
    }
    if (layer.class_name == "BatchNormalization") {
      tensors.push_back({"layers." + layer.name + ".num_batches_tracked",
                         {},
                         {},
                         raw_of(int64_t{7}),
                         "LongStorage"});
    }
  }
  return tensors;
}

inline void torch_dictionary(Pickler& p) { p.global("collections", "OrderedDict").op(")R"); }

inline std::string torch_pickle(const std::vector<TorchTensor>& tensors) {
  Pickler p(2);
  torch_dictionary(p);
  p.op("(");
  for (size_t i = 0; i < tensors.size(); ++i) {
    const TorchTensor& t = tensors[i];
    p.text(t.name).global("torch._utils", "_rebuild_tensor_v2").op("((").text("storage");
    p.global("torch", t.type).text(t.key.empty() ? std::to_string(i) : t.key).text("cpu");
    p.integer(t.elements < 0 ? std::ssize(t.raw) / 8 : t.elements).op("tQ").integer(t.first);
    p.extents(t.shape).extents(t.strides).op("\x89");
    torch_dictionary(p);
    p.op("tR");
  }
  p.op("u}").text("_metadata");
  torch_dictionary(p);
  return p.op("sb").done();
}

using ZipChange = std::function<void(ZipWriter&)>;

inline std::string torch_archive(const std::string& pickle, const std::vector<TorchTensor>& tensors,
                                 const ZipChange& more = {}) {
  constexpr auto kStored = ZipWriter::Method::kStored;
  ZipWriter zip;
  zip.add("model/data.pkl", pickle, kStored);
  zip.add("model/byteorder", "little", kStored);
  for (size_t i = 0; i < tensors.size(); ++i) {
    zip.add("model/data/" + std::to_string(i), tensors[i].raw, kStored);
  }
  zip.add("model/version", "3\n", kStored);
  zip.add("model/.data/serialization_id", std::string(40, '1'), kStored);
  if (more) more(zip);
  return zip.bytes();
}

inline std::string torch_file(const std::vector<TorchTensor>& tensors) {
  return torch_archive(torch_pickle(tensors), tensors);
}

}  // namespace secateur::fixture
