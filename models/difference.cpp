#include "models/difference.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "models/canonical_bytes.h"

namespace secateur {
namespace {

using nlohmann::json;

// Every leaf of the description by its place; the epsilon of a batch norm is always spelt out.
json leaves_of(const Architecture& architecture) {
  const Architecture plain = canonical(architecture);
  json description = plain;
  for (size_t i = 0; i < plain.blocks.size(); ++i) {
    if (plain.blocks[i].norm != Norm::kNone) {
      description["blocks"][i]["epsilon"] = plain.blocks[i].epsilon;
    }
  }
  return description.flatten();
}

std::vector<ArchitectureDifference> compare(const Architecture& first, const Architecture& second) {
  const json a = leaves_of(first);
  const json b = leaves_of(second);
  std::vector<ArchitectureDifference> result;
  const auto add = [&](const std::string& place, const json& x, const json& y) {
    result.push_back({place.substr(1), x, y});
  };
  for (const auto& item : a.items()) {
    const auto other = b.find(item.key());
    if (other == b.end()) {
      add(item.key(), item.value(), nullptr);
    } else if (*other != item.value()) {
      add(item.key(), item.value(), *other);
    }
  }
  for (const auto& item : b.items()) {
    if (!a.contains(item.key())) add(item.key(), nullptr, item.value());
  }
  return result;
}

std::vector<int64_t> index_of(int64_t flat, const Shape& shape) {
  std::vector<int64_t> index(static_cast<size_t>(shape.rank()));
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    index[static_cast<size_t>(axis)] = flat % shape[axis];
    flat /= shape[axis];
  }
  return index;
}

void compare_values(const Tensor& a, const Tensor& b, TensorDifference& result) {
  double magnitude = 0;
  for (int64_t i = 0; i < a.numel(); ++i) {
    magnitude = std::max({magnitude, std::abs(double{a[i]}), std::abs(double{b[i]})});
    if (std::bit_cast<uint32_t>(a[i]) == std::bit_cast<uint32_t>(b[i])) continue;
    if (result.different++ == 0) {
      result.at = index_of(i, a.shape());
      result.first = a[i];
      result.second = b[i];
    }
    result.largest = std::max(result.largest, std::abs(double{a[i]} - double{b[i]}));
  }
  result.relative = magnitude > 0 ? result.largest / magnitude : 0;
}

json shape_in(const std::map<std::string, Tensor>& tensors, const std::string& name) {
  const auto found = tensors.find(name);
  return found == tensors.end() ? json() : json(found->second.shape().extents());
}

}  // namespace

ModelDifference difference_of(const Model& first, const Model& second) {
  ModelDifference result{compare(first.architecture(), second.architecture()), {}};
  const std::map<std::string, Tensor> a = first.tensors();
  const std::map<std::string, Tensor> b = second.tensors();
  std::set<std::string> names;
  for (const auto* tensors : {&a, &b}) {
    for (const auto& [name, tensor] : *tensors) names.insert(name);
  }
  for (const std::string& name : names) {
    TensorDifference one{
        .name = name, .first_shape = shape_in(a, name), .second_shape = shape_in(b, name)};
    const bool comparable = one.first_shape == one.second_shape;
    if (comparable) {
      one.values = a.at(name).numel();
      compare_values(a.at(name), b.at(name), one);
    }
    if (!comparable || one.different > 0) result.tensors.push_back(one);
  }
  return result;
}

}  // namespace secateur
