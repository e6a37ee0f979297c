// The images that score, with what the compact model and the neuron answered.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/image_batches.h"
#include "data/resample.h"
#include "formats/npy.h"
#include "models/predictor.h"
#include "report/evidence/gather.h"
#include "report/markup.h"
#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr size_t kShownImages = 5;
constexpr int kThumbnail = 112;  // pixels
// Of what the run wrote and what is worked out now: more, and the images are others.
constexpr double kSameResponse = 1e-3;

std::vector<double> prediction_of(const RunRecord& run, const json& neuron) {
  const std::string label = neuron.at("label").get<std::string>();
  const auto file = run.root / "predictions" / (label + "_compact.npy");
  if (label.find('/') != std::string::npos || !std::filesystem::exists(file)) return {};
  const NpyReader reader(file);
  std::vector<double> values(static_cast<size_t>(reader.shape().numel()));
  reader.read_rows(0, reader.rows(), values);
  return values;
}

// The raw r2 that the run wrote, from the responses found now.
bool are_those_that_scored(const RunRecord& run, size_t neuron, const NeuronEvidence& found) {
  std::vector<double> predicted, recorded;
  for (size_t i = 0; i < found.recorded.size(); ++i) {
    if (std::isnan(found.recorded[i])) continue;
    predicted.push_back(found.predicted[i]), recorded.push_back(found.recorded[i]);
  }
  const double told = number_of(at_or_null(stage_of(run.neurons()[neuron], "compact"), "r2_raw"));
  return std::abs(squared_correlation(predicted, recorded) - told) <= kSameResponse;
}

ShownImage shown_image(const ScoredSession& session, int64_t place, const NeuronEvidence& found) {
  const ImageSource& source = *session.recording.image_source;
  const int64_t image = session.scored.begin + place;
  Image8 picture{.height = source.height(), .width = source.width(), .rgb = {}};
  picture.rgb.resize(static_cast<size_t>(source.bytes_per_image()));
  source.read(image, picture.rgb);
  if (std::max(picture.height, picture.width) > kThumbnail) {
    picture = resampled(picture, kThumbnail, kThumbnail);
  }
  const auto at = static_cast<size_t>(place);
  return {source.name(image), found.predicted[at], found.recorded[at], std::move(picture)};
}

// Whether the model answers the best image as the run says it did.
bool answers_alike(const Model& model, const ScoredSession& session, int64_t place,
                   double predicted) {
  const Predictor predict(model);
  const Tensor answer =
      respond_to_all(std::cref(predict),
                     *image_range(session.recording.image_source, session.scored.begin + place,
                                  session.scored.begin + place + 1),
                     model.architecture().input.mean);
  return std::abs(answer.data()[0] - predicted) <= kSameResponse * (1 + std::abs(predicted));
}

}  // namespace

void gather_images(const RunRecord& run, size_t neuron, const ScoredSession* session,
                   NeuronEvidence& found) {
  const json& about = run.neurons()[neuron];
  found.predicted = prediction_of(run, about);
  if (session == nullptr) return;
  const int64_t number = static_cast<int64_t>(number_of(at_or_null(about, "neuron")));
  const auto images = static_cast<size_t>(session->scored.count());
  const Recording& recording = session->recording;
  if (found.predicted.size() != images || number < 0 || number >= recording.neurons) {
    found.no_images = "the run has no predictions of the images that are found";
    return;
  }
  for (int64_t i = session->scored.begin; i < session->scored.end; ++i) {
    found.recorded.push_back(recording.mean_at(number, i));
    found.names.push_back(recording.image_source->name(i));
  }
  if (!are_those_that_scored(run, neuron, found)) {
    found.recorded.clear();
    found.no_images = "the responses that are found are not those that scored";
    return;
  }
  std::vector<int64_t> order(images);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater(),
                           [&](int64_t i) { return found.predicted[static_cast<size_t>(i)]; });
  const auto compact = run.network(about, "compact");
  if (!compact) {
    found.no_images = "the file of the compact model is not there";
    return;
  }
  if (!answers_alike(*compact, *session, order.front(),
                     found.predicted[static_cast<size_t>(order.front())])) {
    found.no_images =
        "the compact model does not answer the best image as its prediction says: the model or the "
        "images are others";
    return;
  }
  if (!run.in_detail) return;
  for (size_t i = 0; i < std::min(kShownImages, images / 2); ++i) {
    found.best.push_back(shown_image(*session, order[i], found));
    found.worst.push_back(shown_image(*session, order[images - 1 - i], found));
  }
}

}  // namespace secateur
