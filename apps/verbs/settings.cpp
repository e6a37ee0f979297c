// secateur settings: what can be set, what it is when nobody sets it, and what it means.

#include "chain/settings.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "apps/exit_code.h"
#include "apps/verbs/verbs.h"
#include "tensor/error.h"

namespace secateur {
namespace {

using nlohmann::json;

json described(const std::string& part) {
  Recipe defaults;
  json all = json::array();
  for (const Setting& setting : settings(defaults)) {
    if (setting.key.find(part) == std::string::npos) continue;
    all.push_back({{"key", setting.key},
                   {"default", std::visit([](const auto* v) { return json(*v); }, setting.value)},
                   {"meaning", setting.help}});
  }
  return all;
}

int list_settings(const std::string& part, const CommonOptions& common) {
  const json all = described(part);
  if (all.empty()) {
    throw Error(ErrorKind::kUsage, fmt::format("no setting has '{}' in its key", part));
  }
  for (const json& setting : all) {
    fmt::print(common.text(), "{:<32} {:<24} {}\n", setting["key"].get<std::string>(),
               setting["default"].dump(), setting["meaning"].get<std::string>());
  }
  common.answer({{"settings", all}});
  return kExitDone;
}

}  // namespace

void add_settings(CLI::App& program, CommonOptions& common, Action& action) {
  auto part = std::make_shared<std::string>();
  CLI::App* const verb = add_verb(program, common, "settings",
                                  "every setting of a recipe, its default and its meaning",
                                  "secateur settings distill");
  verb->add_option("part", *part, "only those with this in their key");
  verb->callback([&action, &common, part] {
    action = [&common, part] { return list_settings(*part, common); };
  });
}

}  // namespace secateur
