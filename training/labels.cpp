#include "training/labels.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "formats/safetensors.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/sha256.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
constexpr double kSaveSeconds = 30;

// The rows that a cache file of this key holds; none when there is no such file.
Tensor read_cache(const fs::path& cache, const std::string& key) {
  if (cache.empty() || !fs::exists(cache)) return {};
  const SafetensorsFile file = read_safetensors(cache);
  const auto found = file.metadata.find("secateur.labels");
  const auto labels = file.tensors.find("labels");
  if (found == file.metadata.end() || found->second != key || labels == file.tensors.end()) {
    return {};
  }
  return labels->second;
}

void write_cache(const fs::path& cache, const std::string& key, const Tensor& rows) {
  if (cache.empty()) return;
  write_safetensors(cache, {.tensors = {{"labels", rows}}, .metadata = {{"secateur.labels", key}}});
}

}  // namespace

std::string label_key(const Teacher& teacher, const TrainingSet& set, int64_t items) {
  const std::string outputs = teacher.has_all_outputs()
                                  ? ""
                                  : fmt::format("outputs {}\n", fmt::join(teacher.chosen(), " "));
  return sha256_of(fmt::format("secateur labels 1\nteacher {}\n{}images {}\nitems {}\n",
                               fmt::join(teacher.fingerprints(), " "), outputs, set.identity(),
                               items));
}

void keep_labels(const Teacher& teacher, const TrainingSet& set, const Tensor& all,
                 const fs::path& file) {
  const int64_t there = teacher.with_all_outputs().outputs();
  require(all.rank() == 2 && all.dim(1) == there, "labels", "wanted labels of {} outputs, got {}",
          there, all.shape());
  write_cache(file, label_key(teacher, set, all.dim(0)), columns(all, teacher.chosen()));
}

Tensor label_rows(const Teacher& teacher, const TrainingSet& set, int64_t begin, int64_t end) {
  require(begin >= 0 && begin % kLabelBatch == 0 && end <= set.size(), "labels",
          "wanted items from a multiple of {} on, at most {}, got {} to {}", kLabelBatch,
          set.size(), begin, end);
  Tensor labels(Shape{std::max<int64_t>(0, end - begin), teacher.outputs()});
  for (int64_t first = begin; first < end; first += kLabelBatch) {
    const int64_t n = std::min(kLabelBatch, end - first);
    Tensor images(Shape{n, 3, set.height(), set.width()});
    parallel_for(
        n, [&](int64_t i) { set.fill(first + i, images.data() + i * set.values_per_item()); });
    const Tensor responses = teacher(images);
    std::copy_n(responses.data(), responses.numel(),
                labels.data() + (first - begin) * teacher.outputs());
  }
  return labels;
}

Scale scale_of_labels(std::span<const double> labels) {
  const double spread = std::sqrt(variance_of(labels, 0));
  return {.offset = mean_of(labels), .gain = spread > 0 ? spread : 1.0};
}

Tensor read_labels(const fs::path& file) {
  const SafetensorsFile content = read_safetensors(file);
  const auto labels = content.tensors.find("labels");
  require(labels != content.tensors.end() && labels->second.rank() == 2, "labels",
          "{} holds no labels [items, outputs]", file.string());
  return labels->second;
}

Tensor compute_labels(const Teacher& teacher, const TrainingSet& set, int64_t items,
                      const fs::path& cache, Observer& observer) {
  require(items >= 0 && items <= set.size(), "labels", "wanted at most {} items, got {}",
          set.size(), items);
  const std::string key = label_key(teacher, set, items);
  const int64_t outputs = teacher.outputs();
  Tensor labels(Shape{items, outputs});
  const Tensor known = read_cache(cache, key);
  int64_t done = 0;
  if (known.rank() == 2 && known.dim(1) == outputs && known.dim(0) <= items) {
    std::copy_n(known.data(), known.numel(), labels.data());
    done = known.dim(0);
    if (done < items) done -= done % kLabelBatch;
  }
  const bool complete_already = done == items;
  auto saved = std::chrono::steady_clock::now();
  while (done < items) {
    const Tensor rows = label_rows(teacher, set, done, std::min(items, done + kLabelBatch));
    std::copy_n(rows.data(), rows.numel(), labels.data() + done * outputs);
    done += rows.dim(0);
    observer.progress({.what = kLabelProgress,
                       .unit = "images",
                       .done = static_cast<double>(done),
                       .total = static_cast<double>(items)});
    const bool stop = done < items && observer.stop();
    const auto now = std::chrono::steady_clock::now();
    if (stop || std::chrono::duration<double>(now - saved).count() > kSaveSeconds) {
      write_cache(cache, key, labels.rows(0, done));
      saved = now;
    }
    if (stop) throw Stopped();
  }
  if (!complete_already) write_cache(cache, key, labels);
  return labels;
}

}  // namespace secateur
