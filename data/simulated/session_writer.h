#pragma once
// Writes a simulated session in the layout of the published recordings, for load_recording() and
// for other programs.

#include <filesystem>
#include <string>

#include "data/simulated/session.h"

namespace secateur::simulated {

struct SessionFiles {
  bool lossless = false;  // images_S.npy of uint8 [images, size, size, 3] instead of JPEGs in a zip
  int jpeg_quality = 95;
};

// Below `root` (folders are made when missing):
//     images/images_S.zip                image0001.jpg ... or images/images_S.npy
//     responses_raw/responses_S.npy      float64 [neurons, images, repeats], NaN padded
//     responses/responses_S.npy          float64 [neurons, images], means over repeats
// The same session gives the same bytes. The rates belong to the pixels before JPEG. Throws Error
// when a file cannot be written or the name has other characters than letters, digits, '_', '-'.
void write_session(const SimulatedSession& session, const std::filesystem::path& root,
                   const std::string& name, const SessionFiles& files = {});

// In the layout of one's own recordings (data/own_recording.h), in `folder`, which is made:
//     images/image0001.png ...      the stimuli
//     responses.npy                 float64 [neurons, images, repeats], NaN padded; or, as a table,
//     responses.csv                 a row for each time an image was shown, a column a neuron
void write_own_session(const SimulatedSession& session, const std::filesystem::path& folder,
                       bool table = false);

// Beside these, what may be said of pictures and neurons (data/session_split.h,
// data/neuron_table.h): images.csv with groups of five pictures, split.csv, which by lot has 60 %
// of the groups fit, 20 % for validation and 20 % score, and neurons.csv. `table`: as above.
void write_own_tables(const SimulatedSession& session, const std::filesystem::path& folder,
                      bool table = false);

}  // namespace secateur::simulated
