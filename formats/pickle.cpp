#include "formats/pickle.h"

#include <algorithm>
#include <map>

#include "formats/byte_reader.h"
#include "formats/pickle_opcodes.h"
#include "tensor/error.h"

namespace secateur {
namespace {

using Kind = PickleValue::Kind;
using Value = std::shared_ptr<PickleValue>;

// The stack machine. A value that was taken from the memo is never changed afterwards; so a value
// that is being filled stands nowhere but on the stack, and no value can come to contain itself.
class PickleMachine {
 public:
  PickleMachine(std::string_view bytes, const std::string& file,
                const std::set<std::string, std::less<>>& globals, const PickleCaps& caps)
      : in_("pickle", file, bytes), file_(file), globals_(globals), caps_(caps) {}

  PickleRef run() {
    wanted(in_.u8() == static_cast<uint8_t>(PickleOp::kProto), "the opcode PROTO first");
    const int protocol = in_.u8();
    require(protocol == 2 || protocol == 3, "pickle", "{} is of pickle protocol {}, wanted 2 or 3",
            file_, protocol);
    for (;;) {
      at_ = in_.position();
      const uint8_t opcode = in_.u8();
      if (opcode == static_cast<uint8_t>(PickleOp::kStop)) break;
      step(opcode);
    }
    wanted(stack_.size() == 1 && marks_.empty(), "a single value at the end");
    wanted(in_.left() == 0, "nothing behind the end");
    return pop();
  }

 private:
  void wanted(bool condition, std::string_view what) const {
    require(condition, "pickle", "{} does not fit at byte {}, wanted {}", file_, at_, what);
  }

  void step(uint8_t opcode) {
    switch (static_cast<PickleOp>(opcode)) {
      case PickleOp::kNone:
        return push(make(Kind::kNone));
      case PickleOp::kNewTrue:
        return push(number(Kind::kBool, 1));
      case PickleOp::kNewFalse:
        return push(number(Kind::kBool, 0));
      case PickleOp::kBinInt1:
        return push(number(Kind::kInteger, in_.u8()));
      case PickleOp::kBinInt2:
        return push(number(Kind::kInteger, in_.u16()));
      case PickleOp::kBinInt:
        return push(number(Kind::kInteger, static_cast<int32_t>(in_.u32())));
      case PickleOp::kBinUnicode:
        return text(in_.u32());
      case PickleOp::kShortBinBytes:
        return raw(in_.u8());
      case PickleOp::kBinBytes:
        return raw(in_.u32());
      case PickleOp::kGlobal:
        return global();
      case PickleOp::kBinPut:
        return put(in_.u8());
      case PickleOp::kLongBinPut:
        return put(in_.u32());
      case PickleOp::kBinGet:
        return get(in_.u8());
      case PickleOp::kLongBinGet:
        return get(in_.u32());
      default:
        return build(opcode);
    }
  }

  // The opcodes that make a value of others, or fill one.
  void build(uint8_t opcode) {
    switch (static_cast<PickleOp>(opcode)) {
      case PickleOp::kMark:
        wanted(std::ssize(marks_) < caps_.depth, "fewer open marks");
        return marks_.push_back(stack_.size());
      case PickleOp::kEmptyTuple:
        return push(make(Kind::kTuple));
      case PickleOp::kEmptyList:
        return push(make(Kind::kList));
      case PickleOp::kEmptyDict:
        return push(make(Kind::kDict));
      case PickleOp::kTuple1:
        return collect(Kind::kTuple, top(1));
      case PickleOp::kTuple2:
        return collect(Kind::kTuple, top(2));
      case PickleOp::kTuple3:
        return collect(Kind::kTuple, top(3));
      case PickleOp::kTuple:
        return collect(Kind::kTuple, since_mark());
      case PickleOp::kReduce:
        return reduce();
      case PickleOp::kBinPersId:
        return collect(Kind::kOutside, top(1));
      case PickleOp::kAppends:
        return append(since_mark());
      case PickleOp::kSetItem:
        return set(top(2));
      case PickleOp::kSetItems:
        return set(since_mark());
      case PickleOp::kBuild:
        return fill(top(1));
      default:
        refuse(opcode);
    }
  }

  [[noreturn]] void refuse(uint8_t opcode) const {
    const std::string_view name = pickle_opcode_name(opcode);
    fail(ErrorKind::kBadInput, "pickle", "{} has the opcode {} (0x{:02x}) at byte {}, which is {}",
         file_, name.empty() ? "?" : name, opcode, at_,
         name.empty() ? "unknown" : "not among those that are read");
  }

  Value make(Kind kind) {
    wanted(++made_ <= caps_.values, "fewer values");
    const auto value = std::make_shared<PickleValue>();
    value->kind = kind;
    value->offset = at_;
    return value;
  }
  Value number(Kind kind, int64_t of) {
    Value value = make(kind);
    value->number = of;
    return value;
  }
  void push(Value value) { stack_.push_back(std::move(value)); }

  // Values above the innermost mark are all that an opcode may take.
  Value pop() {
    wanted(stack_.size() > (marks_.empty() ? 0 : marks_.back()), "a value on the stack");
    Value value = std::move(stack_.back());
    stack_.pop_back();
    return value;
  }
  std::vector<PickleRef> top(size_t count) {
    std::vector<PickleRef> items(count);
    for (size_t i = count; i-- > 0;) items[i] = pop();
    return items;
  }
  std::vector<PickleRef> since_mark() {
    wanted(!marks_.empty(), "an open mark");
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<PickleRef> items(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return items;
  }

  void deepen(PickleValue& value, const std::vector<PickleRef>& by) const {
    for (const PickleRef& item : by) value.depth = std::max(value.depth, item->depth + 1);
    wanted(value.depth <= caps_.depth, "values nested less deeply");
  }
  void collect(Kind kind, std::vector<PickleRef> items) {
    Value value = make(kind);
    deepen(*value, items);
    value->items = std::move(items);
    push(std::move(value));
  }
  void reduce() {
    std::vector<PickleRef> parts = top(2);
    wanted(parts[0]->kind == Kind::kGlobal && parts[1]->kind == Kind::kTuple,
           "a global and a tuple of arguments to call it with");
    collect(Kind::kCall, std::move(parts));
  }

  PickleValue& to_change() {
    wanted(stack_.size() > (marks_.empty() ? 0 : marks_.back()), "a value to fill");
    PickleValue& value = *stack_.back();
    wanted(!value.fetched, "no change of a value that the memo gave out: it could hold itself");
    return value;
  }
  void append(std::vector<PickleRef> items) {
    PickleValue& list = to_change();
    wanted(list.kind == Kind::kList, "a list to append to");
    deepen(list, items);
    list.items.insert(list.items.end(), items.begin(), items.end());
  }
  void set(std::vector<PickleRef> items) {
    PickleValue& value = to_change();
    wanted(value.kind == Kind::kDict || value.kind == Kind::kCall, "a dictionary to fill");
    wanted(items.size() % 2 == 0, "a value for every key");
    deepen(value, items);
    auto& entries = value.kind == Kind::kDict ? value.items : value.entries;
    entries.insert(entries.end(), items.begin(), items.end());
  }
  void fill(std::vector<PickleRef> state) {
    PickleValue& value = to_change();
    wanted(value.kind == Kind::kCall && value.state == nullptr,
           "the result of a call without a state");
    deepen(value, state);
    value.state = std::move(state[0]);
  }

  void text(uint64_t size) {
    wanted(size <= static_cast<uint64_t>(caps_.text_bytes), "a shorter text");
    Value value = make(Kind::kText);
    value->text = in_.take(size);
    push(std::move(value));
  }
  void raw(uint64_t size) {
    Value value = make(Kind::kBytes);
    value->raw = in_.take(size);
    push(std::move(value));
  }
  std::string line() {
    std::string result;
    for (char c; (c = static_cast<char>(in_.u8())) != '\n';) {
      wanted(std::ssize(result) < caps_.text_bytes, "a shorter name");
      result += c;
    }
    return result;
  }
  void global() {
    Value value = make(Kind::kGlobal);
    value->text = line();
    value->text += ' ' + line();
    require(globals_.contains(value->text), "pickle",
            "{} names the global {} at byte {}, which is not among those that are read", file_,
            printable(value->text), at_);
    push(std::move(value));
  }

  void put(uint32_t key) {
    wanted(stack_.size() > (marks_.empty() ? 0 : marks_.back()), "a value to remember");
    wanted(std::ssize(memo_) < caps_.memo, "fewer values to remember");
    wanted(memo_.emplace(key, stack_.back()).second, "each place of the memo once");
  }
  void get(uint32_t key) {
    const auto found = memo_.find(key);
    wanted(found != memo_.end(), "a value that was remembered");
    found->second->fetched = true;
    push(found->second);
  }

  ByteReader in_;
  const std::string& file_;
  const std::set<std::string, std::less<>>& globals_;
  const PickleCaps& caps_;
  uint64_t at_ = 0;  // the opcode that is carried out
  int64_t made_ = 0;
  std::vector<Value> stack_;
  std::vector<size_t> marks_;
  std::map<uint32_t, Value> memo_;
};

}  // namespace

PickleRef read_pickle(std::string_view bytes, const std::string& file,
                      const std::set<std::string, std::less<>>& globals, const PickleCaps& caps) {
  return PickleMachine(bytes, file, globals, caps).run();
}

}  // namespace secateur
