#pragma once
// Where two files that should be the same first differ, for people.

#include <filesystem>
#include <string>

namespace secateur {

// Empty when the files have the same bytes. Otherwise what a reader would look for first: the
// tensor and element of safetensors, the line of a text, the byte of anything else. `kept` is the
// file of the run, `made` the one made again; either may be missing.
std::string first_difference(const std::filesystem::path& kept, const std::filesystem::path& made);

}  // namespace secateur
