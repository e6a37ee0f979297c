// The trunk against PyTorch in float64, on weights and images that its script draws:
// peer/trunk.py below the shared folder, or what it left in the folder SECATEUR_TRUNK_REFERENCE.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "formats/npy.h"
#include "model_files/trunk_files.h"
#include "ops/backend/reproducibility.h"
#include "tests/shared_folder.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

// The system's own python3 comes after that of the path: Debian's packages are seen by it alone.
std::string python_with_torch() {
  for (const std::string python : {"python3", "/usr/bin/python3"}) {
    if (std::system((python + " -c 'import torch' >/dev/null 2>&1").c_str()) == 0) return python;
  }
  return "";
}

class TrunkReference : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* given = std::getenv("SECATEUR_TRUNK_REFERENCE")) {
      folder_ = given;
      return;
    }
    const fs::path script = shared() / "peer/trunk.py";
    if (!fs::exists(script)) GTEST_SKIP() << "there is no " << script;
    const std::string python = python_with_torch();
    if (python.empty()) GTEST_SKIP() << "python3 has no torch (Debian: python3-torch)";
    folder_ = temporary_ / "reference";
    const std::string command = fmt::format("{} '{}' --images 2 --save '{}' >/dev/null", python,
                                            script.string(), folder_.string());
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }

  // Images [n, 3, h, w], red first, of input.npy [n, h, w, 3], blue first as the network reads it.
  Tensor images() const {
    const Tensor stored = read_npy_tensor(folder_ / "input.npy");
    const int64_t pixels = stored.dim(1) * stored.dim(2);
    Tensor images(Shape{stored.dim(0), 3, stored.dim(1), stored.dim(2)});
    for (int64_t i = 0; i < stored.numel(); ++i) {
      const int64_t image = i / (3 * pixels);
      images[(image * 3 + 2 - i % 3) * pixels + i / 3 % pixels] = stored[i];
    }
    return images;
  }

  TemporaryFolder temporary_;
  fs::path folder_;
};

struct Off {
  double largest;  // difference, of the largest value
  double relative_rms;
};

// maps [n, c, h, w] against [n, h, w, c] in double.
Off off_of(const Tensor& maps, const NpyDoubles& wanted) {
  const int64_t channels = maps.dim(1);
  const int64_t pixels = maps.dim(2) * maps.dim(3);
  double difference = 0;
  double largest = 0;
  double squares = 0;
  double all = 0;
  for (int64_t i = 0; i < maps.numel(); ++i) {
    const int64_t image = i / (channels * pixels);
    const double value = wanted.values[static_cast<size_t>(i)];
    const double got = maps[(image * channels + i % channels) * pixels + i / channels % pixels];
    if (!(std::abs(got - value) <= difference)) difference = std::abs(got - value);
    largest = std::max(largest, std::abs(value));
    squares += (got - value) * (got - value);
    all += value * value;
  }
  return {difference / largest, std::sqrt(squares / all)};
}

TEST_F(TrunkReference, IsReachedByBothPaths) {
  const Tensor pixels = images();
  const NpyDoubles wanted = read_npy_doubles(folder_ / "output.npy");
  const auto trunk = read_resnet50(folder_ / "weights.npz", pixels.dim(2), pixels.dim(3));
  const Shape maps = trunk->maps();
  ASSERT_EQ(wanted.shape, (Shape{pixels.dim(0), maps[1], maps[2], maps[0]}));
  for (const auto path : {Reproducibility::kPortable, Reproducibility::kThreads}) {
    set_reproducibility(path);
    const Off off = off_of((*trunk)(pixels), wanted);
    set_reproducibility(Reproducibility::kPortable);
    fmt::print("{}: largest difference {:.2e} of the largest value, relative RMS {:.2e}\n",
               reproducibility_name(path), off.largest, off.relative_rms);
    EXPECT_LE(off.largest, 1e-5) << reproducibility_name(path);
    EXPECT_LE(off.relative_rms, 1e-5) << reproducibility_name(path);
  }
}

}  // namespace
}  // namespace secateur
