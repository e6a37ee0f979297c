#pragma once
// Results that are found again: a JSON file that says what it was made from, and the digests of
// itself and of the files beside it.

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace secateur {

struct KeptResult {
  nlohmann::json result;
  bool before = false;  // by an earlier call
};

// The result in the file `answer`: of an earlier call from the same, whose files are as they were
// written, or what `make` gives, which is written. `from` is equal for equal results. `ends`: how
// the names of its files end behind the stem of `answer`; without any, all files of the folder that
// are no JSON are its own. Throws Error(kUsage) where the file holds what was made from something
// else.
KeptResult find_or_make(const std::filesystem::path& answer, const std::vector<std::string>& ends,
                        const nlohmann::json& from, const std::function<nlohmann::json()>& make);

}  // namespace secateur
