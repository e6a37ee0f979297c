#pragma once
// The maps that a trunk gives for the images of a source, kept in a folder so that they are
// computed once: an image of 224 x 224 takes ResNet-50 some 40 ms of two threads, and its maps
// 0.8 MB.

#include <filesystem>
#include <functional>

#include "data/image_source.h"
#include "models/trunk.h"
#include "tensor/observer.h"

namespace secateur {

// Throws Error(kUsage) when the trunk reads images of another size (trunk_on_images.h makes one
// that reads these).
void require_readable(const Trunk& trunk, const ImageSource& images);

// Calls body(maps [n, channels, height, width], index of the first image) for consecutive batches
// of all images, in order.
//
// `cache` is a folder, made where it is not there, or empty: nothing is kept. KEY.npy has the maps
// of all images, float32 [images, channels, height, width], KEY.json what they are of and the
// SHA-256 of KEY.npy; KEY stands for the trunk's identity(), the images' identity() and how maps
// are computed (portable, or the library behind threads). Maps are taken from there when the files
// are of this key and whole; the SHA-256 is computed before the first one is used. Files that are
// damaged or of something else are made again, and the observer is told so. Files are complete or
// not there, whatever ends the call.
//
// The observer hears of the images done and, unless it was the last, is asked to stop after every
// batch (Stopped). Throws as require_readable() does, Error(kBadInput) when the maps of an image
// are not finite, and what reading, writing (kResource) or body threw.
void for_each_trunk_batch(const Trunk& trunk, const ImageSource& images,
                          const std::filesystem::path& cache,
                          const std::function<void(const Tensor&, int64_t)>& body,
                          Observer& observer);

// The same maps in memory, [images, channels, height, width].
Tensor maps_of(const Trunk& trunk, const ImageSource& images, const std::filesystem::path& cache,
               Observer& observer);

}  // namespace secateur
