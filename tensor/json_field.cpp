#include "tensor/json_field.h"

#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {

using nlohmann::json;

JsonField::JsonField(const json& value, std::string_view where, std::string file)
    : value_(&value), where_(where), file_(std::move(file)) {}

JsonField::JsonField(const JsonField& parent, const json* value, std::string path)
    : value_(value), where_(parent.where_), file_(parent.file_), path_(std::move(path)) {}

void JsonField::refuse(std::string_view wanted) const {
  fail(ErrorKind::kBadInput, where_, "{}{}wanted {}{}{}, got {}", file_, file_.empty() ? "" : ": ",
       wanted, path_.empty() ? "" : " for ", path_, value_ == nullptr ? "nothing" : shown(*value_));
}

const json& JsonField::object() const {
  if (value_ == nullptr || !value_->is_object()) refuse("an object");
  return *value_;
}

bool JsonField::has(const char* key) const { return object().contains(key); }

JsonField JsonField::at(const char* key) const {
  const auto found = object().find(key);
  return JsonField(*this, found == value_->end() ? nullptr : &*found,
                   path_.empty() ? key : path_ + "." + key);
}

void JsonField::only_keys(const std::set<std::string_view>& known) const {
  for (const auto& item : object().items()) {
    require(known.contains(item.key()), where_, "{}{}unknown key {}{}{}", file_,
            file_.empty() ? "" : ": ", printable(item.key()), path_.empty() ? "" : " in ", path_);
  }
}

std::vector<std::pair<std::string, JsonField>> JsonField::members() const {
  std::vector<std::pair<std::string, JsonField>> result;
  for (const auto& item : object().items()) {
    const std::string path = (path_.empty() ? "" : path_ + ".") + printable(item.key());
    result.emplace_back(item.key(), JsonField(*this, &item.value(), path));
  }
  return result;
}

JsonField JsonField::element(size_t index) const {
  return JsonField(*this, &(*value_)[index], fmt::format("{}[{}]", path_, index));
}

const json& JsonField::list(size_t most) const {
  if (value_ == nullptr || !value_->is_array()) refuse("a list");
  if (value_->size() > most) refuse(fmt::format("a list of at most {}", most));
  return *value_;
}

std::vector<JsonField> JsonField::elements(size_t most) const {
  std::vector<JsonField> result;
  for (size_t i = 0; i < list(most).size(); ++i) result.push_back(element(i));
  return result;
}

std::vector<double> JsonField::numbers(size_t most) const {
  std::vector<double> result;
  for (size_t i = 0; i < list(most).size(); ++i) result.push_back(element(i).number());
  return result;
}

std::string JsonField::text() const {
  if (value_ == nullptr || !value_->is_string()) refuse("a text");
  return value_->get<std::string>();
}

std::string JsonField::name() const {
  constexpr size_t kLongest = 200;
  const std::string name = text();
  if (name.size() > kLongest || name != without_controls(name)) {
    refuse(fmt::format("a name of at most {} printable characters", kLongest));
  }
  if (name == "." || name == ".." || name.find('/') != std::string::npos) {
    refuse("a name that is no path");
  }
  return name;
}

bool JsonField::truth() const {
  if (value_ == nullptr || !value_->is_boolean()) refuse("true or false");
  return value_->get<bool>();
}

int64_t JsonField::whole(int64_t least, int64_t most) const {
  constexpr uint64_t kLargest = std::numeric_limits<int64_t>::max();
  const bool fits = value_ != nullptr && value_->is_number_integer() &&
                    (!value_->is_number_unsigned() || value_->get<uint64_t>() <= kLargest);
  if (!fits) refuse("a whole number");
  const int64_t number = value_->get<int64_t>();
  if (number < least || number > most) {
    refuse(fmt::format("a whole number from {} to {}", least, most));
  }
  return number;
}

double JsonField::number(double least, double most) const {
  if (value_ == nullptr || !value_->is_number()) refuse("a number");
  const double number = value_->get<double>();
  if (!(number >= least && number <= most)) {
    refuse(fmt::format("a number from {} to {}", least, most));
  }
  return number;
}

std::string shown(const json& value) {
  if (value.is_string()) return printable(value.get_ref<const std::string&>());
  if (value.is_object()) return "an object";
  if (value.is_array()) return fmt::format("a list of {}", value.size());
  return value.dump();
}

}  // namespace secateur
