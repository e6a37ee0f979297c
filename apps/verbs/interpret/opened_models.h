#pragma once
// The models that a call of `secateur interpret` names.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/model.h"
#include "tensor/error.h"

namespace secateur {

struct InterpretedModel {
  std::string file;
  std::string name;  // of the file, without its extension, fit for messages and for JSON
  Model model;
  int64_t output = 0;
  std::string stem = {};  // with which the names of its files begin, see InterpretWork::ends
};

// What stands in the name of a file for the number of a neuron.
inline constexpr std::string_view kAnyNeuron = "{neuron}";

// The files of a pattern, in which {neuron} stands for every number there is, in their order.
// Throws Error(kBadInput) for a pattern without files.
std::vector<std::string> files_of_pattern(const std::string& pattern);

// The file of a pattern for one neuron.
std::string file_of_neuron(const std::string& pattern, int64_t neuron);

// Nothing for a pattern without {neuron}. Throws Error(kBadInput) that says which of the neurons of
// a session have no file: none is left out in silence.
void require_files(const std::string& pattern, const std::vector<int64_t>& neurons,
                   const std::string& session);

// Those of all patterns, each with a name of its own; two of one name are Error(kUsage).
std::vector<std::string> interpreted_files(const std::vector<std::string>& patterns);

// `output` below 0: none was asked for. Throws Error(kUsage) where a model has several and none was
// asked for, or not that one; and as read_model().
InterpretedModel open_model(const std::string& file, int64_t output);

// The name of a model's file without its extension: what is no UTF-8 or steers a terminal as \xNN.
std::string name_of_model(const std::string& file);

// That no file has a name of this pattern: Error(kBadInput).
[[noreturn]] void refuse_pattern(const std::string& pattern, std::string_view where);

// The same error; of kind kBadInput it names the model, which of several may be the one that does
// not fit.
[[noreturn]] void throw_naming(const Error& error, const std::string& file);

// What `work` gives for the model in a file.
template <class Work>
auto about_model(const std::string& file, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    throw_naming(error, file);
  }
}

}  // namespace secateur
