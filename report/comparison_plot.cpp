#include "report/comparison_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/svg.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

constexpr double kMatrixSide = 132, kMatrixStep = 176, kMatrixRow = 172, kMatrixLeft = 84;
constexpr double kMatrixTop = 140, kNameColumn = 320, kNameStep = 18;
constexpr size_t kCellsWithHints = 12;  // rows of a matrix, at most

struct Matrix {
  std::string name;
  std::vector<double> values;  // [rows, rows]
  std::vector<std::string> names;
  double median = 0;
};

std::vector<double> ordered(const std::vector<double>& matrix, const std::vector<size_t>& order) {
  std::vector<double> result;
  for (const size_t a : order) {
    for (const size_t b : order) result.push_back(matrix[a * order.size() + b]);
  }
  return result;
}

std::string cell_hints(const Matrix& matrix, double side) {
  const size_t rows = matrix.names.size();
  if (rows > kCellsWithHints) return "";
  const double each = side / static_cast<double>(rows);
  std::string out;
  for (size_t i = 0; i < rows * rows; ++i) {
    const std::string hint = fmt::format("{}, {}: {:.2f}", matrix.names[i / rows],
                                         matrix.names[i % rows], matrix.values[i]);
    const std::string area =
        fmt::format("<rect width=\"{0:.1f}\" height=\"{0:.1f}\" fill-opacity=\"0\"/>\n", each);
    out += svg_group(each * static_cast<double>(i % rows), each * static_cast<double>(i / rows),
                     hint, area);
  }
  return out;
}

std::string matrix_cell(double x, double y, const Matrix& matrix, double side) {
  const auto rows = static_cast<int64_t>(matrix.names.size());
  const std::string body = svg_heat_map(matrix.values, rows, rows, {}, side, side);
  return svg_group(x, y, fmt::format("{}: median {:.2f}", matrix.name, matrix.median),
                   body + cell_hints(matrix, side));
}

Matrix matrix_of(const ModelComparison& all, const std::string& name,
                 const std::vector<double>& values) {
  Matrix matrix{.name = name, .values = ordered(values, all.order), .names = {}};
  matrix.median = median_of(above_diagonal(values, all.names.size()));
  for (const size_t m : all.order) matrix.names.push_back(all.names[m]);
  return matrix;
}

// What a layer shows, column by column; no name: nothing there.
std::vector<Matrix> matrices_of(const ModelComparison& all, const LayerSimilarity& layer) {
  std::vector<Matrix> row = {
      matrix_of(all, layer.name + ", debiased CKA", layer.debiased),
      matrix_of(all, layer.name + ", debiased CKA with an untrained network", layer.one_untrained),
      matrix_of(all, layer.name + ", rank correlation of dissimilarities", layer.rdm)};
  for (const KernelSimilarity& one : all.kernels) {
    if (one.name != layer.name) continue;
    row.push_back(matrix_of(all, layer.name + ", kernels", one.similarity));
    row.push_back(matrix_of(all, layer.name + ", kernels by chance", one.chance));
  }
  return row;
}

std::string matrix_heads() {
  constexpr std::array kHeads = {"debiased CKA", "CKA, untrained", "dissimilarities", "kernels",
                                 "by chance"};
  std::string out;
  for (size_t i = 0; i < kHeads.size(); ++i) {
    out += svg_text(kMatrixLeft + kMatrixStep * static_cast<double>(i), kMatrixTop - 28, "start",
                    kHeads[i]);
  }
  return out;
}

std::string names_of_rows(const ModelComparison& all, double y, double width) {
  std::string out = svg_text(12, y, "start", "rows and columns, from the top and from the left:");
  const auto columns = static_cast<size_t>(std::max(1.0, (width - 24) / kNameColumn));
  const size_t rows = (all.order.size() + columns - 1) / columns;
  for (size_t i = 0; i < all.order.size(); ++i) {
    out += svg_text(12 + kNameColumn * static_cast<double>(i / rows),
                    y + 20 + kNameStep * static_cast<double>(i % rows), "start",
                    fmt::format("{} {}", i + 1, all.names[all.order[i]]));
  }
  return out;
}

Matrix layers_matrix(const ModelComparison& all) {
  Matrix matrix{.name = all.names.size() > 1
                            ? "layers of one model with layers of another, debiased CKA"
                            : "layers with one another, debiased CKA",
                .values = all.layers_by_layers,
                .names = {},
                .median = median_of(all.layers_by_layers)};
  for (const LayerNumbers& layer : all.numbers[0]) matrix.names.push_back(layer.name);
  return matrix;
}

std::string layers_part(const ModelComparison& all, double y) {
  const Matrix matrix = layers_matrix(all);
  const double each = kMatrixSide / static_cast<double>(matrix.names.size());
  std::string out =
      svg_text(12, y, "start", matrix.name) + matrix_cell(kMatrixLeft, y + 14, matrix, kMatrixSide);
  for (size_t l = 0; l < matrix.names.size(); ++l) {
    out += svg_text(kMatrixLeft - 8, y + 18 + each * (static_cast<double>(l) + 0.5), "end",
                    matrix.names[l]);
  }
  return out;
}

}  // namespace

std::string comparison_similarity_plot(const std::string& title, const ModelComparison& all) {
  const double width = all.similarity.empty() ? 440 : kMatrixLeft + 5 * kMatrixStep;
  std::string body = svg_group(12, 34, "colours of all matrices",
                               svg_heat_scale({}, "0 nothing shared, 1 the same", 200));
  double y = kMatrixTop;
  if (!all.similarity.empty()) body += matrix_heads();
  for (const LayerSimilarity& layer : all.similarity) {
    const std::vector<Matrix> row = matrices_of(all, layer);
    body += svg_text(kMatrixLeft - 8, y + 14, "end", layer.name);
    for (size_t i = 0; i < row.size(); ++i) {
      const double x = kMatrixLeft + kMatrixStep * static_cast<double>(i);
      body +=
          svg_text(x, y - 8, "start",
                   fmt::format("{}{:.2f}", all.names.size() > 2 ? "median " : "", row[i].median)) +
          matrix_cell(x, y, row[i], kMatrixSide);
    }
    y += kMatrixRow;
  }
  y += 8;
  body += layers_part(all, y);
  y += kMatrixSide + 48;
  if (!all.similarity.empty()) {
    body += names_of_rows(all, y, width);
    const double columns = std::max(1.0, std::floor((width - 24) / kNameColumn));
    y += 30 + kNameStep * std::ceil(static_cast<double>(all.order.size()) / columns);
  }
  return svg_drawing(width, y, title, body);
}

}  // namespace secateur
