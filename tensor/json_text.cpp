#include "tensor/json_text.h"

#include <algorithm>
#include <vector>

#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

using nlohmann::json;

// Builds the value event by event. The library's own parser looks through all members of a list
// again after each object in it when it has a callback: 100,000 objects would take half a minute.
class Builder final : public nlohmann::json_sax<json> {
 public:
  Builder(std::string_view text, const std::string& file, const JsonCaps& caps)
      : text_(text), file_(file), caps_(caps) {}

  json take() { return std::move(root_); }

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // never in text
  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    const auto [member, is_new] =
        open_.back()->get_ref<json::object_t&>().try_emplace(name, nullptr);
    require(is_new, "json", "{} repeats the key {}", file_, printable(name));
    member_ = &member->second;
    return true;
  }

  bool parse_error(std::size_t byte, const std::string&, const json::exception& error) override {
    constexpr int kBeyondDouble = 406;
    const size_t before = std::min(byte, text_.size());
    const auto line =
        1 + std::count(text_.begin(), text_.begin() + static_cast<long>(before), '\n');
    fail(ErrorKind::kBadInput, "json", "{} {} at byte {}{}", file_,
         error.id == kBeyondDouble ? "holds a number beyond the range of double"
                                   : "is not valid JSON",
         byte, line > 1 ? fmt::format(" (line {})", line) : "");
  }

 private:
  // Where the next value stands: behind the last one of a list, under the last key of an object.
  json& place(json value) {
    require(++values_ <= caps_.values, "json", "{} holds more than {} values", file_, caps_.values);
    if (open_.empty()) return root_ = std::move(value);
    if (!open_.back()->is_array()) return *member_ = std::move(value);
    open_.back()->push_back(std::move(value));
    return open_.back()->back();
  }
  bool put(json value) {
    place(std::move(value));
    return true;
  }
  bool open(json empty) {
    require(std::ssize(open_) < caps_.depth, "json", "{} nests deeper than {} levels", file_,
            caps_.depth);
    open_.push_back(&place(std::move(empty)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::string_view text_;
  const std::string& file_;
  const JsonCaps& caps_;
  json root_;
  std::vector<json*> open_;  // lists and objects that have not ended; none of them moves meanwhile
  json* member_ = nullptr;
  int64_t values_ = 0;
};

}  // namespace

json parse_json(std::string_view text, const std::string& file, const JsonCaps& caps) {
  Builder builder(text, file, caps);
  json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

std::string json_text(const json& value, const std::string& file) {
  try {
    return value.dump();
  } catch (const json::exception&) {
    fail(ErrorKind::kBadInput, "json", "text for {} is not UTF-8", file);
  }
}

}  // namespace secateur
