#include "compression/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compression/exact_numbers.h"

namespace secateur {
namespace {

const char* name_of(Transform transform) {
  return transform == Transform::kDct ? "cosines" : "weights";
}

std::string sensitivity_text(const CompressionResult& result) {
  std::string text = fmt::format(
      "1. How much every filter matters\n"
      "An error e of a weight changes the response, to first order, by e times the gradient. The\n"
      "sensitivity of a weight is the mean square of its gradient over {} images, without what a\n"
      "change of offset (and of gain, for a single output) could undo, divided by the variance of\n"
      "the response: sensitivity times e^2 is the loss the error causes. Below, a filter's sum "
      "over\n"
      "its weights (after the cosine transform, where the tensor is transformed), the largest "
      "step\n"
      "that rounds it, the bits of its codes, and the loss predicted for its rounding. What "
      "matters\n"
      "more gets smaller steps.\n",
      result.gradient_images);
  text += fmt::format("{:<28} {:>6} {:>12} {:>12} {:>5} {:>12}\n", "tensor", "filter",
                      "sensitivity", "step", "bits", "loss");
  for (size_t t = 0; t < result.tensors.size(); ++t) {
    const TensorDecision& d = result.tensors[t];
    const std::vector<double> steps =
        steps_of(result.compact.tensors[t], result.compact.global_step);
    const size_t of_filter = steps.size() / d.filter_bits.size();
    for (size_t f = 0; f < d.filter_bits.size(); ++f) {
      const auto begin = steps.begin() + static_cast<std::ptrdiff_t>(f * of_filter);
      const double largest =
          *std::max_element(begin, begin + static_cast<std::ptrdiff_t>(of_filter));
      text += fmt::format("{:<28} {:>6} {:>12.5g} {:>12.5g} {:>5} {:>12.3g}\n", d.name, f,
                          d.filter_sensitivity[f], largest, d.filter_bits[f], d.filter_loss[f]);
    }
  }
  return text;
}

std::string transform_text(const CompressionResult& result) {
  std::string text =
      "\n2. Weights or cosines\n"
      "Neighbouring weights of a kernel are alike, so its cosine transform may take fewer bits. "
      "Both\n"
      "were rounded at the same global step, and everything counted in bits: codes, steps, and the "
      "loss\n"
      "at the rate of a fine quantiser. The smaller sum was taken.\n";
  text += fmt::format("{:<28} {:^37} | {:^37}\n", "", "weights", "cosines");
  const std::string columns =
      fmt::format("{:>9} {:>7} {:>9} {:>9}", "codes", "steps", "loss", "sum");
  text += fmt::format("{:<28} {} | {}  taken\n", "tensor", columns, columns);
  for (const TensorDecision& d : result.tensors) {
    if (d.plain.total() == 0 && d.transformed.total() == 0) continue;
    const auto part = [](const TensorCost& c) {
      return fmt::format("{:>9.1f} {:>7.1f} {:>9.1f} {:>9.1f}", c.codes, c.steps, c.error,
                         c.total());
    };
    text += fmt::format("{:<28} {} | {}  {}\n", d.name, part(d.plain), part(d.transformed),
                        name_of(d.transform));
  }
  return text;
}

std::string steps_text(const CompressionResult& result) {
  std::string text = fmt::format(
      "\n3. The steps tried\n"
      "One global step is left to choose. The loss wanted is at most {:g}; on the {} images of "
      "the\n"
      "search at most {:g} is allowed. First by prediction alone, halving the interval: once "
      "before\n"
      "any tensor is transformed, then after each choice of transforms.\n",
      result.max_loss, result.images, result.allowed_loss);
  text += fmt::format("{:>6} {:>12} {:>14} {:>14}\n", "search", "step", "predicted loss", "limit");
  for (const PredictedStep& p : result.predicted) {
    text += fmt::format("{:>6} {:>12} {:>14.6g} {:>14.6g}  {}\n", p.search,
                        fmt::format("2^{:.4f}", p.global_step / 16.0), p.predicted_loss, p.limit,
                        p.allowed ? "allowed: try larger" : "too much: try smaller");
  }
  text +=
      "Then by trial: the model is coded, decoded and asked. The smallest file whose loss is "
      "allowed is\n"
      "kept.\n";
  text += fmt::format("{:>6} {:>12} {:>14} {:>14} {:>8}\n", "trial", "step", "predicted loss",
                      "loss", "bytes");
  for (size_t i = 0; i < result.trials.size(); ++i) {
    const CompressTrial& t = result.trials[i];
    const bool chosen = t.global_step == result.compact.global_step;
    text += fmt::format("{:>6} {:>12} {:>14.6g} {:>14.6g} {:>8}  {}\n", i + 1,
                        fmt::format("2^{:.4f}", t.global_step / 16.0), t.predicted_loss, t.loss,
                        t.bytes,
                        t.loss > result.allowed_loss ? "too much"
                        : chosen                     ? "allowed: chosen"
                                                     : "allowed");
  }
  return text;
}

std::string rounding_text(const CompressionResult& result) {
  std::string text = fmt::format(
      "\n4. Bits saved against loss caused\n"
      "A code need not be the nearest: a smaller one is cheaper. At the chosen step a bit is worth "
      "a\n"
      "loss of {:.4g}; for each coefficient the code with the least loss + bits times that was "
      "taken.\n"
      "The sums over the coefficients that moved:\n",
      result.bit_value);
  text += fmt::format("{:<28} {:>7} {:>7} {:>10} {:>12} {:>12}\n", "tensor", "moved", "to 0",
                      "bits saved", "worth", "loss caused");
  RoundingTrace all;
  const auto row = [&](const std::string& name, const RoundingTrace& r) {
    return fmt::format("{:<28} {:>7} {:>7} {:>10.1f} {:>12.4g} {:>12.4g}\n", name, r.moved,
                       r.zeroed, r.bits_saved, r.bits_saved * result.bit_value, r.loss_added);
  };
  for (const TensorDecision& d : result.tensors) {
    text += row(d.name, d.rounding);
    all.moved += d.rounding.moved;
    all.zeroed += d.rounding.zeroed;
    all.bits_saved += d.rounding.bits_saved;
    all.loss_added += d.rounding.loss_added;
  }
  return text + row("all", all);
}

std::string together_text(const CompressionResult& result) {
  const Refinement& r = result.refinement;
  std::string text = "\n5. Codes chosen together\n";
  if (r.images == 0)
    return text + "They were not: for that one output and enough images are needed.\n";
  text += fmt::format(
      "What one rounding does to the response, another can undo. With the gradients of {} "
      "mirrored\n"
      "images the errors of all codes were added up, image by image, and code after code moved to\n"
      "what is best for all the others as they stand, bits counted, in {} passes.\n",
      r.images, r.passes);
  text += fmt::format("{:<28} {:>12} {:>12}\n", "", "one by one", "together");
  text += fmt::format("{:<28} {:>12.4g} {:>12.4g}\n", "loss on these images", r.loss_before,
                      r.loss_after);
  text += fmt::format("{:<28} {:>12.1f} {:>12.1f}\n", "bits of all codes, estimated", r.bits_before,
                      r.bits_after);
  return text + fmt::format("{:<28} {:>12} {:>12}\n", "codes moved", "", r.moved);
}

std::string bytes_text(const CompressionResult& result) {
  std::string text =
      "\n6. Where the bytes are\n"
      "Shares of tensors are those of one stream, and need not be whole.\n";
  text += fmt::format("{:<28} {:>10} {:>7} {:>8} {:>9} {:>9} {:>12}\n", "tensor", "transform",
                      "codes", "zeros", "steps B", "codes B", "loss");
  double body = 0.0;
  double loss = 0.0;
  for (size_t t = 0; t < result.tensors.size(); ++t) {
    const TensorDecision& d = result.tensors[t];
    text += fmt::format("{:<28} {:>10} {:>7} {:>8} {:>9.1f} {:>9.1f} {:>12.4g}\n", d.name,
                        name_of(d.transform), result.compact.tensors[t].codes.size(), d.zeros,
                        d.steps_bytes, d.codes_bytes, d.predicted_loss);
    body += d.steps_bytes + d.codes_bytes;
    loss += d.predicted_loss;
  }
  const auto file = static_cast<double>(result.file.size());
  text += fmt::format("{:<28} {:>46.1f}\n", "tensors together", body);
  text += fmt::format("{:<28} {:>46}\n", "head", result.head_bytes);
  text += fmt::format("{:<28} {:>46.1f}\n", "frame, check sum, stream end",
                      file - body - static_cast<double>(result.head_bytes));
  text += fmt::format("{:<28} {:>46}\n", "file", result.file.size());
  return text + fmt::format(
                    "loss: {:.6g} predicted from the sensitivities, of codes chosen one by one; "
                    "{:.6g} measured with the decoded model\n\n",
                    loss, result.loss);
}

}  // namespace

std::string explain(const CompressionResult& result) {
  return sensitivity_text(result) + transform_text(result) + steps_text(result) +
         rounding_text(result) + together_text(result) + bytes_text(result);
}

}  // namespace secateur
