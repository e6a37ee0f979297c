#pragma once
// A value in JSON that came from a file, and its place there: the one way to read it. Whatever is
// missing, of another type or out of range is Error(kBadInput) with
//   [where] file: wanted a whole number for blocks[3].filters, got 'many'

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace secateur {

// Refers to the JSON it was made of, which must outlive it.
class JsonField {
 public:
  // The whole of `file`, which may be empty where the caller puts the file in front. `where` is a
  // constant.
  JsonField(const nlohmann::json& value, std::string_view where, std::string file);

  const nlohmann::json& value() const { return *value_; }

  // Of an object. at() of a key that is not there is a field that every reading refuses.
  bool has(const char* key) const;
  JsonField at(const char* key) const;
  void only_keys(const std::set<std::string_view>& known) const;
  std::vector<std::pair<std::string, JsonField>> members() const;
  const nlohmann::json& object() const;  // as it stands

  // Of a list of at most `most` elements.
  std::vector<JsonField> elements(size_t most = kMost) const;
  std::vector<double> numbers(size_t most = kMost) const;

  std::string text() const;
  // At most 200 characters, none of them a control character; as part of a file's name it leads
  // nowhere else.
  std::string name() const;
  bool truth() const;
  // A number with a fraction or an exponent is no whole one.
  int64_t whole(int64_t least = std::numeric_limits<int64_t>::min(),
                int64_t most = std::numeric_limits<int64_t>::max()) const;
  double number(double least = std::numeric_limits<double>::lowest(),
                double most = std::numeric_limits<double>::max()) const;

  [[noreturn]] void refuse(std::string_view wanted) const;

 private:
  static constexpr size_t kMost = std::numeric_limits<size_t>::max();

  JsonField(const JsonField& parent, const nlohmann::json* value, std::string path);
  JsonField element(size_t index) const;
  const nlohmann::json& list(size_t most) const;

  const nlohmann::json* value_;  // null: the key is not there
  std::string_view where_;
  std::string file_;
  std::string path_;  // "blocks[3].filters"; empty for the whole
};

// A value for a message, short and on one line: text as printable(), "a list of 3", "an object".
std::string shown(const nlohmann::json& value);

}  // namespace secateur
