#include "formats/torch_archive.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <set>

#include "formats/byte_reader.h"
#include "formats/pickle.h"
#include "formats/zip.h"
#include "tensor/error.h"

namespace secateur {
namespace {

static_assert(std::endian::native == std::endian::little, "bytes are copied as they are");

constexpr int64_t kFileCap = int64_t{1} << 28;
constexpr int64_t kPickleCap = int64_t{1} << 20;
constexpr int64_t kSmallCap = 64;  // of the members that only say a word
constexpr int64_t kItemBytes = 8;  // of float64 and int64
constexpr const char* kRebuild = "torch._utils _rebuild_tensor_v2";
constexpr const char* kDictionary = "collections OrderedDict";
constexpr const char* kDoubles = "torch DoubleStorage";
constexpr const char* kIntegers = "torch LongStorage";

// Each member is read once, and has to be.
class Members {
 public:
  Members(std::string bytes, const std::string& file)
      : zip_(std::move(bytes), file,
             {.file_bytes = kFileCap, .entries = 1 << 12, .total_bytes = kFileCap}) {
    require(!zip_.entries().empty(), "torch", "{} is an empty archive", file);
    const std::string& first = zip_.entries()[0].name;
    folder_ = first.substr(0, first.find('/') + 1);
    require(!folder_.empty(), "torch", "{} begins with {}, wanted a folder with data.pkl", file,
            printable(first));
    for (const ZipEntry& entry : zip_.entries()) left_.insert(entry.name);
  }

  std::string take(const std::string& name, int64_t cap) {
    const int64_t index = zip_.find(folder_ + name);
    require(index >= 0 && left_.erase(folder_ + name) == 1, "torch", "{} has no {}{}", zip_.file(),
            printable(folder_ + name), index < 0 ? "" : " that is not in use already");
    return zip_.read(index, cap);
  }

  void expect_word(const char* name, std::string_view word) {
    const std::string text = take(name, kSmallCap);
    require(text == word || text == fmt::format("{}\n", word), "torch",
            "{} has the {} {}, wanted {}", zip_.file(), name, printable(text), word);
  }

  void expect_none_left() const {
    require(left_.empty(), "torch", "{} has the member {}, which nothing uses", zip_.file(),
            printable(left_.empty() ? "" : *left_.begin()));
  }

 private:
  ZipReader zip_;
  std::string folder_;
  std::set<std::string> left_;
};

struct Layout {
  std::vector<int64_t> extents;
  std::vector<int64_t> strides;
  int64_t numel = 1;
};

class StateDictionary {
 public:
  StateDictionary(Members& members, const std::string& file)
      : members_(members), file_(file), wants_(file) {}

  TorchTensors read(const PickleRef& top) {
    expect_dictionary(top, "a state dictionary");
    for (size_t i = 0; i + 1 < top->entries.size(); i += 2) {
      const std::string& name = wants_.text(top->entries[i], "the name of an array");
      wants_.that(!result_.tensors.contains(name) && !result_.counters.contains(name),
                  top->entries[i], "each name once");
      read_tensor(name, top->entries[i + 1]);
    }
    return std::move(result_);
  }

 private:
  // Its state says the versions of the modules, which change no value.
  void expect_dictionary(const PickleRef& value, const char* what) const {
    wants_.call(value, kDictionary, 0, what);
  }

  // _rebuild_tensor_v2(storage, first, extents, strides, requires_grad, hooks)
  void read_tensor(const std::string& name, const PickleRef& value) {
    const auto& parts = wants_.call(value, kRebuild, 6, "a tensor");
    wants_.that(value->state == nullptr && value->entries.empty(), value, "a plain tensor");
    wants_.that(wants_.integer(parts[1], "the first element 0") == 0, parts[1],
                "the first element 0");
    wants_.that(!wants_.boolean(parts[4], "no gradient"), parts[4], "no gradient");
    expect_dictionary(parts[5], "no hooks");
    wants_.that(parts[5]->entries.empty() && parts[5]->state == nullptr, parts[5], "no hooks");
    Layout layout{wants_.extents(parts[2], 1, "a shape"), wants_.extents(parts[3], 0, "strides")};
    wants_.that(layout.extents.size() == layout.strides.size(), value, "a stride for every axis");
    for (const int64_t extent : layout.extents) {
      wants_.that(!__builtin_mul_overflow(layout.numel, extent, &layout.numel), value,
                  "fewer elements");
    }
    read_storage(name, parts[0], layout);
  }

  // ("storage", type, key, "cpu", elements)
  void read_storage(const std::string& name, const PickleRef& value, const Layout& layout) {
    wants_.that(value->kind == PickleValue::Kind::kOutside, value, "a storage");
    const auto& parts = wants_.tuple(value->items[0], "the description of a storage");
    wants_.that(parts.size() == 5 && wants_.text(parts[0], "a storage") == "storage" &&
                    wants_.text(parts[3], "the place cpu") == "cpu",
                value, "the five parts of a storage on the cpu");
    wants_.that(parts[1]->kind == PickleValue::Kind::kGlobal &&
                    (parts[1]->text == kDoubles || parts[1]->text == kIntegers),
                parts[1], "a storage of doubles or of long integers");
    const int64_t elements = wants_.integer(parts[4], "a count of elements");
    wants_.that(elements == layout.numel, value, "a tensor that uses its whole storage");
    const std::string raw =
        members_.take("data/" + wants_.text(parts[2], "the key of a storage"), kFileCap);
    require(std::ssize(raw) == elements * kItemBytes, "torch",
            "{}: {} has {} bytes, wanted {} for {} elements", file_, printable(name), raw.size(),
            elements * kItemBytes, elements);
    if (parts[1]->text == kIntegers) {
      wants_.that(layout.extents.empty(), value, "integers only as scalars");
      std::memcpy(&result_.counters[name], raw.data(), kItemBytes);
    } else {
      result_.tensors[name] = gather(name, raw, layout);
    }
  }

  // Elements in C order of the shape. The strides have to reach every element of the storage once:
  // none may be read twice, or the shape is not what the storage holds.
  Tensor gather(const std::string& name, const std::string& raw, const Layout& layout) const {
    Tensor result{Shape(std::span<const int64_t>(layout.extents))};
    std::vector<bool> seen(static_cast<size_t>(layout.numel));
    for (int64_t i = 0; i < layout.numel; ++i) {
      int64_t rest = i;
      int64_t at = 0;  // each term is below 2^62
      bool inside = true;
      for (size_t axis = layout.extents.size(); axis-- > 0;) {
        at += rest % layout.extents[axis] * layout.strides[axis];
        inside = inside && at < layout.numel;
        at = inside ? at : 0;
        rest /= layout.extents[axis];
      }
      require(inside && !seen[static_cast<size_t>(at)], "torch",
              "{}: the strides of {} leave its storage or meet in it", file_, printable(name));
      seen[static_cast<size_t>(at)] = true;
      double number;
      std::memcpy(&number, raw.data() + at * kItemBytes, sizeof(number));
      result[i] = static_cast<float>(number);
      require(std::isfinite(result[i]), "torch", "{}: {} has values that are not finite in float32",
              file_, printable(name));
    }
    return result;
  }

  Members& members_;
  const std::string& file_;
  PickleWants wants_;
  TorchTensors result_;
};

}  // namespace

TorchTensors read_torch_tensors(std::string bytes, const std::string& file) {
  Members members(std::move(bytes), file);
  const std::string pickle = members.take("data.pkl", kPickleCap);
  members.expect_word("byteorder", "little");
  members.expect_word("version", "3");
  members.take(".data/serialization_id", kSmallCap);
  TorchTensors tensors =
      StateDictionary(members, file)
          .read(read_pickle(pickle, file, {kRebuild, kDictionary, kDoubles, kIntegers}));
  members.expect_none_left();
  return tensors;
}

}  // namespace secateur
