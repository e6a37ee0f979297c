#include "compression/metadata_text.h"

#include <algorithm>
#include <array>

#include "tensor/error.h"

namespace secateur {
namespace {

// What models that are read from other files say of them, and what the files of a run say. A phrase
// that holds another stands before it.
constexpr std::array<std::string_view, 9> kPhrases = {
    R"({"architecture":"from its description","keras_version":")",
    R"(","source_format":"keras"})",
    R"({"seen":")",
    R"({"architecture":")",
    R"("source_format":")",
    R"("keras_version":")",
    R"("seen":")",
    R"("})",
    R"(",")"};
constexpr char kHex = 31;
constexpr std::string_view kDigits = "0123456789abcdef";
constexpr size_t kFewestDigits = 6;  // shorter ones are not worth their two bytes
constexpr size_t kMostDigits = 2 * 255;

size_t hex_digits_at(std::string_view text) {
  const size_t end = std::min(text.find_first_not_of(kDigits), text.size());
  return std::min(end, kMostDigits) / 2 * 2;
}

}  // namespace

std::string pack_metadata(std::string_view text) {
  std::string packed;
  while (!text.empty()) {
    const auto* const phrase = std::find_if(
        kPhrases.begin(), kPhrases.end(), [&](std::string_view p) { return text.starts_with(p); });
    if (phrase != kPhrases.end()) {
      packed.push_back(static_cast<char>(1 + (phrase - kPhrases.begin())));
      text.remove_prefix(phrase->size());
      continue;
    }
    const size_t digits = hex_digits_at(text);
    if (digits < kFewestDigits) {
      packed.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    packed.push_back(kHex);
    packed.push_back(static_cast<char>(digits / 2));
    for (size_t i = 0; i < digits; i += 2) {
      packed.push_back(static_cast<char>(16 * kDigits.find(text[i]) + kDigits.find(text[i + 1])));
    }
    text.remove_prefix(digits);
  }
  return packed;
}

std::string unpack_metadata(std::string_view packed, int64_t cap, const std::string& file) {
  std::string text;
  for (size_t at = 0; at < packed.size(); ++at) {
    require(static_cast<int64_t>(text.size()) <= cap, "compact",
            "{}: wanted at most {} bytes of metadata", file, cap);
    const auto byte = static_cast<uint8_t>(packed[at]);
    if (byte >= 32) {
      text.push_back(packed[at]);
    } else if (byte == static_cast<uint8_t>(kHex)) {
      const size_t count = at + 1 < packed.size() ? static_cast<uint8_t>(packed[at + 1]) : 0;
      require(count >= 1 && count <= packed.size() - at - 2, "compact",
              "{}: the metadata end within a number", file);
      for (const char pair : packed.substr(at + 2, count)) {
        text.push_back(kDigits[static_cast<uint8_t>(pair) / 16]);
        text.push_back(kDigits[static_cast<uint8_t>(pair) % 16]);
      }
      at += 1 + count;
    } else {
      require(byte >= 1 && byte <= kPhrases.size(), "compact",
              "{}: byte {} of the metadata stands for nothing", file, byte);
      text += kPhrases[byte - 1];
    }
  }
  return text;
}

}  // namespace secateur
