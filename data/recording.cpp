#include "data/recording.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "data/own_recording.h"
#include "data/recording_files.h"
#include "formats/npy.h"
#include "tensor/error.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

constexpr auto kWhere = "recording";

// Averages that were stored as float64 differ from ours by rounding only; this also admits float32.
constexpr double kMeanTolerance = 1e-5;

struct Responses {
  Shape shape;
  std::vector<double> values;
};

Responses read_responses(const fs::path& path, int rank) {
  const NpyReader reader(path);
  const char* const axes = rank == 2 ? "[neurons, images]" : "[neurons, images, repeats]";
  require(reader.shape().rank() == rank, kWhere, "wanted responses {} in {}, got {}", axes,
          path.string(), reader.shape());
  require(reader.type() == "f8" || reader.type() == "f4", kWhere,
          "wanted responses of type f8 or f4 in {}, got {}", path.string(), reader.type());
  require(reader.shape().numel() > 0, kWhere, "wanted responses {} in {}, got none: {}", axes,
          path.string(), reader.shape());
  require(reader.shape().numel() <= kNpyNumelCap, kWhere,
          "wanted at most {} responses in {}, got {}", kNpyNumelCap, path.string(), reader.shape());
  Responses responses{reader.shape(), {}};
  responses.values.resize(static_cast<size_t>(reader.shape().numel()));
  reader.read_rows(0, reader.rows(), std::span(responses.values));
  return responses;
}

void require_finite_means(const Recording& recording, const fs::path& path) {
  for (size_t i = 0; i < recording.mean.size(); ++i) {
    require(
        std::isfinite(recording.mean[i]), kWhere,
        "wanted finite mean responses in {}, got {} for neuron {} and image {} (counted from 0)",
        path.string(), recording.mean[i], static_cast<int64_t>(i) / recording.images,
        static_cast<int64_t>(i) % recording.images);
  }
}

std::vector<double> means_of_trials(const Recording& recording, const fs::path& path) {
  std::vector<double> means;
  means.reserve(static_cast<size_t>(recording.neurons * recording.images));
  for (int64_t pair = 0; pair < recording.neurons * recording.images; ++pair) {
    double sum = 0;
    int64_t repeats = 0;
    for (int64_t repeat = 0; repeat < recording.repeats; ++repeat) {
      const double value = recording.trials[static_cast<size_t>(pair * recording.repeats + repeat)];
      require(
          !std::isinf(value), kWhere,
          "wanted finite trials or NaN in {}, got {} for neuron {} and image {} (counted from 0)",
          path.string(), value, pair / recording.images, pair % recording.images);
      if (std::isnan(value)) continue;
      sum += value;
      ++repeats;
    }
    require(
        repeats > 0, kWhere,
        "wanted at least one trial per neuron and image in {}, got none for neuron {} and image "
        "{} (counted from 0)",
        path.string(), pair / recording.images, pair % recording.images);
    means.push_back(sum / static_cast<double>(repeats));
  }
  return means;
}

void require_agreement(const Recording& recording, const std::vector<double>& from_trials,
                       const RecordingFiles& files) {
  for (size_t i = 0; i < from_trials.size(); ++i) {
    const double stored = recording.mean[i];
    const double allowed = kMeanTolerance * std::max(1.0, std::abs(from_trials[i]));
    require(std::abs(stored - from_trials[i]) <= allowed, kWhere,
            "wanted means in {} that agree with the trials in {}, got {} and {} for neuron {} and "
            "image {} (counted from 0)",
            files.mean->string(), files.trials->string(), stored, from_trials[i],
            static_cast<int64_t>(i) / recording.images, static_cast<int64_t>(i) % recording.images);
  }
}

void read_means(const fs::path& path, Recording& recording) {
  Responses responses = read_responses(path, 2);
  recording.neurons = responses.shape[0];
  recording.images = responses.shape[1];
  recording.mean = std::move(responses.values);
  require_finite_means(recording, path);
}

void read_trials(const RecordingFiles& files, Recording& recording) {
  Responses responses = read_responses(*files.trials, 3);
  const Shape& shape = responses.shape;
  if (files.mean) {
    require(shape[0] == recording.neurons && shape[1] == recording.images, kWhere,
            "wanted trials [{}, {}, repeats] in {} as in {}, got {}", recording.neurons,
            recording.images, files.trials->string(), files.mean->string(), shape);
  }
  recording.neurons = shape[0];
  recording.images = shape[1];
  recording.repeats = shape[2];
  recording.trials = std::move(responses.values);
  std::vector<double> means = means_of_trials(recording, *files.trials);
  if (files.mean) require_agreement(recording, means, files);
  if (!files.mean) recording.mean = std::move(means);
}

void open_session_images(const fs::path& path, Recording& recording) {
  recording.image_source = open_images(path);
  const ImageNumbering numbering = recording.image_source->numbering();
  require(!numbering.by_name, kWhere,
          "wanted a number of its own in the name of every image in {}, such as image0001.jpg",
          path.string());
  require(numbering.missing == 0, kWhere, "wanted images without gaps in {}, but {}", path.string(),
          numbering.gap_sentence());
  require(numbering.first == 0 || numbering.first == 1, kWhere,
          "wanted images numbered from 0 or 1 in {}, got {} as the first", path.string(),
          numbering.first);
  require(recording.image_source->count() == recording.images, kWhere,
          "wanted {} images in {}, as the responses have, got {}", recording.images, path.string(),
          recording.image_source->count());
}

Scale fit_scale(std::span<const double> values, const Recording& recording, int64_t neuron) {
  double sum = 0;
  int64_t count = 0;
  for (double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    ++count;
  }
  require(count > 0, kWhere,
          "session {}: neuron {} has no response to any of the {} images that may fit",
          recording.session, recording.name_of(neuron), values.size());
  const double n = static_cast<double>(count);
  const double mean = sum / n;
  double squares = 0;
  for (double value : values) {
    if (!std::isnan(value)) squares += (value - mean) * (value - mean);
  }
  const double deviation = std::sqrt(squares / n);
  // The mean of equal numbers may miss them by a rounding error, which is no change.
  const bool changes = deviation > 1e-12 * std::max(1.0, std::abs(mean));
  return {mean, changes ? deviation : 1};
}

}  // namespace

Recording load_recording(const fs::path& root, const std::string& session, int pixels,
                         int64_t fold) {
  const RecordingFiles files = find_recording_files(root, session);
  if (files.own) return load_own_recording(files, session, pixels, fold);
  if (fold != kSmallestFold) refuse_fold(session, fold);
  Recording recording;
  recording.session = session;
  if (files.mean) read_means(*files.mean, recording);
  if (files.trials) read_trials(files, recording);
  if (files.images) open_session_images(*files.images, recording);
  return recording;
}

std::vector<std::string> list_sessions(const fs::path& root) { return find_sessions(root); }

std::string only_session(const fs::path& root) {
  const std::vector<std::string> sessions = find_sessions(root);
  return sessions.size() == 1 ? sessions.front() : "";
}

std::vector<Scale> fit_scales(const Recording& recording, int64_t begin, int64_t end) {
  if (begin < 0 || begin >= end || end > recording.images) {
    fail(ErrorKind::kUsage, kWhere, "wanted a range within {} images, got [{}, {})",
         recording.images, begin, end);
  }
  std::vector<Scale> scales;
  for (int64_t neuron = 0; neuron < recording.neurons; ++neuron) {
    const std::span row(recording.mean.data() + neuron * recording.images,
                        static_cast<size_t>(recording.images));
    scales.push_back(
        fit_scale(row.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)),
                  recording, neuron));
  }
  return scales;
}

}  // namespace secateur
