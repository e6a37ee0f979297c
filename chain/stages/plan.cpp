// The plan: the resolved recipe, which a run is begun with (resolve() in chain.h).

#include "chain/stage.h"

namespace secateur {

Stage plan_stage() {
  return {.name = "plan",
          .product = "recipe",
          .scope = Scope::kRun,
          .reads = {"input:*"},
          .makes = {"config.toml", "inputs.sha256?"},
          .unit = ""};
}

}  // namespace secateur
