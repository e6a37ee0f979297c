#include "formats/npy_header.h"

#include <algorithm>
#include <array>
#include <set>

#include "formats/byte_reader.h"
#include "tensor/error.h"

namespace secateur {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

// Reads the few forms of Python literal that the header may hold.
class Literal {
 public:
  Literal(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  void wanted(bool condition, std::string_view what) const {
    require(condition, "npy", "{} has a malformed header, wanted {} at character {}", file_, what,
            at_);
  }
  bool accept(char c) {
    skip_spaces();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) { wanted(accept(c), std::string("'") + c + "'"); }

  std::string_view string() {
    skip_spaces();
    wanted(at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"'), "a string");
    const size_t begin = at_ + 1;
    const size_t end = text_.find(text_[at_], begin);
    wanted(end != std::string_view::npos, "the end of a string");
    at_ = end + 1;
    return text_.substr(begin, end - begin);
  }
  bool boolean() {
    skip_spaces();
    for (const bool value : {false, true}) {
      const std::string_view word = value ? "True" : "False";
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return value;
      }
    }
    wanted(false, "True or False");
    return false;
  }
  int64_t integer() {
    skip_spaces();
    const size_t begin = at_;
    int64_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      wanted(!__builtin_mul_overflow(value, int64_t{10}, &value) &&
                 !__builtin_add_overflow(value, int64_t{text_[at_] - '0'}, &value),
             "an extent below 2^63");
    }
    wanted(at_ > begin, "an extent");
    return value;
  }
  void end() {
    skip_spaces();
    wanted(at_ == text_.size(), "nothing more");
  }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  std::string_view text_;
  const std::string& file_;
  size_t at_ = 0;
};

void parse_type(std::string_view descr, const std::string& file, NpyHeader& header) {
  constexpr std::array<std::string_view, 10> kTypes = {"u1", "i1", "u2", "i2", "u4",
                                                       "i4", "u8", "i8", "f4", "f8"};
  bool known = false;
  for (const std::string_view type : kTypes) known |= descr.size() == 3 && descr.substr(1) == type;
  known = known && std::string_view("<>|=").find(descr[0]) != std::string_view::npos;
  require(known, "npy", "{} holds elements of type {}, wanted u1 to u8, i1 to i8, f4 or f8", file,
          printable(descr));
  header.kind = descr[1];
  header.item_bytes = descr[2] - '0';
  header.big_endian = descr[0] == '>';
  require(descr[0] != '|' || header.item_bytes == 1, "npy", "{} does not say its byte order: {}",
          file, printable(descr));
}

Shape parse_shape(Literal& text) {
  std::array<int64_t, Shape::kMaxRank> extents{};
  size_t rank = 0;
  bool comma = true;
  text.expect('(');
  while (!text.accept(')')) {
    text.wanted(rank < extents.size() && comma, "at most 6 extents with commas between them");
    extents[rank++] = text.integer();
    comma = text.accept(',');
  }
  text.wanted(rank != 1 || comma, "a comma after a single extent");
  return Shape(std::span<const int64_t>(extents.data(), rank));
}

struct Dictionary {
  std::string_view descr;
  bool fortran_order = false;
  Shape shape;
};

Dictionary parse_dictionary(std::string_view dictionary, const std::string& file) {
  Literal text(dictionary, file);
  Dictionary header;
  std::set<std::string_view> keys;
  text.expect('{');
  for (bool comma = true; !text.accept('}');) {
    text.wanted(comma, "a comma");
    const std::string_view key = text.string();
    text.wanted(keys.insert(key).second, "each key once");
    text.expect(':');
    if (key == "descr") {
      // A structured type is a list; strings are all that is read.
      header.descr = text.string();
    } else if (key == "fortran_order") {
      header.fortran_order = text.boolean();
    } else if (key == "shape") {
      header.shape = parse_shape(text);
    } else {
      text.wanted(false, "no key but descr, fortran_order and shape");
    }
    comma = text.accept(',');
  }
  text.end();
  text.wanted(keys.size() == 3, "the keys descr, fortran_order and shape");
  return header;
}

// Leaves `in` behind the header.
Dictionary read_dictionary(ByteReader& in, const std::string& file) {
  in.expect(kMagic, "NPY magic string");
  const int major = in.u8();
  const int minor = in.u8();
  require(major >= 1 && major <= 3 && minor == 0, "npy",
          "{} is of format version {}.{}, wanted 1 to 3", file, major, minor);
  const uint64_t length = major == 1 ? in.u16() : in.u32();
  require(length <= kNpyHeaderCap - in.position(), "npy",
          "{} claims a header of {} bytes, wanted at most {}", file, length,
          kNpyHeaderCap - static_cast<int64_t>(in.position()));
  return parse_dictionary(in.take(length), file);
}

// Bytes of the data. The product over all extents but the zeros must fit, so that no product of
// some of them overflows later.
int64_t checked_bytes(const NpyHeader& header, const std::string& file) {
  int64_t bytes = header.item_bytes;
  bool empty = false;
  bool fits = true;
  for (const int64_t extent : header.shape.extents()) {
    empty = empty || extent == 0;
    fits = fits && !__builtin_mul_overflow(bytes, std::max<int64_t>(extent, 1), &bytes);
  }
  require(fits, "npy", "{} claims {} elements, more than can be counted", file, header.shape);
  return empty ? 0 : bytes;
}

}  // namespace

NpyHeader parse_npy_header(std::string_view start, const std::string& file) {
  ByteReader in("npy", file, start);
  const Dictionary dictionary = read_dictionary(in, file);
  NpyHeader header;
  parse_type(dictionary.descr, file, header);
  header.fortran_order = dictionary.fortran_order;
  header.shape = dictionary.shape;
  header.data_offset = static_cast<int64_t>(in.position());
  header.data_bytes = checked_bytes(header, file);
  return header;
}

NpyObjectHeader parse_npy_object_header(std::string_view start, const std::string& file) {
  ByteReader in("npy", file, start);
  const Dictionary dictionary = read_dictionary(in, file);
  require(dictionary.descr == "|O" && !dictionary.fortran_order && dictionary.shape.rank() == 1,
          "npy", "{} is not a model: it holds {} of type {}, wanted one row of objects, its arrays",
          file, dictionary.shape, printable(dictionary.descr));
  return {dictionary.shape[0], static_cast<int64_t>(in.position())};
}

std::string npy_header_text(std::string_view type, const Shape& shape) {
  std::string extents;
  for (const int64_t extent : shape.extents()) {
    extents += fmt::format("{}{}", extents.empty() ? "" : ", ", extent);
  }
  if (shape.rank() == 1) extents += ",";
  std::string dictionary =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", type, extents);
  constexpr size_t kBefore = 10;  // magic string, version, length
  constexpr size_t kAlign = 64;
  const size_t total = (kBefore + dictionary.size() + 1 + kAlign - 1) / kAlign * kAlign;
  dictionary.append(total - kBefore - dictionary.size() - 1, ' ');
  dictionary += '\n';
  std::string result(kMagic);
  result += '\x01';
  result += '\0';
  result += static_cast<char>(dictionary.size() & 0xff);
  result += static_cast<char>(dictionary.size() >> 8);
  return result + dictionary;
}

}  // namespace secateur
