#include "tests/formats/fuzz/record_targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  secateur::fuzz::seen({reinterpret_cast<const char*>(data), size});
  return 0;
}
