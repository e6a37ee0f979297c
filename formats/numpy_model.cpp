#include "formats/numpy_model.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "formats/input_file.h"
#include "formats/keras_weights.h"
#include "formats/npy_header.h"
#include "formats/pickle.h"
#include "formats/published_graph.h"
#include "tensor/error.h"

namespace secateur {
namespace {

static_assert(std::endian::native == std::endian::little, "bytes are copied as they are");

constexpr int64_t kFileCap = int64_t{1} << 28;
constexpr int64_t kMostArrays = 1 << 10;
constexpr const char* kReconstruct = "numpy.core.multiarray _reconstruct";
constexpr const char* kArray = "numpy ndarray";
constexpr const char* kType = "numpy dtype";

class Arrays {
 public:
  explicit Arrays(const std::string& file) : wants_(file) {}

  // The objects of the outer array, `count` by the header of the file.
  const std::vector<PickleRef>& listed(const PickleRef& outer, int64_t count) const {
    const auto& state = state_of(outer);
    wants_.that(wants_.extents(state[1], 1, "a shape") == std::vector<int64_t>{count}, state[1],
                "the shape of the header");
    type(state[2], "O8", "|", 63);
    wants_.that(state[4]->kind == PickleValue::Kind::kList && std::ssize(state[4]->items) == count,
                state[4], "a list of as many objects as the shape says");
    return state[4]->items;
  }

  Tensor numbers(const PickleRef& array) const {
    const auto& state = state_of(array);
    const std::vector<int64_t> extents = wants_.extents(state[1], 1, "a shape");
    type(state[2], "f4", "<", 0);
    const std::string_view raw = wants_.raw(state[4], "the bytes of an array");
    // Bytes are there already: what is asked for below is never more than the file holds.
    uint64_t left = raw.size() / sizeof(float);
    bool fits = raw.size() % sizeof(float) == 0;
    for (const int64_t extent : extents) {
      fits = fits && left % static_cast<uint64_t>(extent) == 0;
      left /= static_cast<uint64_t>(extent);
    }
    wants_.that(fits && left == 1, array, "as many bytes as the shape of the array says");
    Tensor result{Shape(std::span<const int64_t>(extents))};
    std::memcpy(result.data(), raw.data(), raw.size());
    return result;
  }

 private:
  // version, shape, type, order, content
  const std::vector<PickleRef>& state_of(const PickleRef& array) const {
    const auto& empty = wants_.call(array, kReconstruct, 3, "an array");
    wants_.global(empty[0], kArray, "an array");
    wants_.that(wants_.extents(empty[1], 0, "an empty array") == std::vector<int64_t>{0}, empty[1],
                "an empty array to be filled");
    wants_.that(wants_.raw(empty[2], "the type b") == "b", empty[2], "the type b");
    wants_.that(array->entries.empty(), array, "an array without keys");
    const auto& state = wants_.tuple(array->state, "the state of an array");
    wants_.that(state.size() == 5, array->state, "the five parts of the state of an array");
    wants_.that(wants_.integer(state[0], "version 1") == 1, state[0], "version 1");
    wants_.that(!wants_.boolean(state[3], "an order"), state[3], "C order");
    return state;
  }

  // dtype(name, False, True) with the state (3, order, None, None, None, -1, -1, flags)
  void type(const PickleRef& value, std::string_view name, std::string_view order,
            int64_t flags) const {
    const std::string what = fmt::format("the type {}{}", order, name);
    const auto& made = wants_.call(value, kType, 3, what);
    wants_.that(wants_.text(made[0], what) == name && !wants_.boolean(made[1], what) &&
                    wants_.boolean(made[2], what) && value->entries.empty(),
                value, what);
    const auto& state = wants_.tuple(value->state, what);
    wants_.that(state.size() == 8, value, what);
    const auto none = [&](size_t i) { return state[i]->kind == PickleValue::Kind::kNone; };
    wants_.that(wants_.integer(state[0], what) == 3 && wants_.text(state[1], what) == order &&
                    none(2) && none(3) && none(4) && wants_.integer(state[5], what) == -1 &&
                    wants_.integer(state[6], what) == -1 && wants_.integer(state[7], what) == flags,
                value, what);
  }

  PickleWants wants_;
};

// conv kernel, bias, norm (4); then depthwise, pointwise, bias, norm (4) for each block; then dense
// kernel and bias.
PublishedShapes shapes_of(const std::vector<Tensor>& arrays, const std::string& file) {
  constexpr size_t kFirst = 6;
  constexpr size_t kEach = 7;
  constexpr size_t kReadout = 2;
  const size_t count = arrays.size();
  require(count >= kFirst + kReadout && (count - kFirst - kReadout) % kEach == 0, "npy",
          "{} holds {} arrays, wanted 6, 7 for each further block, and 2", file, count);
  const auto ranked = [&](size_t i, int rank) {
    require(arrays[i].rank() == rank, "npy", "{}: array {} is {}, wanted {} axes", file, i,
            arrays[i].shape(), rank);
    return arrays[i].shape();
  };
  PublishedShapes shapes;
  const Shape first = ranked(0, 4);
  shapes.channels = first[2];
  shapes.blocks = {{first[0], first[3]}};
  for (size_t i = kFirst; i + kReadout < count; i += kEach) {
    shapes.blocks.push_back({ranked(i, 4)[0], ranked(i + 1, 4)[3]});
  }
  const Shape dense = ranked(count - kReadout, 2);
  shapes.dense_rows = dense[0];
  shapes.outputs = dense[1];
  return shapes;
}

}  // namespace

StoredModel parse_numpy_model(std::string_view bytes, const std::string& file) {
  const NpyObjectHeader header =
      parse_npy_object_header(bytes.substr(0, static_cast<size_t>(kNpyHeaderCap)), file);
  require(header.count >= 1 && header.count <= kMostArrays, "npy",
          "{} holds {} objects, wanted 1 to {}", file, header.count, kMostArrays);
  const PickleRef outer = read_pickle(bytes.substr(static_cast<size_t>(header.data_offset)), file,
                                      {kReconstruct, kArray, kType});
  const Arrays reader(file);
  std::vector<Tensor> arrays;
  int64_t left = std::ssize(bytes);
  for (const PickleRef& array : reader.listed(outer, header.count)) {
    arrays.push_back(reader.numbers(array));
    left -= arrays.back().numel() * static_cast<int64_t>(sizeof(float));
    require(left >= 0, "npy", "{} uses the bytes of its arrays more than once", file);
  }
  KerasGraph graph = published_graph(shapes_of(arrays, file), file);
  StoredModel model;
  size_t next = 0;
  for (const KerasLayer& layer : graph.layers) {
    for (const KerasVariable& variable : layer.variables) {
      // The graph was made of the same list, so there is one array for every variable.
      model.tensors[variable.tensor] =
          from_keras(arrays[next], variable, file, fmt::format("array {}", next));
      ++next;
    }
  }
  model.architecture = std::move(graph.architecture);
  model.metadata = {{"source_format", "numpy objects"},
                    {"architecture", "from the shapes of the weights"}};
  return model;
}

StoredModel read_numpy_model(const std::filesystem::path& path) {
  return parse_numpy_model(read_file(path, kFileCap), path.string());
}

}  // namespace secateur
