#pragma once
// The files outside the run directory that decide what a run makes, and the list of them that a run
// keeps: inputs.sha256, in the format of sha256sum.

#include <string>
#include <vector>

#include "chain/subject.h"
#include "provenance/manifest.h"

namespace secateur {

inline constexpr const char* kInputList = "inputs.sha256";
inline constexpr int64_t kInputListCap = int64_t{1} << 30;  // bytes

// By their names in inputs.sha256 and lineage.json: "teacher/FILE", "trunk/FILE", "start/FILE",
// "images/FILE", "published/FILE", and "recordings/..." below the folder of the recordings; a
// second of the same name is "images/2/FILE". The name of a folder of pictures ends in '/'. Files
// that are not there are left out, and so are those of places that the recipe leaves empty.
std::vector<ManifestFile> input_files(const Recipe& recipe,
                                      const std::vector<NeuronTarget>& targets);

// "DIGEST  NAME", a line for each; of a folder a line for each picture, "images/FOLDER/PICTURE".
std::string list_of_inputs(const std::vector<ManifestFile>& files);

// What such a list says of one of its files: the SHA-256 of its content, or of a folder that of its
// lines. Empty when it is not in the list.
std::string digest_in_list(const std::string& list, const std::string& name);

// The files, or pictures of a folder, that `name` stands for in both lists and that are not the
// same in them.
std::vector<std::string> changed_in_lists(const std::string& was, const std::string& now,
                                          const std::string& name);

// Names in a list that belong to none of the files.
std::vector<std::string> gone_from_list(const std::string& list,
                                        const std::vector<ManifestFile>& files);

}  // namespace secateur
