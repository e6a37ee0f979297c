// First-layer kernels under the numbers that the ledger has for them: what was kept beside what was
// removed, all on one scale.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "report/cards/cards.h"
#include "report/cards/pictures.h"
#include "report/figure.h"
#include "report/markup.h"

namespace secateur {
namespace {

constexpr double kKernelSide = 36, kKernelStepX = 84, kKernelStepY = 60;
constexpr size_t kKernelsInRow = 8;

struct FirstLayer {
  Tensor kernels;  // [filters, 3, side, side], batch norm folded: the sign is the filter's
  std::string name;
};

std::optional<FirstLayer> first_layer(const std::optional<Model>& model) {
  if (!model) return {};
  const std::vector<Block>& blocks = model->architecture().blocks;
  if (blocks.empty() || blocks[0].kind != BlockKind::kConv) return {};
  if (model->architecture().input.channels != 3) return {};
  return FirstLayer{fold_batch_norm(*model).tensor(blocks[0].name + ".conv.weight"),
                    blocks[0].name};
}

struct NumberedKernel {
  int64_t number = 0;
  const float* weights = nullptr;
};

std::string kernel_rows(const std::vector<NumberedKernel>& kernels, int64_t side,
                        const KernelScale& scale, const std::string& title, double& y) {
  if (kernels.empty()) return "";
  std::string out =
      fmt::format("<text class=\"strong\" x=\"0\" y=\"{:.0f}\">{}</text>\n", y + 14, title);
  y += 22;
  for (size_t i = 0; i < kernels.size(); ++i) {
    const double left = kKernelStepX * static_cast<double>(i % kKernelsInRow);
    const double top = y + kKernelStepY * static_cast<double>(i / kKernelsInRow);
    out += fmt::format(
        "<g><title>kernel {0}</title>{1}<text x=\"{2:.0f}\" y=\"{3:.0f}\">{0}</text>"
        "</g>\n",
        kernels[i].number, svg_kernel(kernels[i].weights, side, scale, left, top, kKernelSide),
        left, top + kKernelSide + 15);
  }
  y += kKernelStepY * static_cast<double>((kernels.size() + kKernelsInRow - 1) / kKernelsInRow) + 8;
  return out;
}

const float* kernel_at(const Tensor& kernels, int64_t filter) {
  return kernels.data() + filter * 3 * kernels.dim(2) * kernels.dim(3);
}

}  // namespace

// Of the retrained network where it is there: the compact one has its features scaled
// (compression/balance.h), so its kernels are not on the scale of the student's.
std::string kernels_card(const RunRecord& run, size_t neuron) {
  const auto retrained = first_layer(run.network(run.neurons()[neuron], "retrained"));
  const auto left =
      retrained ? retrained : first_layer(run.network(run.neurons()[neuron], "compact"));
  if (!left) return "";
  const auto student = first_layer(run.network(run.neurons()[neuron], "student"));
  const std::set<int64_t> removed = run.removed_filters(neuron, left->name);
  std::vector<NumberedKernel> kept, gone;
  const int64_t count = left->kernels.dim(0);
  for (const int64_t number : run.kept_filters(neuron, left->name, count)) {
    kept.push_back({number, kernel_at(left->kernels, static_cast<int64_t>(kept.size()))});
  }
  const int64_t before = count + static_cast<int64_t>(removed.size());
  const bool shown = student && student->kernels.dim(0) == before &&
                     student->kernels.dim(2) == left->kernels.dim(2);
  for (const int64_t number : removed) {
    if (shown && number < before) gone.push_back({number, kernel_at(student->kernels, number)});
  }
  const int64_t side = left->kernels.dim(2);
  KernelScale scale;
  for (const auto* kernels : {&kept, &gone}) {
    for (const NumberedKernel& kernel : *kernels) widen(scale, kernel.weights, side * side);
  }
  double y = 0;
  std::string body = kernel_rows(
      kept, side, scale, retrained ? "kept, as retrained" : "kept, as in the compact model", y);
  body += kernel_rows(gone, side, scale, "removed, as in the student", y);
  const size_t widest = std::min(kKernelsInRow, std::max(kept.size(), gone.size()));
  return figure_html(
      {.id = fmt::format("kernels-{}", neuron),
       .title = "First-layer kernels",
       .drawing = page_drawing(
           std::max(kKernelStepX * static_cast<double>(widest), 230.0), y,
           fmt::format("{} kernels kept and {} removed", kept.size(), gone.size()), body),
       .caption = fmt::format(
           "Numbered as in the ledger. Each kernel twice: left the part that red, green and blue "
           "have in common, right what each has besides (so grey there means no colour). One scale "
           "for all: mid-grey is 0, black and white are {:.2g}; full colour is {:.2g}.",
           scale.grey, scale.colour),
       .data = {}});
}

}  // namespace secateur
