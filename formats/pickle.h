#pragma once
// Python pickles as data: the few opcodes that NumPy and torch write for plain arrays, and nothing
// that runs.
//
// A pickle is a program for a small stack machine. Here a call is only noted (what would be called,
// with what), the names that may be called come from the reader of a format, and every opcode or
// name beyond them is refused. Written from the descriptions in Python's pickletools module.

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace secateur {

struct PickleValue;
using PickleRef = std::shared_ptr<const PickleValue>;

// One value. Values may be shared (through the memo), and none contains itself.
struct PickleValue {
  enum class Kind {
    kNone,
    kBool,
    kInteger,
    kText,
    kBytes,
    kGlobal,
    kTuple,
    kList,
    kDict,
    kCall,
    kOutside
  };
  Kind kind = Kind::kNone;
  uint64_t offset = 0;   // of the opcode that made it
  int64_t number = 0;    // bool, integer
  std::string text;      // text; of a global "torch DoubleStorage"
  std::string_view raw;  // bytes, within what was given to read_pickle()
  // Tuple and list: their items. Dict: key, value, key, value, ... A call: what is called, and the
  // tuple of its arguments. Outside (a "persistent id"): the one value that names the thing.
  std::vector<PickleRef> items;
  // Of a call, what its result would be filled with: a state, and keys and values.
  PickleRef state;
  std::vector<PickleRef> entries;

  int depth = 1;         // of nested values
  bool fetched = false;  // has been taken from the memo
};

struct PickleCaps {
  int64_t depth = 16;           // of nested values and of open marks
  int64_t memo = 1 << 12;       // entries
  int64_t values = 1 << 16;     // made in all
  int64_t text_bytes = 1 << 8;  // of one text or global
};

// The value that the whole of `bytes` describes; `bytes` must outlive it. `globals` are the names
// that may stand in it, as "module name". Everything else is Error(kBadInput) naming the file, the
// byte, and the opcode or global.
PickleRef read_pickle(std::string_view bytes, const std::string& file,
                      const std::set<std::string, std::less<>>& globals,
                      const PickleCaps& caps = {});

// "GLOBAL", "STACK_GLOBAL", ...: Python's name of an opcode, known to us or not; "" when none.
std::string_view pickle_opcode_name(uint8_t opcode);

// What a format wants of values. Each refuses another kind of value with Error(kBadInput) naming
// `what`.
class PickleWants {
 public:
  explicit PickleWants(std::string file) : file_(std::move(file)) {}

  void that(bool condition, const PickleRef& value, std::string_view what) const;
  const std::vector<PickleRef>& tuple(const PickleRef& value, std::string_view what) const;
  // The arguments of a call of the global `name`, `count` of them.
  const std::vector<PickleRef>& call(const PickleRef& value, std::string_view name, size_t count,
                                     std::string_view what) const;
  int64_t integer(const PickleRef& value, std::string_view what) const;
  bool boolean(const PickleRef& value, std::string_view what) const;
  const std::string& text(const PickleRef& value, std::string_view what) const;
  std::string_view raw(const PickleRef& value, std::string_view what) const;
  void global(const PickleRef& value, std::string_view name, std::string_view what) const;
  // A tuple of integers from `least` to 2^31 - 1, at most six of them.
  std::vector<int64_t> extents(const PickleRef& value, int64_t least, std::string_view what) const;

 private:
  std::string file_;
};

}  // namespace secateur
