#pragma once
// Storage for tensors: 64-byte aligned blocks, kept for reuse when they are given back.
//
// Fresh pages are expensive (the kernel zeroes them one fault at a time), and a training step asks
// for the same buffers again and again. The arena rounds sizes to classes 1/8 apart and keeps freed
// blocks per class, so that a step after the first touches no new page.

#include <cstddef>
#include <cstdint>
#include <memory>

namespace secateur {

struct ArenaUse {
  int64_t bytes_in_use;  // handed out now
  int64_t bytes_held;    // handed out or kept for reuse
  int64_t peak_in_use;   // largest bytes_in_use since the last reset
};

// A block of at least `bytes` bytes, contents undefined. Throws Error(kResource) when memory runs
// out. Thread-safe.
std::shared_ptr<void> arena_allocate(int64_t bytes);

ArenaUse arena_use();
void arena_reset_peak();
void arena_trim();  // gives the kept blocks back to the system

// Tests: while on, every block handed out is filled with NaN, so that an output which is not
// written everywhere shows.
void arena_poison(bool on);

}  // namespace secateur
