#include "tests/house/layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
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
      {"immintrin.h", {"ops/vector/simd.h", "ops/batch_norm/"}},
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
  const std::string_view rest = path.substr(path.find('/') + 1);
  const size_t slash = rest.find('/');
  return std::string(slash == std::string_view::npos ? "" : rest.substr(0, slash));
}

// A fused operation -> what it uses of the rooms of those that it is made of, by how the header
// begins.
const std::map<std::string_view, std::vector<std::string_view>>& fused_rooms() {
  static const std::map<std::string_view, std::vector<std::string_view>> all = {
      {"norm_depthwise", {"ops/batch_norm/", "ops/conv2d/conv2d.h"}}};
  return all;
}

// Headers of shared rooms that all of the house may use: what runs on this machine, and the matrix
// product.
bool for_the_house(std::string_view header) {
  static const std::set<std::string_view> all = {"ops/backend/blas.h",
                                                 "ops/backend/gemm.h",
                                                 "ops/backend/onednn.h",
                                                 "ops/backend/onednn_inference.h",
                                                 "ops/backend/reproducibility.h",
                                                 "ops/vector/isa.h"};
  return all.count(header) == 1;
}

// As check_room(), where `path` or `header` is an oracle.
std::string check_oracle(std::string_view path, std::string_view header) {
  const bool oracle = path.ends_with("_ref.h");
  if (header.ends_with("_ref.h")) {
    return oracle || path.ends_with("_cases.cpp") ? "" : "an oracle is for tables of cases only";
  }
  const std::string contract = fmt::format("ops/{0}/{0}.h", room_of(path));
  const bool plain =
      header == contract || header == "ops/reference_tensor.h" || header == "ops/pool_window.h";
  return plain ? "" : "an oracle shares no code with the kernels";
}

// What is wrong with `path` including `header`, both below ops/; "" when nothing is.
std::string check_room(std::string_view path, std::string_view header) {
  if (path.ends_with("_ref.h") || header.ends_with("_ref.h")) return check_oracle(path, header);
  const std::string from = room_of(path);
  const std::string to = room_of(header);
  if (to == from || to.empty()) return "";
  if (header == "ops/backend/onednn_runtime.h") return "it is for the oneDNN adapters only";
  if (from.empty()) return "a shared header uses no room";
  const auto shared = shared_rooms().find(from);
  if (shared != shared_rooms().end()) {
    return shared->second.count(to) == 1 ? "" : "this shared room may not use that one";
  }
  if (shared_rooms().count(to) == 1) return "";
  const auto fused = fused_rooms().find(from);
  const bool part = fused != fused_rooms().end() && starts_with_one_of(header, fused->second);
  return part ? "" : "an operation does not look into another";
}

// An algorithm of pruning is a room. What the algorithms share stands in pruning/ itself and knows
// none of them.
std::string check_algorithm(std::string_view path, std::string_view header) {
  const std::string to = room_of(header);
  return to.empty() || to == room_of(path) ? "" : "a room does not look into another";
}

// What is wrong with `path`, outside of ops/, including `header` of ops/.
std::string check_from_outside(std::string_view path, std::string_view header) {
  if (is_driver(path)) return "";
  const std::string room = room_of(header);
  const bool contract =
      header == fmt::format("ops/{0}/{0}.h", room) && shared_rooms().count(room) == 0;
  if (room.empty() || contract || for_the_house(header)) return "";
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
  if (from == "pruning" && to == "pruning") return check_algorithm(path, header);
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
      {"interpretation", {"analysis", "models", "data", "formats", "ops", "autograd", "tensor"}},
      {"provenance", {"formats", "tensor"}},
      {"chain",
       {"analysis", "autograd", "compression", "data", "formats", "model_files", "models", "ops",
        "provenance", "pruning", "tensor", "training"}},
      {"audit",
       {"chain", "formats", "model_files", "models", "provenance", "pruning", "tensor",
        "training"}},
      {"trace",
       {"chain", "compression", "model_files", "models", "provenance", "pruning", "tensor"}},
      {"report",
       {"analysis", "autograd", "chain", "data", "formats", "interpretation", "model_files",
        "models", "pruning", "tensor"}},
      {"prunebench",
       {"analysis", "chain", "data", "formats", "model_files", "models", "ops", "pruning", "report",
        "tensor", "training"}},
      {"playground", {"formats", "interpretation", "models", "ops", "pruning", "report", "tensor"}},
      {"apps",
       {"analysis", "audit", "chain", "compression", "data", "formats", "interpretation",
        "model_files", "models", "ops", "playground", "provenance", "prunebench", "pruning",
        "report", "tensor", "trace", "training"}},
      {"examples",
       {"analysis", "autograd", "chain", "compression", "data", "formats", "model_files", "models",
        "ops", "provenance", "pruning", "tensor", "training"}},
      {"bench",
       {"analysis", "apps", "autograd", "chain", "compression", "data", "formats", "interpretation",
        "model_files", "models", "ops", "provenance", "pruning", "tensor", "tests", "training"}},
      {"tests", {"analysis",    "apps",   "audit",      "autograd",       "chain",
                 "compression", "data",   "formats",    "interpretation", "model_files",
                 "models",      "ops",    "playground", "provenance",     "prunebench",
                 "pruning",     "report", "tensor",     "trace",          "training"}},
  };
  return table;
}

const Arrows& shared_rooms() {
  static const Arrows table = {
      {"vector", {}},
      {"matrix_product", {"vector"}},
      {"minimal_filtering", {"vector"}},
      {"padded_plane", {"vector"}},
      {"depthwise", {"padded_plane", "vector"}},
      {"backend", {"matrix_product", "vector"}},
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

std::set<std::string> rooms_left_out(std::string_view cmake) {
  static const std::regex list(R"re(\bset\(shared_rooms([^)]*)\))re");
  const std::string text(cmake);
  std::smatch match;
  if (!std::regex_search(text, match, list)) return {};
  std::istringstream words(match[1]);
  return {std::istream_iterator<std::string>(words), {}};
}

Arrows linked_folders(std::string_view cmake) {
  static const std::regex folder(R"re(secateur_folder\((\w+)([^)]*)\))re");
  Arrows links;
  const std::string text(cmake);
  for (std::sregex_iterator at(text.begin(), text.end(), folder), end; at != end; ++at) {
    std::set<std::string>& to = links[(*at)[1]];
    std::istringstream words((*at)[2]);
    for (std::string word; words >> word && word != "PRIVATE";) {
      if (word != "LINKS" && word != "TEXT") to.insert(word);
    }
  }
  return links;
}

}  // namespace secateur::house
