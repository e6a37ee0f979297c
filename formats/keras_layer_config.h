#pragma once
// The "config" object of one Keras layer, read key by key: what is not asked for must be without
// effect on the prediction.

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace secateur {

class KerasLayerConfig {
 public:
  // `layer` is an element of the configuration's list of layers. Checks that it is a plain Keras
  // layer of float32.
  KerasLayerConfig(const nlohmann::json& layer, const std::string& file);

  const std::string& class_name() const { return class_name_; }
  const std::string& name() const { return name_; }
  std::string input() const;  // name of the one layer it reads; "" for an input layer

  int64_t integer(const std::string& key);
  std::array<int64_t, 2> pair(const std::string& key);  // [a, b] or a
  int64_t square(const std::string& key, int64_t fallback);
  std::array<int64_t, 4> batch_shape();  // -1 for null

  // The value of a key that may only have this one value; absent or null means `fallback`.
  void only(const std::string& key, const nlohmann::json& value, const nlohmann::json& fallback);
  void only_number(const std::string& key, double value);  // to 1e-6 of it; absent means it
  void only_last_axis(const std::string& key);             // -1, 3, [-1] or [3]; absent means -1
  std::string text(const std::string& key);

  // Refuses whatever has not been asked for, unless it only matters in training or says no.
  void finish() const;

  [[noreturn]] void refuse(const std::string& key, const std::string& wanted) const;

 private:
  const nlohmann::json* find(const std::string& key);

  const nlohmann::json& layer_;
  const nlohmann::json* config_ = nullptr;
  const std::string& file_;
  std::string class_name_;
  std::string name_;
  std::set<std::string> asked_;
};

}  // namespace secateur
