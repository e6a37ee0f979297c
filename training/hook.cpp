#include "training/hook.h"

#include <limits>

#include "tensor/error.h"
#include "training/smoothing.h"

namespace secateur {
namespace {

class SmoothingHook : public Hook {
 public:
  SmoothingHook(int64_t every_images, double sigma) : every_(every_images), sigma_(sigma) {
    require(every_images > 0, "smoothing", "wanted an interval of at least 1 image, got {}",
            every_images);
  }
  std::string name() const override { return "smoothing"; }
  void after_step(StepContext& context) override {
    const int64_t due = context.images_seen / every_;
    if (due > done_) smooth_kernels(context.model, sigma_);
    done_ = due;
  }
  nlohmann::json state() const override { return {{"done", done_}}; }
  void restore_state(const JsonField& state) override { done_ = state.at("done").whole(); }

 private:
  int64_t every_;
  double sigma_;
  int64_t done_ = 0;
};

class EarlyStoppingHook : public Hook {
 public:
  EarlyStoppingHook(const EarlyStopping& options, Score score,
                    std::function<void(int64_t, double)> report)
      : options_(options), score_(std::move(score)), report_(std::move(report)) {
    require(options.every_steps > 0, "early stopping",
            "wanted an interval of at least 1 step, got {}", options.every_steps);
  }

  std::string name() const override { return "early_stopping"; }

  void after_step(StepContext& context) override {
    if (context.step % options_.every_steps == 0 || context.step == context.total_steps) {
      evaluate(context);
    }
  }

  void at_end(StepContext& context) override {
    if (options_.best_step) options_.best_step(best_step_);
    if (!options_.restore_best) return;
    for (const auto& [name, tensor] : best_tensors_) {
      context.model.tensor(name) = tensor.clone();
    }
  }

  nlohmann::json state() const override {
    if (best_tensors_.empty()) return {{"without_best", without_best_}};
    return {{"without_best", without_best_}, {"best", best_}, {"best_step", best_step_}};
  }
  void restore_state(const JsonField& state) override {
    without_best_ = state.at("without_best").whole();
    best_ =
        state.has("best") ? state.at("best").number() : -std::numeric_limits<double>::infinity();
    best_step_ = state.has("best_step") ? state.at("best_step").whole() : 0;
  }
  std::map<std::string, Tensor> tensors() const override { return best_tensors_; }
  void restore_tensors(const std::map<std::string, Tensor>& tensors) override {
    best_tensors_ = tensors;
  }

 private:
  void evaluate(StepContext& context) {
    const double score = score_(context.model);
    if (report_) report_(context.step, score);
    if (score > best_) {
      best_ = score;
      best_step_ = context.step;
      without_best_ = 0;
      best_tensors_.clear();
      for (const auto& [name, tensor] : context.model.tensors()) {
        best_tensors_.emplace(name, tensor.clone());
      }
      return;
    }
    ++without_best_;
    if (options_.patience > 0 && without_best_ >= options_.patience) context.stop = true;
  }

  EarlyStopping options_;
  Score score_;
  std::function<void(int64_t, double)> report_;
  double best_ = -std::numeric_limits<double>::infinity();
  int64_t best_step_ = 0;
  int64_t without_best_ = 0;
  std::map<std::string, Tensor> best_tensors_;
};

}  // namespace

std::unique_ptr<Hook> smoothing_hook(int64_t every_images, double sigma) {
  return std::make_unique<SmoothingHook>(every_images, sigma);
}

std::unique_ptr<Hook> early_stopping_hook(const EarlyStopping& options, Score score,
                                          std::function<void(int64_t, double)> report) {
  return std::make_unique<EarlyStoppingHook>(options, std::move(score), std::move(report));
}

}  // namespace secateur
