#pragma once
// The split of a session of one's own: split.csv, or the half split over whole groups of images.csv
// (docs/your_recordings.md).

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/recording.h"

namespace secateur {

// images.csv: of every picture its group and its place along the axis of images of responses.npy;
// either is empty where the table has no such column.
struct PictureNotes {
  std::vector<std::string> groups;
  std::vector<int64_t> indices;
};

// Throws Error(kBadInput) for a table without either column, an empty group, and places that are
// not 0 to the number of pictures less 1, each once.
PictureNotes read_picture_notes(const std::filesystem::path& file,
                                const std::vector<std::string>& pictures);

// By split.csv, whose column "split" says fit, validation or score, or whose column "fold" has
// whole numbers, of which `fold` scores (kSmallestFold: the smallest there is). Else, with groups,
// by whole groups in the order of their first pictures: as many fit as come nearest to half of the
// pictures. Else nothing: the half split.
//
// Throws Error(kBadInput) when nothing would fit or score, there is one picture for validation, or
// a group is on two sides; Error(kUsage) for a fold that is not there.
std::optional<ImageSplit> split_pictures(const std::optional<std::filesystem::path>& table,
                                         const std::vector<std::string>& pictures,
                                         const std::vector<std::string>& groups, int64_t fold);

// What two splits of the same pictures have in common only when they order them alike: SHA-256 of
// the names. Empty when that is the order they have without split.csv and images.csv.
std::string order_digest(const std::vector<std::string>& order,
                         const std::vector<std::string>& usual);

}  // namespace secateur
