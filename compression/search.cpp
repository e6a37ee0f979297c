#include "compression/search.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "compression/balance.h"
#include "compression/compact_file.h"
#include "compression/compact_head.h"
#include "compression/gradient_matrix.h"
#include "tensor/error.h"
#include "tensor/part_observer.h"

namespace secateur {
namespace {

constexpr int64_t kFewestImages = 8;
constexpr int64_t kFewestRows = 64;  // fewer gradients are not worth choosing codes by
constexpr int kFinestStep = -256;    // sixteenths; far below any step that 8 bits could use
constexpr int kCoarsestStep = 160;

void check(const Model& model, const std::vector<Tensor>& calibration,
           const CompressOptions& options) {
  const auto usage = [](bool condition, const std::string& sentence) {
    if (!condition) fail(ErrorKind::kUsage, "compress", "{}", sentence);
  };
  usage(options.max_loss > 0 && options.max_loss < 1,
        fmt::format("wanted max_loss within 0 and 1, got {}", options.max_loss));
  usage(options.margin > 0 && options.margin <= 1,
        fmt::format("wanted a margin above 0 and at most 1, got {}", options.margin));
  for (const double weight : {options.rate_weight, options.together_rate_weight}) {
    usage(weight >= 0 && weight < 100,
          fmt::format("wanted a rate weight of 0 to 100, got {}", weight));
  }
  usage(options.together_images >= 0,
        fmt::format("wanted at least 0 images to choose codes together with, got {}",
                    options.together_images));
  usage(options.gradient_images >= kFewestImages && options.most_trials >= 1,
        fmt::format("wanted at least {} gradient images and 1 trial, got {} and {}", kFewestImages,
                    options.gradient_images, options.most_trials));
  const InputSpec& input = model.architecture().input;
  int64_t images = 0;
  for (const Tensor& batch : calibration) {
    require(batch.rank() == 4 && batch.dim(1) == input.channels && batch.dim(2) == input.height &&
                batch.dim(3) == input.width,
            "compress", "wanted images [n, {}, {}, {}], got {}", input.channels, input.height,
            input.width, batch.shape());
    images += batch.dim(0);
  }
  require(images >= kFewestImages, "compress", "wanted at least {} calibration images, got {}",
          kFewestImages, images);
}

std::vector<double> sum_by_filter(const std::vector<double>& values, const TensorLayout& layout) {
  std::vector<double> sums(static_cast<size_t>(layout.filters), 0.0);
  const auto of_filter = static_cast<size_t>(layout.filter_numel());
  for (size_t i = 0; i < values.size(); ++i) sums[i / of_filter] += values[i];
  return sums;
}

// Rounded one by one, then perhaps together.
struct Quantised {
  RoundedNetwork rounded;
  Refinement refinement;
};

class Search {
 public:
  Search(const Model& model, const std::vector<Tensor>& calibration, const CompressOptions& options,
         Observer& observer)
      : folded_(fold_batch_norm(model)),
        calibration_(calibration),
        options_(options),
        observer_(observer) {
    if (!options.keep_metadata) folded_.metadata = nlohmann::json::object();
    for (const Tensor& batch : calibration) images_ += batch.dim(0);
    const int64_t measured = std::min(images_, options.gradient_images);
    if (folded_.architecture().readout.outputs == 1) {
      rows_ = gradient_rows(folded_, calibration, options.together_images);
      if (rows_ < kFewestRows) rows_ = 0;
    }
    progress_ = {
        .what = options.title,
        .unit = "images",
        .total = static_cast<double>(images_ * (1 + options.most_trials) + measured + rows_)};
    original_responses_ = responses_of(folded_);
    response_loss(original_responses_, original_responses_);  // refuses responses that do not vary
    PartObserver part(observer_, progress_);
    std::vector<TensorImportance> importance = measure_importance(
        folded_, calibration_, original_responses_, options.gradient_images, options.seed, part);
    progress_.done += static_cast<double>(measured);
    const Balance balance = balance_of(folded_, importance);
    std::vector<TensorImportance> of_balanced = balanced(importance, folded_, balance);
    folded_ = balanced(folded_, balance);
    sensitivity_ = std::move(importance);
    tensors_.emplace(folded_, std::move(of_balanced),
                     rows_ > 0 ? options.together_rate_weight : options.rate_weight, rows_ > 0);
  }

  CompressionResult run() {
    // Which tensors are transformed depends on the step, and the step on that: twice is enough.
    int step = step_for(allowed_loss_);
    for (int round = 0; round < 2; ++round) {
      tensors_->choose_transforms(step);
      step = step_for(allowed_loss_);
    }
    keep_gradients();
    try_steps(step);
    if (!best_) {
      const CompressTrial& finest = result_.trials.back();
      fail(ErrorKind::kVerification, "compress",
           "wanted a loss of at most {}, but the finest of {} trials loses {:.2g}: allow more than "
           "that (compress.max_loss, --max-loss)",
           allowed_loss_, result_.trials.size(), finest.loss);
    }
    report();
    progress_.done = progress_.total;
    observer_.progress(progress_);
    return std::move(result_);
  }

 private:
  Tensor responses_of(const Model& model) {
    PartObserver part(observer_, progress_);
    Tensor responses = respond(model, calibration_, part);
    progress_.done += static_cast<double>(images_);
    return responses;
  }

  // For models with one output: with several, each would want gradients of its own.
  void keep_gradients() {
    if (rows_ == 0) return;
    PartObserver part(observer_, progress_);
    row_images_.emplace(calibration_, rows_);
    gradients_ = measure_gradients(folded_, tensors_->transforms(), *row_images_, part);
    progress_.done += static_cast<double>(rows_);
  }

  RoundedNetwork round(int global_step) const {
    stop_if_asked(observer_);
    return tensors_->round(global_step);
  }

  // The largest step whose predicted loss is allowed. Where the prediction cannot get there,
  // because 8 bits set a floor to it, the place where the floor is not yet reached: trials go on
  // from there.
  int step_for(double loss) {
    ++searches_;
    loss = std::max(loss, 2.0 * round(kFinestStep).predicted_loss);
    int fine = kFinestStep;
    int coarse = kCoarsestStep;
    while (coarse - fine > 1) {
      const int middle = fine + (coarse - fine) / 2;
      const double predicted = round(middle).predicted_loss;
      const bool allowed = predicted <= loss;
      (allowed ? fine : coarse) = middle;
      result_.predicted.push_back({.search = searches_,
                                   .global_step = middle,
                                   .predicted_loss = predicted,
                                   .limit = loss,
                                   .allowed = allowed});
    }
    return fine;
  }

  // Evaluates the model that the file would give, and keeps it when it is the smallest allowed.
  CompressTrial evaluate(int global_step) {
    Quantised all{.rounded = round(global_step), .refinement = {}};
    CompactModel& compact = all.rounded.compact;
    if (gradients_) {
      all.refinement = refine(folded_, *gradients_, *row_images_, tensors_->bit_value(global_step),
                              compact, observer_);
    }
    CompressTrial trial{.global_step = global_step, .predicted_loss = all.rounded.predicted_loss};
    trial.loss = response_loss(original_responses_, responses_of(decode(compact)));
    std::vector<uint8_t> file = encode(compact);
    trial.bytes = static_cast<int64_t>(file.size());
    if (trial.loss <= allowed_loss_ && (!best_ || file.size() < result_.file.size())) {
      result_.file = std::move(file);
      result_.loss = trial.loss;
      best_ = std::move(all);
    }
    result_.trials.push_back(trial);
    progress_.detail = best_ ? fmt::format("smallest {} bytes at a loss of {:.5f}",
                                           result_.file.size(), result_.loss)
                             : "none yet within the loss allowed";
    return trial;
  }

  // The loss goes with the square of the step, up to noise: each trial aims by that law, inside
  // what is known to be allowed and what is not. Without any success it goes down fast, to the end.
  void try_steps(int step) {
    int allowed = kFinestStep - 1;
    int refused = kCoarsestStep + 1;
    for (int64_t trial = 1; trial <= options_.most_trials || !best_; ++trial) {
      const CompressTrial tried = evaluate(step);
      const bool good = tried.loss <= allowed_loss_;
      (good ? allowed : refused) = step;
      if (refused - allowed <= 1) break;
      const double ratio = allowed_loss_ / std::max(tried.loss, 1e-9);
      int stride = std::clamp(static_cast<int>(std::lround(8.0 * std::log2(ratio))), -32, 32);
      if (stride == 0) stride = good ? 1 : -1;
      if (trial >= options_.most_trials) stride = -32;
      if (trial >= options_.most_trials && !best_) progress_.total += static_cast<double>(images_);
      step = std::clamp(step + stride, allowed + 1, refused - 1);
    }
  }

  void report() {
    result_.compact = best_->rounded.compact;
    result_.quantised = folded_;
    result_.max_loss = options_.max_loss;
    result_.allowed_loss = allowed_loss_;
    result_.bit_value = tensors_->bit_value(result_.compact.global_step);
    result_.images = original_responses_.dim(0);
    result_.gradient_images = std::min(options_.gradient_images, original_responses_.dim(0));
    result_.refinement = best_->refinement;
    result_.head_bytes = static_cast<int64_t>(head_of(result_.compact).size());
    const std::vector<CompactTensorSize> sizes = tensor_sizes(result_.compact);
    for (size_t t = 0; t < sizes.size(); ++t) {
      result_.tensors.push_back(decision_on(t));
      result_.tensors.back().steps_bytes = sizes[t].steps_bytes;
      result_.tensors.back().codes_bytes = sizes[t].codes_bytes;
    }
  }

  TensorDecision decision_on(size_t t) const {
    const CompactTensor& tensor = result_.compact.tensors[t];
    const std::vector<double>& filter_loss = best_->rounded.filter_loss[t];
    TensorDecision decision{
        .name = tensor.name,
        .transform = tensor.transform,
        .plain = tensors_->plain_cost(t),
        .transformed = tensors_->transformed_cost(t),
        .filter_sensitivity =
            sum_by_filter(in_domain(sensitivity_[t], tensor.transform), tensor.layout),
        .filter_loss = filter_loss,
        .rounding = best_->rounded.traces[t],
        .filter_bits = {},
        .predicted_loss = std::accumulate(filter_loss.begin(), filter_loss.end(), 0.0)};
    decision.zeros = std::count(tensor.codes.begin(), tensor.codes.end(), 0);
    for (int64_t f = 0; f < tensor.layout.filters; ++f) {
      decision.filter_bits.push_back(filter_bits(tensor, f));
    }
    return decision;
  }

  Model folded_;
  const std::vector<Tensor>& calibration_;
  CompressOptions options_;
  Observer& observer_;
  Progress progress_;
  int64_t images_ = 0;  // of the calibration
  double allowed_loss_ = options_.max_loss * options_.margin;
  int64_t rows_ = 0;  // gradients kept to choose codes together
  std::optional<RowImages> row_images_;
  std::optional<GradientMatrix> gradients_;
  Tensor original_responses_;
  std::vector<TensorImportance> sensitivity_;  // before features were scaled
  std::optional<TensorRounding> tensors_;
  int searches_ = 0;  // bisections so far
  std::optional<Quantised> best_;
  CompressionResult result_;
};

}  // namespace

CompressionResult compress(const Model& model, const std::vector<Tensor>& calibration,
                           const CompressOptions& options, Observer& observer) {
  check(model, calibration, options);
  return Search(model, calibration, options, observer).run();
}

}  // namespace secateur
