#include "interpretation/circuit_study.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "interpretation/circuit_parts.h"
#include "interpretation/weight_paths.h"
#include "tensor/error.h"

namespace secateur {
namespace {

// Rough shares of the time that the parts of a study take, of 100.
constexpr double kAblateTime = 35, kWiringTime = 5, kGroupsTime = 5, kPatchesTime = 5,
                 kTuningTime = 50;

// Part after part on one scale.
class StudyObserver : public Observer {
 public:
  explicit StudyObserver(Observer& whole) : whole_(whole) {}

  void begin(double time) {
    before_ += time_;
    time_ = time;
  }
  bool stop() override { return whole_.stop(); }
  void progress(const Progress& part) override {
    const double done = part.total > 0 ? std::min(1.0, part.done / part.total) : 0;
    reached_ = std::max(reached_, before_ + time_ * done);  // a part may itself have parts
    whole_.progress({.what = "circuit",
                     .unit = "percent",
                     .done = reached_,
                     .total = 100,
                     .detail = part.what});
  }
  void say(const std::string& sentence) override { whole_.say(sentence); }

 private:
  Observer& whole_;
  double before_ = 0;
  double time_ = 0;
  double reached_ = 0;
};

// Every filter alone; of a response that hardly varies nothing is lost.
Ablation ablate_alone(AblationRuns& runs, Observer& observer) {
  Progress progress{.what = "responses", .total = static_cast<double>(runs.images())};
  std::vector<double> intact = runs.responses({FilterSet{}}, progress, observer).front();
  const std::vector<FilterSet> sets = single_filters(runs.model());
  if (!hardly_varies(intact)) return ablate(runs, sets, observer);
  Ablation single{.intact = std::move(intact), .ablated = {}};
  for (const FilterSet& set : sets) {
    single.ablated.push_back(
        {.set = set, .loss = {}, .change = std::vector<double>(single.intact.size())});
  }
  return single;
}

Tensor plane_of(const Tensor& kernels, int64_t filter) {
  const Tensor one = kernels.rows(filter, filter + 1);
  return one.reshaped(Shape{one.dim(2), one.dim(3)});
}

std::vector<FilterPictures> pictures_of(const LayeredResponse& response, const Tensor& pixels,
                                        Observer& observer) {
  const Model& model = response.model();
  const std::vector<Block>& blocks = model.architecture().blocks;
  std::vector<FilterPictures> pictures;
  for (PreferredPatch& patch : preferred_patches(response, pixels, observer)) {
    FilterPictures one;
    const size_t next = patch.layer + 1;
    if (patch.layer == 0) {
      const Tensor kernel =
          model.tensor(blocks[0].name + ".conv.weight").rows(patch.filter, patch.filter + 1);
      one.kernel = kernel.reshaped(Shape{kernel.dim(1), kernel.dim(2), kernel.dim(3)});
    }
    if (next < blocks.size() && blocks[next].kind == BlockKind::kSeparable) {
      one.read_through =
          plane_of(model.tensor(blocks[next].name + ".depthwise.weight"), patch.filter);
    }
    one.patch = std::move(patch);
    pictures.push_back(std::move(one));
  }
  return pictures;
}

Tensor image_of(const Tensor& pixels, std::ptrdiff_t image) {
  return pixels.rows(image, image + 1).clone();
}

// What they are shares of is rounding.
void remove_shares(Circuit& circuit) {
  for (CircuitEdge& edge : circuit.edges) edge.share = edge.variance = 0;
  for (CircuitFilter& filter : circuit.filters) filter.share = 0;
  for (auto& agreement : circuit.agreement) agreement.reset();
}

// What takes the images again and again. The signals that are kept for it go when it ends.
CircuitStudy study_wiring(const LayeredResponse& response, const StudyImages& images,
                          StudyObserver& parts) {
  AblationRuns runs(response, images.pixels);
  parts.begin(kAblateTime);
  const Ablation single = ablate_alone(runs, parts);
  CircuitStudy study{
      .intact = single.intact, .source = images.source, .available = images.available};
  parts.begin(kWiringTime);
  study.rounding = rounding_of(single.intact, single.ablated);
  study.circuit = circuit_of(response, images.pixels, single, parts);
  if (!varies(study)) remove_shares(study.circuit);
  for (size_t layer = 0; layer < response.layers(); ++layer) {
    parts.begin(kGroupsTime / static_cast<double>(response.layers()));
    study.layers.push_back(layer_parts(runs, single, study.circuit, layer, parts));
  }
  return study;
}

}  // namespace

size_t CircuitStudy::at(size_t layer, int64_t filter) const {
  for (size_t i = 0; i < circuit.filters.size(); ++i) {
    if (circuit.filters[i].layer == layer) return i + static_cast<size_t>(filter);
  }
  fail(ErrorKind::kUsage, "interpret", "there is no layer {}", layer);
}

CircuitStudy study_circuit(const Model& model, int64_t output, const StudyImages& images,
                           uint64_t seed, Observer& observer) {
  const LayeredResponse response(model, output);
  require_chain(response);
  StudyObserver parts(observer);
  CircuitStudy study = study_wiring(response, images, parts);
  parts.begin(kPatchesTime);
  study.pictures = pictures_of(response, images.pixels, parts);
  const auto [worst, best] = std::ranges::minmax_element(study.intact);
  study.best = image_of(images.pixels, best - study.intact.begin());
  study.worst = image_of(images.pixels, worst - study.intact.begin());
  parts.begin(kTuningTime);
  study.tuning = tuning_profile(responses_to_pixels(model, output),
                                stimuli::ground_of(model.architecture().input), seed, parts);
  study.preferred = preferred_stimulus(study.tuning);
  set_stimulus_shares(response, study.tuning.ground, study.preferred, study.layers, parts);
  return study;
}

bool varies(const CircuitStudy& study) { return !hardly_varies(study.intact); }

}  // namespace secateur
