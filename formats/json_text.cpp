#include "formats/json_text.h"

#include <set>
#include <vector>

#include "formats/byte_reader.h"
#include "tensor/error.h"

namespace secateur {

nlohmann::json parse_json(std::string_view text, const std::string& file, int depth_cap) {
  using Event = nlohmann::json::parse_event_t;
  std::vector<std::set<std::string>> open_objects;
  const auto check = [&](int depth, Event event, nlohmann::json& parsed) {
    require(depth <= depth_cap, "json", "{} nests deeper than {} levels", file, depth_cap);
    if (event == Event::object_start) open_objects.emplace_back();
    if (event == Event::object_end) open_objects.pop_back();
    if (event == Event::key) {
      require(open_objects.back().insert(parsed.get<std::string>()).second, "json",
              "{} repeats the key {}", file, printable(parsed.get<std::string>()));
    }
    return true;
  };
  try {
    return nlohmann::json::parse(text.begin(), text.end(), check);
  } catch (const nlohmann::json::parse_error& error) {
    fail(ErrorKind::kBadInput, "json", "{} is not valid JSON at byte {}", file, error.byte);
  } catch (const nlohmann::json::exception&) {
    fail(ErrorKind::kBadInput, "json", "{} holds a number beyond the range of double", file);
  }
}

std::string json_text(const nlohmann::json& value, const std::string& file) {
  try {
    return value.dump();
  } catch (const nlohmann::json::exception&) {
    fail(ErrorKind::kBadInput, "json", "text for {} is not UTF-8", file);
  }
}

}  // namespace secateur
