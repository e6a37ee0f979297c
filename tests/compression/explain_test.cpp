#include "compression/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/compression/compact_fixture.h"
#include "tests/compression/unwatched.h"

namespace secateur {
namespace {

using testing::HasSubstr;

class ExplainCompression : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const Architecture architecture = every_architecture()[0].architecture;
    std::vector<Tensor> images;
    for (uint64_t b = 0; b < 4; ++b) images.push_back(blob_images(architecture.input, 10, b));
    result_ = new CompressionResult(compress(lively_model(architecture, 1), images));
    text_ = explain(*result_);
  }
  static void TearDownTestSuite() { delete result_; }

  // The lines between the title of a section and the next.
  static std::vector<std::string> section(int number) {
    const size_t begin = text_.find(fmt::format("{}. ", number));
    std::istringstream stream(
        text_.substr(begin, text_.find(fmt::format("\n{}. ", number + 1)) - begin));
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }

  static int64_t rows_with(const std::vector<std::string>& lines, const std::string& part) {
    return std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.find(part) != std::string::npos;
    });
  }

  static inline CompressionResult* result_ = nullptr;
  static inline std::string text_;
};

TEST_F(ExplainCompression, ShowsTheSensitivityOfEveryFilter) {
  const std::vector<std::string> lines = section(1);
  for (const TensorDecision& d : result_->tensors) {
    for (size_t f = 0; f < d.filter_bits.size(); ++f) {
      const std::string row =
          fmt::format("{:<28} {:>6} {:>12.5g} ", d.name, f, d.filter_sensitivity[f]);
      EXPECT_EQ(rows_with(lines, row), 1) << row;
      EXPECT_EQ(
          rows_with(lines, fmt::format("{:>5} {:>12.3g}", d.filter_bits[f], d.filter_loss[f])) > 0,
          true)
          << row;
    }
  }
  EXPECT_EQ(rows_with(lines, "over 40 images"), 1);
}

TEST_F(ExplainCompression, ShowsTheSumsBehindEveryTransform) {
  const std::vector<std::string> lines = section(2);
  int64_t transformable = 0;
  for (const TensorDecision& d : result_->tensors) {
    const bool compared = d.plain.total() > 0;
    transformable += compared ? 1 : 0;
    EXPECT_EQ(rows_with(lines, fmt::format("{:<28} ", d.name)), compared ? 1 : 0) << d.name;
    if (!compared) continue;
    EXPECT_EQ(rows_with(lines, fmt::format("{:.1f} | ", d.plain.total())) > 0, true);
    EXPECT_EQ(
        rows_with(lines, fmt::format("{:.1f}  {}", d.transformed.total(),
                                     d.transform == Transform::kDct ? "cosines" : "weights")) > 0,
        true);
  }
  EXPECT_GE(transformable, 3);
}

TEST_F(ExplainCompression, ShowsEveryStepTried) {
  const std::vector<std::string> lines = section(3);
  EXPECT_EQ(rows_with(lines, "allowed: try larger") + rows_with(lines, "too much: try smaller"),
            static_cast<int64_t>(result_->predicted.size()));
  for (const CompressTrial& trial : result_->trials) {
    const std::string row = fmt::format("{:>12} {:>14.6g} {:>14.6g} {:>8}  ",
                                        fmt::format("2^{:.4f}", trial.global_step / 16.0),
                                        trial.predicted_loss, trial.loss, trial.bytes);
    EXPECT_EQ(rows_with(lines, row), 1) << row;
  }
  EXPECT_EQ(rows_with(lines, "allowed: chosen"), 1);
}

TEST_F(ExplainCompression, ShowsBitsSavedAgainstLossCaused) {
  const std::vector<std::string> lines = section(4);
  int64_t moved = 0;
  double bits = 0;
  for (const TensorDecision& d : result_->tensors) {
    moved += d.rounding.moved;
    bits += d.rounding.bits_saved;
    EXPECT_EQ(rows_with(lines, fmt::format("{:<28} {:>7} {:>7} {:>10.1f}", d.name, d.rounding.moved,
                                           d.rounding.zeroed, d.rounding.bits_saved)),
              1);
  }
  EXPECT_THAT(lines.back(), testing::StartsWith(fmt::format("{:<28} {:>7} ", "all", moved)));
  EXPECT_THAT(lines.back(), HasSubstr(fmt::format(" {:.1f} ", bits)));
}

TEST_F(ExplainCompression, ShowsCodesChosenTogether) {
  const std::vector<std::string> lines = section(5);
  const Refinement& r = result_->refinement;
  EXPECT_EQ(rows_with(lines, fmt::format("gradients of {} mirrored", r.images)), 1);
  EXPECT_EQ(rows_with(lines, fmt::format(" {:>12.4g} {:>12.4g}", r.loss_before, r.loss_after)), 1);
  EXPECT_EQ(rows_with(lines, fmt::format(" {:>12.1f} {:>12.1f}", r.bits_before, r.bits_after)), 1);
  EXPECT_EQ(rows_with(lines, fmt::format("codes moved{:>43}", r.moved)), 1);
}

// The column of bytes adds up to the file.
TEST_F(ExplainCompression, AccountsForEveryByte) {
  double sum = 0;
  int64_t file = 0;
  for (const std::string& line : section(6)) {
    std::istringstream words(line.substr(std::min<size_t>(28, line.size())));
    double bytes = 0;
    if (line.starts_with("tensors together") || line.starts_with("head ") ||
        line.starts_with("frame,")) {
      words >> bytes;
      sum += bytes;
    }
    if (line.starts_with("file ")) words >> file;
  }
  EXPECT_EQ(file, static_cast<int64_t>(result_->file.size()));
  EXPECT_LE(std::abs(sum - static_cast<double>(file)), 0.11);
  EXPECT_THAT(text_,
              HasSubstr(fmt::format("{:.6g} measured with the decoded model", result_->loss)));
}

}  // namespace
}  // namespace secateur
