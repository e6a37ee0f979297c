#pragma once
// How far the bits of a result hold.

#include <string_view>

namespace secateur {

enum class Reproducibility {
  kThreads,   // on any number of threads of this machine; some products are made by libraries
  kPortable,  // and on any x86-64 machine from AVX2 up: every product is native
};

// Of the whole process. Set once, before work starts: an operation reads it forward and again
// backward.
Reproducibility reproducibility();
void set_reproducibility(Reproducibility wanted);

// "threads" and "portable".
std::string_view reproducibility_name(Reproducibility which);

}  // namespace secateur
