#pragma once
// Image sources made of JPEG or PNG files, in a folder or in a zip archive. See open_images().

#include <filesystem>

#include "data/image_source.h"

namespace secateur {

// Images of more than one size are refused: on opening when there are at most this many (their
// headers are read), else when the odd one is read.
inline constexpr int64_t kSizesCheckedOnOpening = 10000;

// identity() of both is made from the names without folders and the sizes of all files, and from
// the bytes of up to kIdentitySamples files at even distances, so that a folder and its zip have
// the same.
inline constexpr int64_t kIdentitySamples = 4096;

// The names of the regular files directly in a folder, sorted: what open_image_folder() reads.
// Error(kResource) when it cannot be listed.
std::vector<std::string> files_in_image_folder(const std::filesystem::path& path);

// The pictures directly in a folder, in the order of the numbers in their names
// (image_numbering.h), or, where not every name has its own, of the names. Error(kBadInput) when
// there is none.
std::vector<std::string> pictures_in_folder(const std::filesystem::path& path);

// The named pictures of a folder, in that order, each brought to height x width pixels
// (resample.h). Error(kBadInput) for a name that is not there.
ImageSourcePtr open_resampled_folder(const std::filesystem::path& path,
                                     const std::vector<std::string>& names, int height, int width);

// The files directly in a folder.
ImageSourcePtr open_image_folder(const std::filesystem::path& path);

// The entries of an archive, which may lie in one top folder.
ImageSourcePtr open_image_archive(const std::filesystem::path& path);

}  // namespace secateur
