#pragma once
// The files outside the run directory that decide what a run makes.

#include "chain/subject.h"
#include "provenance/manifest.h"

namespace secateur {

// By their names in run.json and lineage.json: "teacher/FILE", "start/FILE", "images/FILE",
// "published/FILE", and "recordings/..." below the folder of the recordings.
std::vector<ManifestFile> input_files(const Recipe& recipe, const Subject& subject);

}  // namespace secateur
