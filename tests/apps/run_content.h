#pragma once
// What a run promises to make again bit for bit.

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "formats/input_file.h"
#include "tests/apps/run_secateur.h"

namespace secateur {

// By relative name.
inline std::map<std::string, std::string> run_content(const std::filesystem::path& run) {
  std::map<std::string, std::string> files;
  const auto add = [&](const std::filesystem::path& path) {
    files[path.lexically_relative(run).string()] = read_file(path, 1 << 28);
  };
  for (const char* folder : {"models", "predictions", "checkpoints/kept"}) {
    for (const auto& entry : std::filesystem::directory_iterator(run / folder)) add(entry.path());
  }
  for (const char* name : {"config.toml", "ledger.jsonl", "metrics.jsonl", "metrics.csv",
                           "results.json", "truth.json"}) {
    add(run / name);
  }
  return files;
}

inline void expect_same_content(const std::filesystem::path& got,
                                const std::map<std::string, std::string>& wanted) {
  const std::map<std::string, std::string> files = run_content(got);
  EXPECT_EQ(files.size(), wanted.size());
  for (const auto& [name, bytes] : wanted) {
    ASSERT_TRUE(files.contains(name)) << name;
    EXPECT_TRUE(files.at(name) == bytes) << name << " differs";
  }
}

// Stops a run again and again at drawn moments of its `seconds`, and goes on until it is done;
// tells how it ended each time.
std::vector<int> stop_again_and_again(const std::vector<std::string>& begin,
                                      const std::vector<std::string>& resume,
                                      const std::filesystem::path& out, int signal, double seconds,
                                      uint64_t seed);

}  // namespace secateur
