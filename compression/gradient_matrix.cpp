#include "compression/gradient_matrix.h"

#include <algorithm>
#include <cmath>

#include "compression/compact_model.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

constexpr int64_t kGradientWorkers = 16;              // gradients computed side by side
constexpr int64_t kResponseStretch = 64;              // images between two looks at the observer
constexpr int64_t kMostGradients = int64_t{1} << 26;  // floats kept

class GradientRows {
 public:
  GradientRows(const Model& folded, const std::vector<Transform>& transforms)
      : transforms_(transforms) {
    for (int64_t w = 0; w < kGradientWorkers; ++w) workers_.push_back(folded.clone());
    for (const ParameterSpec& spec : folded.specs()) layouts_.push_back(layout_of(spec));
  }

  // The gradient of the response to one image, all tensors behind one another; the response.
  double gradient(int64_t worker, const Tensor& image, std::vector<float>& row) const {
    const Model& model = workers_[static_cast<size_t>(worker)];
    const Variable y = model.forward(Variable(image), Mode::kEvaluation);
    backward(y, Tensor::full(Shape{1, 1}, 1.0f));
    row.clear();
    for (size_t t = 0; t < layouts_.size(); ++t) {
      const Variable& parameter = model.parameter(model.specs()[t].name);
      for (const double g :
           to_coefficients(parameter.grad().values(), layouts_[t], transforms_[t])) {
        row.push_back(static_cast<float>(g));
      }
      parameter.clear_grad();
    }
    return y.value()[0];
  }

 private:
  const std::vector<Transform>& transforms_;
  std::vector<Model> workers_;
  std::vector<TensorLayout> layouts_;
};

}  // namespace

int mirrored_variants(int64_t height, int64_t width) { return height == width ? 8 : 4; }

Tensor mirrored(const Tensor& image, int variant) {
  const int64_t height = image.dim(1);
  const int64_t width = image.dim(2);
  require(variant >= 0 && variant < mirrored_variants(height, width), "compress",
          "there is no way {} to mirror {}", variant, image.shape());
  Tensor turned(image.shape());
  int64_t at = 0;
  for (int64_t c = 0; c < image.dim(0); ++c) {
    for (int64_t y = 0; y < height; ++y) {
      for (int64_t x = 0; x < width; ++x) {
        int64_t row = (variant & 2) != 0 ? height - 1 - y : y;
        int64_t column = (variant & 1) != 0 ? width - 1 - x : x;
        if ((variant & 4) != 0) std::swap(row, column);
        turned[at++] = image[(c * height + row) * width + column];
      }
    }
  }
  return turned;
}

GradientMatrix::GradientMatrix(int64_t images, int64_t coefficients)
    : images_(images),
      coefficients_(coefficients),
      values_(static_cast<size_t>(images * coefficients), 0.0f) {}

std::span<float> GradientMatrix::column(int64_t coefficient) {
  return std::span(values_).subspan(static_cast<size_t>(coefficient * images_),
                                    static_cast<size_t>(images_));
}

std::span<const float> GradientMatrix::column(int64_t coefficient) const {
  return std::span(values_).subspan(static_cast<size_t>(coefficient * images_),
                                    static_cast<size_t>(images_));
}

int64_t gradient_rows(const Model& folded, const std::vector<Tensor>& batches, int64_t most) {
  int64_t images = 0;
  for (const Tensor& batch : batches) images += batch.dim(0);
  const InputSpec& input = folded.architecture().input;
  const int64_t mirrored = images * (mirrored_variants(input.height, input.width) - 1);
  const int64_t parameters = count_parameters(folded.architecture()).total;
  return std::min({most, mirrored, kMostGradients / std::max<int64_t>(1, parameters)});
}

RowImages::RowImages(const std::vector<Tensor>& batches, int64_t rows) : rows_(rows) {
  for (const Tensor& batch : batches) {
    for (int64_t i = 0; i < batch.dim(0); ++i) {
      images_.push_back(batch.rows(i, i + 1).reshaped({batch.dim(1), batch.dim(2), batch.dim(3)}));
    }
  }
  const auto count = static_cast<int64_t>(images_.size());
  const int64_t ways =
      images_.empty() ? 0 : mirrored_variants(images_[0].dim(1), images_[0].dim(2)) - 1;
  require(rows >= 0 && rows <= ways * count, "compress", "there are not {} mirrored images", rows);
}

// All images mirrored in the first way, then all in the next.
Tensor RowImages::at(int64_t row) const {
  const auto count = static_cast<int64_t>(images_.size());
  const Tensor image =
      mirrored(images_[static_cast<size_t>(row % count)], static_cast<int>(1 + row / count));
  return image.reshaped({1, image.dim(0), image.dim(1), image.dim(2)});
}

StandardResponses::StandardResponses(const std::vector<double>& responses)
    : responses_(responses), standard_(responses) {
  if (responses.empty()) return;
  const double mean = mean_of(responses);
  deviation_ = std::sqrt(variance_of(responses, 0));
  for (double& y : standard_) y = deviation_ > 0 ? (y - mean) / deviation_ : 0.0;
}

void StandardResponses::standardise(std::span<float> change) const {
  const auto images = static_cast<double>(change.size());
  double sum = 0.0;
  double along = 0.0;
  for (size_t n = 0; n < change.size(); ++n) {
    sum += change[n];
    along += change[n] * standard_[n];
  }
  for (size_t n = 0; n < change.size(); ++n) {
    const double left = change[n] - sum / images - standard_[n] * along / images;
    change[n] = deviation_ > 0 ? static_cast<float>(left / deviation_) : 0.0f;
  }
}

std::vector<float> StandardResponses::difference(const std::vector<double>& others) const {
  std::vector<float> change;
  for (size_t n = 0; n < others.size(); ++n) {
    change.push_back(static_cast<float>(others[n] - responses_[n]));
  }
  standardise(change);
  return change;
}

void GradientMatrix::standardise(const std::vector<double>& responses) {
  responses_ = StandardResponses(responses);
  parallel_for(coefficients_, [&](int64_t i) { responses_.standardise(column(i)); });
}

GradientMatrix measure_gradients(const Model& folded, const std::vector<Transform>& transforms,
                                 const RowImages& images, Observer& observer) {
  require(folded.architecture().readout.outputs == 1 && transforms.size() == folded.specs().size(),
          "compress", "wanted a model with one output and {} transforms, got {} and {}",
          folded.specs().size(), folded.architecture().readout.outputs, transforms.size());
  const int64_t rows = images.count();
  GradientMatrix matrix(rows, count_parameters(folded.architecture()).total);
  const GradientRows gradients(folded, transforms);
  std::vector<std::vector<float>> some(static_cast<size_t>(kGradientWorkers));
  std::vector<double> responses(static_cast<size_t>(rows));
  for (int64_t first = 0; first < rows; first += kGradientWorkers) {
    stop_if_asked(observer);
    const int64_t count = std::min(kGradientWorkers, rows - first);
    parallel_for(count, [&](int64_t w) {
      responses[static_cast<size_t>(first + w)] =
          gradients.gradient(w, images.at(first + w), some[static_cast<size_t>(w)]);
    });
    parallel_for(matrix.coefficients(), [&](int64_t i) {
      const std::span<float> column = matrix.column(i);
      for (int64_t w = 0; w < count; ++w) {
        column[static_cast<size_t>(first + w)] =
            some[static_cast<size_t>(w)][static_cast<size_t>(i)];
      }
    });
    observer.progress({.what = "gradients",
                       .unit = "images",
                       .done = static_cast<double>(first + count),
                       .total = static_cast<double>(rows)});
  }
  matrix.standardise(responses);
  return matrix;
}

std::vector<double> respond_to_rows(const Model& model, const RowImages& images,
                                    Observer& observer) {
  const Model constant = model.frozen();
  std::vector<double> responses(static_cast<size_t>(images.count()));
  for (int64_t first = 0; first < images.count(); first += kResponseStretch) {
    stop_if_asked(observer);
    parallel_for(std::min(kResponseStretch, images.count() - first), [&](int64_t i) {
      responses[static_cast<size_t>(first + i)] =
          constant.forward(Variable(images.at(first + i)), Mode::kEvaluation).value()[0];
    });
  }
  return responses;
}

}  // namespace secateur
