#pragma once
// The labels: the teacher's responses to every item of a training set, computed once and kept in a
// file that knows which teacher, images and augmentation made them.

#include <filesystem>
#include <span>

#include "data/recording.h"
#include "data/training_set.h"
#include "tensor/observer.h"
#include "training/teacher.h"

namespace secateur {

// Names what the labels depend on: SHA-256 of the fingerprints of the teacher, the outputs chosen
// where these are not all, the identity of the set and the number of items.
std::string label_key(const Teacher& teacher, const TrainingSet& set, int64_t items);

// Labels [end - begin, outputs] of items begin .. end - 1, in batches as compute_labels() makes
// them; `begin` is a multiple of kLabelBatch.
inline constexpr int64_t kLabelBatch = 32;
Tensor label_rows(const Teacher& teacher, const TrainingSet& set, int64_t begin, int64_t end);

// What progress on them is called.
inline constexpr const char* kLabelProgress = "teacher labels";

// Labels [items, outputs] of items 0 .. items - 1. When `cache` (may be empty: no file) holds
// labels of the same key they are taken from there, also if only the first ones are done; a file of
// another key is written anew. After every batch the observer hears of the images labelled and,
// unless it was the last, is asked to stop (Stopped). The file is saved every half minute and when
// stopped.
Tensor compute_labels(const Teacher& teacher, const TrainingSet& set, int64_t items,
                      const std::filesystem::path& cache, Observer& observer);

// Leaves in `file` labels of another call, so that compute_labels() takes them from there: those of
// this teacher, the columns that it chooses of `all`, [items, all outputs of its members].
void keep_labels(const Teacher& teacher, const TrainingSet& set, const Tensor& all,
                 const std::filesystem::path& file);

// Mean and spread of one output's labels over all items; a spread of 0 counts as 1. What is trained
// on them is brought to this scale.
Scale scale_of_labels(std::span<const double> labels);

// The labels [items, outputs] in a file of compute_labels(), of whatever key. Throws
// Error(kBadInput) when it holds none.
Tensor read_labels(const std::filesystem::path& file);

}  // namespace secateur
