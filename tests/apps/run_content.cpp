#include "tests/apps/run_content.h"

#include "tensor/rng.h"

namespace secateur {

std::vector<int> stop_again_and_again(const std::vector<std::string>& begin,
                                      const std::vector<std::string>& resume,
                                      const std::filesystem::path& out, int signal, double seconds,
                                      uint64_t seed) {
  Rng rng(seed, "stops");
  std::vector<int> codes;
  for (int attempt = 0; attempt < 40; ++attempt) {
    const bool begun = std::filesystem::exists(out / "config.toml");
    const std::optional<Signal> stop =
        attempt < 5 ? std::optional<Signal>({signal, seconds * rng.uniform(0.05, 0.6)})
                    : std::nullopt;
    const Ended ended = run_secateur(begun ? resume : begin, stop);
    codes.push_back(ended.code);
    if (ended.code == 0 && codes.size() == 1) {
      // Never stopped: the run that was timed had less of the machine. Again, and sooner.
      std::filesystem::remove_all(out);
      codes.clear();
      seconds /= 2;
      continue;
    }
    if (ended.code == 0 || ended.code == 2 || ended.code == 3) {
      EXPECT_EQ(ended.code, 0) << ended.err;
      break;
    }
  }
  return codes;
}

}  // namespace secateur
