#pragma once
// Recordings of one's own: a session is a folder (docs/your_recordings.md).

#include "data/recording.h"
#include "data/recording_files.h"

namespace secateur {

// Reads responses.npy, [neurons, images] or [neurons, images, repeats] of any plain numbers, or
// responses.csv, whose column "image" names a picture (a file of images/, with or without its
// extension) and whose other columns are neurons, a row for each time a picture was shown; and the
// pictures of images/, in the order of pictures_in_folder(), or of the indices of images.csv,
// brought to pixels x pixels. What was not recorded is NaN or an empty cell, and its mean is NaN.
// A split (session_split.h) then puts images and responses in its own order.
//
// Throws Error(kBadInput), naming the file, and the line of a table, for counts that do not fit, a
// picture that is not there or was never shown, infinite or text responses, and a neuron without
// any, and as session_split.h and neuron_table.h say; Error(kUsage) for a fold that is not there.
Recording load_own_recording(const RecordingFiles& files, const std::string& session, int pixels,
                             int64_t fold);

// For a session whose folds are not known. Throws Error(kUsage).
[[noreturn]] void refuse_fold(const std::string& session, int64_t fold);

}  // namespace secateur
