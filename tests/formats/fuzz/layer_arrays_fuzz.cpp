#include "tests/formats/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  secateur::fuzz::layer_arrays({reinterpret_cast<const char*>(data), size});
  return 0;
}
