#pragma once
// Recordings of one's own as an example writes them, for tests that go as a newcomer goes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/apps/run_secateur.h"
#include "tests/temporary_folder.h"

namespace secateur {

class OwnRecordings : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    const Ended ended = run_secateur(
        {"recordings", "example", at("mine").string(), "--images", "60", "--table", "--json"});
    ASSERT_EQ(ended.code, 0) << ended.err;
    EXPECT_EQ(nlohmann::json::parse(ended.out)["neurons"], 8);
  }
  static void TearDownTestSuite() { delete folder_; }
  static std::filesystem::path at(const std::string& name) { return *folder_ / name; }
  // A run whose students are small and see little.
  static std::vector<std::string> quickly(std::vector<std::string> words) {
    words.insert(words.end(),
                 {"distill.filters=[8,8,8,8,8]", "distill.images=16", "distill.batch=4",
                  "prune.images=16", "retrain.images=8", "retrain.batch=4", "compress.images=16",
                  "evaluate.validation_images=16", "evaluate.bootstrap=100"});
    return words;
  }

 private:
  static inline TemporaryFolder* folder_ = nullptr;
};

}  // namespace secateur
