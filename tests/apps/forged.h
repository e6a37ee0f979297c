#pragma once
// A small run of two neurons, and copies of it that someone changed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/apps/forging.h"
#include "tests/apps/run_secateur.h"
#include "tests/apps/tiny_demo.h"
#include "tests/temporary_folder.h"

namespace secateur {

class Forged : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    const std::vector<std::string> arguments = with_settings(
        tiny_demo(*folder_ / "run"), {"neuron=0:2", "run.label_cache=" + at("cache").string()});
    const Ended ended = run_secateur(arguments);
    ASSERT_EQ(ended.code, 0) << ended.err;
  }
  static void TearDownTestSuite() { delete folder_; }
  static std::filesystem::path at(const std::string& name) { return *folder_ / name; }

  // A copy of the run, changed.
  static std::filesystem::path forged(
      const std::function<void(const std::filesystem::path&)>& change) {
    const std::filesystem::path copy = at("forged_" + std::to_string(++copies_));
    std::filesystem::copy(at("run"), copy, std::filesystem::copy_options::recursive);
    change(copy);
    return copy;
  }
  static std::filesystem::path with_statement(const std::function<void(nlohmann::json&)>& change) {
    return forged([&](const std::filesystem::path& run) {
      nlohmann::json statement = read_statement(run);
      change(statement);
      write_statement(run, statement);
    });
  }
  static void expect_found(const std::filesystem::path& run, const std::string& sentence,
                           const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"audit", run.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ended ended = run_secateur(arguments);
    EXPECT_EQ(ended.code, 5) << ended.out << ended.err;
    EXPECT_THAT(ended.err, testing::HasSubstr(sentence));
  }

 private:
  static inline TemporaryFolder* folder_ = nullptr;
  static inline int copies_ = 0;
};

}  // namespace secateur
