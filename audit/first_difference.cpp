#include "audit/first_difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <set>

#include "formats/input_file.h"
#include "formats/safetensors.h"
#include "tensor/error.h"
#include "tensor/flat_index.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

std::string between_tensors(const std::string& name, const Tensor& kept, const Tensor& made) {
  if (kept.shape() != made.shape()) {
    return fmt::format("{} is {} in the run and {} made again", name, kept.shape(), made.shape());
  }
  int64_t different = 0;
  int64_t first = -1;
  for (int64_t i = 0; i < kept.numel(); ++i) {
    if (std::bit_cast<uint32_t>(kept[i]) == std::bit_cast<uint32_t>(made[i])) continue;
    if (different++ == 0) first = i;
  }
  if (different == 0) return {};
  return fmt::format(
      "{}[{}] is {} ({:08x}) in the run and {} ({:08x}) made again, the first of {} numbers of "
      "{} "
      "that differ there",
      name, fmt::join(unravelled(kept.shape(), first), ","), kept[first],
      std::bit_cast<uint32_t>(kept[first]), made[first], std::bit_cast<uint32_t>(made[first]),
      different, kept.numel());
}

std::string between_safetensors(const SafetensorsFile& kept, const SafetensorsFile& made) {
  std::set<std::string> names;
  for (const auto& [name, tensor] : kept.tensors) names.insert(name);
  for (const auto& [name, tensor] : made.tensors) names.insert(name);
  for (const std::string& name : names) {
    const auto a = kept.tensors.find(name);
    const auto b = made.tensors.find(name);
    if (a == kept.tensors.end()) return fmt::format("{} is in what was made again alone", name);
    if (b == made.tensors.end()) return fmt::format("{} is in the run alone", name);
    const std::string difference = between_tensors(name, a->second, b->second);
    if (!difference.empty()) return difference;
  }
  for (const auto& [name, text] : kept.metadata) {
    const auto other = made.metadata.find(name);
    if (other == made.metadata.end() || other->second != text) {
      return fmt::format("the tensors are the same, the text '{}' beside them is not", name);
    }
  }
  return "the tensors are the same, the rest of the file is not";
}

bool is_text(const fs::path& path) {
  const std::string extension = path.extension().string();
  for (const char* known : {".json", ".jsonl", ".csv", ".toml"}) {
    if (extension == known) return true;
  }
  return false;
}

// The line around a place in it.
std::string around(const std::string& line, size_t at) {
  constexpr size_t kBefore = 60;
  constexpr size_t kMost = 160;
  const size_t begin = at > kBefore ? std::min(at - kBefore, line.size()) : 0;
  return (begin > 0 ? "..." : "") + line.substr(begin, kMost) +
         (line.size() - begin > kMost ? "..." : "");
}

std::string between_texts(const std::string& kept, const std::string& made) {
  size_t line = 1;
  for (size_t a = 0, b = 0; a < kept.size() || b < made.size(); ++line) {
    const size_t end_a = std::min(kept.find('\n', a), kept.size());
    const size_t end_b = std::min(made.find('\n', b), made.size());
    const std::string here = kept.substr(std::min(a, kept.size()), end_a - std::min(a, end_a));
    const std::string there = made.substr(std::min(b, made.size()), end_b - std::min(b, end_b));
    if (here != there) {
      const size_t same = static_cast<size_t>(
          std::mismatch(here.begin(), here.end(), there.begin(), there.end()).first - here.begin());
      return fmt::format("line {} is '{}' in the run and '{}' made again", line, around(here, same),
                         around(there, same));
    }
    a = end_a + 1;
    b = end_b + 1;
  }
  return "the line feeds at the end differ";
}

}  // namespace

std::string first_difference(const fs::path& kept, const fs::path& made) {
  if (!fs::exists(kept)) return "it is not in the run";
  if (!fs::exists(made)) return "made again, it is not there";
  const std::string a = read_file(kept, kSafetensorsCap);
  const std::string b = read_file(made, kSafetensorsCap);
  if (a == b) return {};
  if (is_text(kept)) return between_texts(a, b);
  try {
    return between_safetensors(parse_safetensors(a, kept.string()),
                               parse_safetensors(b, made.string()));
  } catch (const Error&) {  // another kind of file, or a damaged one: its bytes tell
  }
  const auto [at, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return fmt::format("byte {} differs; {} bytes in the run, {} made again", at - a.begin(),
                     a.size(), b.size());
}

}  // namespace secateur
