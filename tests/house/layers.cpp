#include "tests/house/layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace secateur::house {
namespace {

// A header from outside, by how its name begins, and the places that may include it.
struct Outside {
  std::string_view header;
  std::vector<std::string_view> places;
};

const std::vector<Outside>& outside_headers() {
  static const std::vector<Outside> all = {
      {"dnnl", {"ops/backend/onednn_"}},
      {"oneapi/", {"ops/backend/onednn_"}},
      {"cblas", {"ops/backend/blas.cpp"}},
      {"mkl", {}},
      {"omp.h", {"tensor/", "tests/tensor/", "ops/backend/onednn_"}},
      {"immintrin.h", {"ops/"}},
      {"zip.h", {"formats/"}},
      {"stb_", {"formats/"}},
      {"hdf5.h", {"tests/formats/"}},  // an independent writer for tests; reading is our own
      {"sodium", {"provenance/", "tensor/sha256.cpp"}},
      {"toml++/", {"apps/"}},
      {"CLI/", {"apps/", "bench/"}},
      {"gtest/", {"tests/"}},
      {"gmock/", {"tests/"}},
      {"rapidcheck", {"tests/"}},
      {"benchmark/", {"bench/"}},
  };
  return all;
}

bool starts_with_one_of(std::string_view text, const std::vector<std::string_view>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return text.starts_with(prefix); });
}

bool is_driver(std::string_view path) {
  return starts_with_one_of(path, {"apps/", "bench/", "tests/"});
}

// Programs may print and exit. An example is one, but sees of ops/ what any stranger sees.
bool is_program(std::string_view path) { return is_driver(path) || path.starts_with("examples/"); }

// "relu" of "ops/relu/relu.h"; "" of a shared header such as "ops/elementwise.h".
std::string room_of(std::string_view path) {
  const std::string_view rest = path.substr(4);
  const size_t slash = rest.find('/');
  return std::string(slash == std::string_view::npos ? "" : rest.substr(0, slash));
}

// A fused room is made of the inner loops of the rooms it fuses; nothing else looks into a room.
bool fuses(std::string_view from, std::string_view to) {
  static const std::map<std::string_view, std::set<std::string_view>> fused = {
      {"norm_depthwise", {"batch_norm", "conv2d"}}};
  const auto parts = fused.find(from);
  return parts != fused.end() && parts->second.count(to) == 1;
}

// What is wrong with `path` including `header`, both below ops/; "" when nothing is.
std::string check_room(std::string_view path, std::string_view header) {
  const std::string from = room_of(path);
  const std::string to = room_of(header);
  const bool oracle = path.ends_with("_ref.h");
  if (header.ends_with("_ref.h")) {
    return oracle || path.ends_with("_cases.cpp") ? "" : "an oracle is for tables of cases only";
  }
  if (oracle) {
    const std::string contract = fmt::format("ops/{0}/{0}.h", from);
    const bool plain =
        header == contract || header == "ops/reference_tensor.h" || header == "ops/pool_window.h";
    return plain ? "" : "an oracle shares no code with the kernels";
  }
  if (to == from || to.empty() || fuses(from, to)) return "";
  if (to == "backend") {
    return header == "ops/backend/onednn_runtime.h" ? "it is for the oneDNN adapters only" : "";
  }
  if (from == "backend" && header == "ops/conv2d/conv_geometry.h") return "";
  return "a room does not look into another";
}

// What is wrong with `path`, outside of ops/, including `header` of ops/.
std::string check_from_outside(std::string_view path, std::string_view header) {
  if (is_driver(path)) return "";
  const std::string room = room_of(header);
  const bool contract = header == fmt::format("ops/{0}/{0}.h", room);
  if (room.empty() || contract || header == "ops/backend/gemm.h") return "";
  return "outside of ops/ only the contract of a room (ops/<op>/<op>.h) is used";
}

std::string check_ours(std::string_view path, std::string_view header) {
  const std::string from = folder_of(path);
  const std::string to = folder_of(header);
  const auto allowed = arrows().find(from);
  if (allowed == arrows().end()) return fmt::format("the folder {} has no arrows", from);
  if (to != from && allowed->second.count(to) == 0) {
    return fmt::format("{} may not use {}", from, to);
  }
  if (to != "ops") return "";
  return from == "ops" ? check_room(path, header) : check_from_outside(path, header);
}

std::string check_outside(std::string_view path, std::string_view header) {
  for (const Outside& outside : outside_headers()) {
    if (!header.starts_with(outside.header)) continue;
    return starts_with_one_of(path, outside.places) ? "" : "this library has its own place";
  }
  return "";
}

}  // namespace

const Arrows& arrows() {
  static const Arrows table = {
      {"tensor", {}},
      {"autograd", {"tensor"}},
      {"ops", {"autograd", "tensor"}},
      {"models", {"ops", "autograd", "tensor"}},
      {"formats", {"tensor"}},
      {"data", {"formats", "tensor"}},
      {"training", {"models", "data", "formats", "ops", "autograd", "tensor"}},
      {"pruning", {"models", "ops", "autograd", "tensor"}},
      {"compression", {"pruning", "models", "formats", "autograd", "tensor"}},
      {"model_files", {"compression", "models", "formats", "tensor"}},
      {"analysis", {"models", "data", "formats", "ops", "autograd", "tensor"}},
      {"provenance", {"formats", "tensor"}},
      {"apps",
       {"analysis", "autograd", "compression", "data", "formats", "model_files", "models", "ops",
        "provenance", "pruning", "tensor", "training"}},
      {"examples",
       {"analysis", "autograd", "compression", "data", "formats", "model_files", "models", "ops",
        "provenance", "pruning", "tensor", "training"}},
      {"bench",
       {"analysis", "apps", "autograd", "compression", "data", "formats", "model_files", "models",
        "ops", "provenance", "pruning", "tensor", "tests", "training"}},
      {"tests",
       {"analysis", "apps", "autograd", "compression", "data", "formats", "model_files", "models",
        "ops", "provenance", "pruning", "tensor", "training"}},
  };
  return table;
}

std::vector<std::string> check_includes(const SourceFile& file) {
  static const std::regex include(R"re(^\s*#\s*include\s*(["<])([^">]+)[">])re");
  std::vector<std::string> wrong;
  const std::vector<std::string> lines = lines_of(file.text);
  for (size_t i = 0; i < lines.size(); ++i) {
    std::smatch match;
    if (!std::regex_search(lines[i], match, include)) continue;
    const std::string header = match[2];
    std::string what;
    if (arrows().count(folder_of(header)) != 0) {
      what = check_ours(file.path, header);
    } else if (match[1] == "\"") {
      what = "wanted the path from the root of the house";
    } else {
      what = check_outside(file.path, header);
    }
    if (!what.empty())
      wrong.push_back(fmt::format("{}:{}: {}: {}", file.path, i + 1, header, what));
  }
  return wrong;
}

std::vector<std::string> check_quiet(const SourceFile& file) {
  if (is_program(file.path)) return {};
  static const std::regex loud(R"re(\b(cout|cerr|clog)\b|<iostream>|\bfmt\s*::\s*print)re"
                               R"re(|\b(v?f?printf|f?puts|f?putc|putchar|perror)\s*\()re"
                               R"re(|\b(_?_?exit|_Exit|quick_exit|abort|terminate)\s*\()re");
  std::vector<std::string> wrong;
  const std::vector<std::string> lines = lines_of(code_only(file.text));
  for (size_t i = 0; i < lines.size(); ++i) {
    std::smatch match;
    if (!std::regex_search(lines[i], match, loud)) continue;
    wrong.push_back(fmt::format("{}:{}: {}: the library throws, it never prints or exits",
                                file.path, i + 1, match.str()));
  }
  return wrong;
}

Arrows linked_folders(std::string_view cmake) {
  static const std::regex folder(R"re(secateur_folder\((\w+)([^)]*)\))re");
  Arrows links;
  const std::string text(cmake);
  for (std::sregex_iterator at(text.begin(), text.end(), folder), end; at != end; ++at) {
    std::set<std::string>& to = links[(*at)[1]];
    std::istringstream words((*at)[2]);
    for (std::string word; words >> word && word != "PRIVATE";) {
      if (word != "LINKS") to.insert(word);
    }
  }
  return links;
}

}  // namespace secateur::house
