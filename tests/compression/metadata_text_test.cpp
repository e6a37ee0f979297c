#include "compression/metadata_text.h"

#include <gtest/gtest.h>

#include "tests/formats/expect_refused.h"

namespace secateur {
namespace {

TEST(MetadataText, ComesBack) {
  const std::string published =
      R"({"architecture":"from its description","keras_version":"3.1.1","source_format":"keras"})";
  const std::string seen = R"({"seen":"00ff17a9c3d2e1f00123456789abcdef"})";
  for (const std::string& text :
       {published, seen, std::string("{}"), std::string(R"({"note":"décor, ABCDEF012 é"})"),
        R"({"hash":")" + std::string(1025, 'a') + R"("})", std::string()}) {
    EXPECT_EQ(unpack_metadata(pack_metadata(text), 1 << 20, "f"), text);
  }
  EXPECT_LE(pack_metadata(published).size(), 8u);
  EXPECT_LE(pack_metadata(seen).size(), 20u);
}

TEST(MetadataText, WhatStandsForNothingIsRefused) {
  for (const std::string& bad : {std::string(1, '\0'), std::string("\x1e"), std::string("\x1f"),
                                 std::string("\x1f\x02z"), std::string("\x1f\0", 2)}) {
    expect_refused([&] { unpack_metadata(bad, 1 << 20, "some file"); }, "some file");
  }
}

// A few bytes cannot ask for many.
TEST(MetadataText, IsCapped) {
  expect_refused([&] { unpack_metadata(std::string(1000, '\x01'), 200, "f"); }, "at most 200");
}

}  // namespace
}  // namespace secateur
