// What the readers of formats ask of values in a pickle.

#include <limits>

#include "formats/byte_reader.h"
#include "formats/pickle.h"
#include "tensor/error.h"
#include "tensor/shape.h"

namespace secateur {

using Kind = PickleValue::Kind;

void PickleWants::that(bool condition, const PickleRef& value, std::string_view what) const {
  require(condition, "pickle", "{}: the value at byte {} does not fit, wanted {}", file_,
          value == nullptr ? 0 : value->offset, what);
}

const std::vector<PickleRef>& PickleWants::tuple(const PickleRef& value,
                                                 std::string_view what) const {
  that(value != nullptr && value->kind == Kind::kTuple, value, what);
  return value->items;
}

const std::vector<PickleRef>& PickleWants::call(const PickleRef& value, std::string_view name,
                                                size_t count, std::string_view what) const {
  that(value != nullptr && value->kind == Kind::kCall, value, what);
  global(value->items[0], name, what);
  const std::vector<PickleRef>& arguments = tuple(value->items[1], what);
  that(arguments.size() == count, value, what);
  return arguments;
}

int64_t PickleWants::integer(const PickleRef& value, std::string_view what) const {
  that(value != nullptr && value->kind == Kind::kInteger, value, what);
  return value->number;
}

bool PickleWants::boolean(const PickleRef& value, std::string_view what) const {
  that(value != nullptr && value->kind == Kind::kBool, value, what);
  return value->number != 0;
}

const std::string& PickleWants::text(const PickleRef& value, std::string_view what) const {
  that(value != nullptr && value->kind == Kind::kText, value, what);
  return value->text;
}

std::string_view PickleWants::raw(const PickleRef& value, std::string_view what) const {
  that(value != nullptr && value->kind == Kind::kBytes, value, what);
  return value->raw;
}

void PickleWants::global(const PickleRef& value, std::string_view name,
                         std::string_view what) const {
  that(value != nullptr && value->kind == Kind::kGlobal && value->text == name, value, what);
}

std::vector<int64_t> PickleWants::extents(const PickleRef& value, int64_t least,
                                          std::string_view what) const {
  std::vector<int64_t> result;
  for (const PickleRef& item : tuple(value, what)) {
    that(result.size() < Shape::kMaxRank, value, what);
    result.push_back(integer(item, what));
    that(result.back() >= least && result.back() <= std::numeric_limits<int32_t>::max(), item,
         what);
  }
  return result;
}

}  // namespace secateur
