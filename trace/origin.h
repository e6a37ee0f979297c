#pragma once
// Where the first values of a student come from.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "chain/recipe.h"
#include "chain/run_directory.h"
#include "models/model.h"
#include "trace/element.h"

namespace secateur {

struct Origin {
  enum class Kind { kDrawn, kCore, kFile };
  Kind kind = Kind::kDrawn;
  std::string name;            // "the first values, drawn again", "the start file 50filters.keras"
  std::optional<Model> model;  // the student as it began, on the scale of its source
  std::string why_not;         // not empty: there is no model, because
  // Of a file: what it holds, and the output that the student was taken from.
  std::optional<Model> whole;
  int64_t output = 0;
  std::string file;  // its name
  std::string sha256;
};

// The elements of `whole` that a number of the student was made of, and their values:
// [{"parameter": "readout.mixing.weight[33,4]", "value": 0.1}, ...].
nlohmann::json elements_in_whole(const Origin& origin, const Element& of_student);

// `start`: the file that the recipe names, where it is now; empty: it is not opened, and the origin
// is not known. `student` is the network that the run made of it, called `label`. Throws
// Error(kBadInput) for a file that is no model, or not of this student.
Origin origin_of(const Recipe& recipe, const RunDirectory& run, const std::string& label,
                 const Model& student, const std::filesystem::path& start);

}  // namespace secateur
