#include "ops/backend/onednn_runtime.h"

#include <cstdlib>
#include <memory>

#include "ops/backend/onednn.h"
#include "ops/vector/isa.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace onednn {
namespace {

constexpr int64_t kAlignment = 64;

int64_t aligned(size_t bytes) {
  return (static_cast<int64_t>(bytes) + kAlignment - 1) / kAlignment * kAlignment;
}

struct Free {
  void operator()(char* p) const { std::free(p); }
};

// Not from the arena: it outlives every step and is no part of what an operation keeps.
char* thread_buffer(int64_t bytes) {
  thread_local std::unique_ptr<char, Free> buffer;
  thread_local int64_t size = 0;
  if (size < bytes) {
    buffer.reset();
    size = 0;
    buffer.reset(static_cast<char*>(std::aligned_alloc(kAlignment, static_cast<size_t>(bytes))));
    if (!buffer) {
      fail(ErrorKind::kResource, "oneDNN", "wanted a buffer of {} bytes, memory ran out", bytes);
    }
    size = bytes;
  }
  return buffer.get();
}

dnnl::engine make_engine() {
  // Both calls must come before the first primitive.
  if (active_isa() == Isa::kAvx2) dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx2);
  dnnl::set_primitive_cache_capacity(256);
  return dnnl::engine(dnnl::engine::kind::cpu, 0);
}

}  // namespace

const dnnl::engine& engine() {
  static const dnnl::engine cpu = make_engine();
  return cpu;
}

dnnl::stream& stream() {
  thread_local dnnl::stream own(engine());
  return own;
}

void on_this_thread(std::string_view where, const std::function<void()>& body) {
  try {
    parallel_for(1, [&](int64_t) { body(); });
  } catch (const dnnl::error& error) {
    const ErrorKind kind =
        error.status == dnnl_out_of_memory ? ErrorKind::kResource : ErrorKind::kBadInput;
    fail(kind, where, "wanted a shape that oneDNN computes, it answered '{}' (status {})",
         error.what(), static_cast<int>(error.status));
  }
}

Plan::Plan(dnnl::primitive primitive, const dnnl::memory::desc& scratchpad,
           const std::vector<Argument>& arguments)
    : primitive_(std::move(primitive)), scratchpad_(scratchpad, engine(), nullptr) {
  buffer_bytes_ = aligned(scratchpad.get_size());
  for (const Argument& argument : arguments) {
    Slot slot{
        argument.id, argument.is_output, dnnl::memory(argument.plain, engine(), nullptr), {}, {}};
    slot.wanted = slot.plain;
    if (argument.plain != argument.wanted) {
      slot.wanted = dnnl::memory(argument.wanted, engine(), nullptr);
      slot.reorder = argument.is_output ? dnnl::reorder(slot.wanted, slot.plain)
                                        : dnnl::reorder(slot.plain, slot.wanted);
      slot.offset = buffer_bytes_;
      buffer_bytes_ += aligned(argument.wanted.get_size());
    }
    arguments_[slot.id] = slot.wanted;
    slots_.push_back(std::move(slot));
  }
  arguments_[DNNL_ARG_SCRATCHPAD] = scratchpad_;
}

void Plan::run(const std::vector<float*>& data) {
  char* const buffer = buffer_bytes_ > 0 ? thread_buffer(buffer_bytes_) : nullptr;
  scratchpad_.set_data_handle(buffer);
  for (size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    slot.plain.set_data_handle(data[i]);
    if (!slot.reorder) continue;
    slot.wanted.set_data_handle(buffer + slot.offset);
    if (!slot.is_output) slot.reorder->execute(stream(), slot.plain, slot.wanted);
  }
  primitive_.execute(stream(), arguments_);
  for (Slot& slot : slots_) {
    if (slot.reorder && slot.is_output) slot.reorder->execute(stream(), slot.wanted, slot.plain);
  }
  stream().wait();
}

}  // namespace onednn

std::string onednn_description() {
  onednn::engine();
  const dnnl_version_t& version = *dnnl_version();
  const char* isa = "another instruction set";
  switch (dnnl_get_effective_cpu_isa()) {
    case dnnl_cpu_isa_avx2:
      isa = "AVX2";
      break;
    case dnnl_cpu_isa_avx2_vnni:
      isa = "AVX2 with VNNI";
      break;
    case dnnl_cpu_isa_avx512_core:
      isa = "AVX-512";
      break;
    case dnnl_cpu_isa_avx512_core_vnni:
      isa = "AVX-512 with VNNI";
      break;
    case dnnl_cpu_isa_avx512_core_bf16:
      isa = "AVX-512 with bfloat16";
      break;
    case dnnl_cpu_isa_avx512_core_amx:
      isa = "AVX-512 with AMX";
      break;
    default:
      break;
  }
  return fmt::format("oneDNN {}.{}.{} ({}, one thread per call)", version.major, version.minor,
                     version.patch, isa);
}

}  // namespace secateur
