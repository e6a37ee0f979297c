#pragma once
// What the engine asks of fmt, where nobody reads a message: in a page a refusal ends the engine
// (wasm/engine.cpp). The words of a message are kept and its numbers left out, which makes the
// engine half as large and quick to compile.

#include <string>
#include <string_view>

namespace fmt {

struct format_string_text {
  std::string_view text;
  template <class T>
  constexpr format_string_text(const T& words) : text(words) {}
};

template <class...>
using format_string = format_string_text;

template <class... Args>
std::string format(format_string_text text, const Args&...) {
  return std::string(text.text);
}

template <class Range>
std::string_view join(const Range&, std::string_view between) {
  return between;
}

template <class T>
struct formatter {
  template <class Context>
  static auto format(const T&, Context&) {
    return nullptr;
  }
};

struct format_context {};

}  // namespace fmt
