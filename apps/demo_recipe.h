#pragma once

namespace secateur {

extern const char* const kDemoRecipe;  // the text of recipes/demo.toml

}  // namespace secateur
