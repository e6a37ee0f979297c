#pragma once
// The published models, recordings and reference values, which real-data tests are made for.

#include <cstdlib>
#include <filesystem>

namespace secateur {

inline std::filesystem::path shared() {
  const char* folder = std::getenv("SECATEUR_SHARED");
  return folder != nullptr ? folder : SECATEUR_SOURCE_DIR "/../shared";
}

}  // namespace secateur
