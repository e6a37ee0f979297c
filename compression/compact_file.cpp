#include "compression/compact_file.h"

#include <cmath>

#include "compression/code_model.h"
#include "compression/coefficient_coder.h"
#include "compression/compact_head.h"
#include "formats/atomic_file.h"
#include "formats/compact_container.h"
#include "formats/input_file.h"
#include "tensor/error.h"

namespace secateur {
namespace {

// The places of a block, band by band.
std::vector<std::vector<int64_t>> places_by_band(const TensorLayout& layout, Transform transform) {
  std::vector<std::vector<int64_t>> places(static_cast<size_t>(band_count(layout, transform)));
  const std::vector<int32_t> bands = bands_of(layout, transform);
  for (size_t i = 0; i < bands.size(); ++i) {
    places[static_cast<size_t>(bands[i])].push_back(static_cast<int64_t>(i));
  }
  return places;
}

// Calls visit(band, index) for every code of a tensor in the order of the file.
template <class Visit>
void for_each_code(const TensorLayout& layout, Transform transform, const Visit& visit) {
  const auto places = places_by_band(layout, transform);
  const int64_t blocks = layout.filters * layout.channels;
  for (size_t band = 0; band < places.size(); ++band) {
    for (int64_t block = 0; block < blocks; ++block) {
      for (int64_t place : places[band]) {
        visit(static_cast<int64_t>(band),
              static_cast<size_t>(block * layout.block_numel() + place));
      }
    }
  }
}

// Contexts of the three lists of steps, shared by all tensors.
struct StepContexts {
  CoefficientContexts lists[3] = {CoefficientContexts(1), CoefficientContexts(1),
                                  CoefficientContexts(1)};
};

template <class Tensor>
auto step_lists(Tensor& tensor) {
  return std::array{&tensor.filter_step, &tensor.band_step, &tensor.channel_step};
}

// What a step is expected to be. Steps of neighbouring bands are alike; filters and channels stand
// in no order, so the mean of those before is nearer than the last one.
class ExpectedStep {
 public:
  ExpectedStep(size_t list, uint8_t version) : last_(list == 1 || version == 1) {}
  int next() const { return step_; }
  void was(int step) {
    sum_ += step;
    ++count_;
    const int half = sum_ >= 0 ? count_ / 2 : -(count_ / 2);
    step_ = last_ ? step : (sum_ + half) / count_;
  }

 private:
  bool last_;
  int sum_ = 0;
  int count_ = 0;
  int step_ = 0;
};

void encode_steps(RangeEncoder& encoder, StepContexts& contexts, const CompactTensor& tensor) {
  encoder.encode_raw(tensor.transform == Transform::kDct);
  const auto lists = step_lists(tensor);
  for (size_t i = 0; i < lists.size(); ++i) {
    ExpectedStep expected(i, kCompactVersion);
    for (int step : *lists[i]) {
      encode_coefficient(encoder, contexts.lists[i], 0, step - expected.next());
      expected.was(step);
    }
  }
}

void decode_steps(RangeDecoder& decoder, StepContexts& contexts, uint8_t version,
                  CompactTensor& tensor) {
  tensor.transform = decoder.decode_raw() ? Transform::kDct : Transform::kNone;
  require(tensor.transform == Transform::kNone || tensor.layout.transformable(), "compact",
          "{} cannot be transformed", tensor.name);
  const auto lists = step_lists(tensor);
  const std::array counts = {tensor.layout.filters, band_count(tensor.layout, tensor.transform),
                             tensor.layout.channels};
  for (size_t i = 0; i < lists.size(); ++i) {
    ExpectedStep expected(i, version);
    lists[i]->reserve(static_cast<size_t>(counts[i]));
    for (int64_t k = 0; k < counts[i]; ++k) {
      const int step = expected.next() + decode_coefficient(decoder, contexts.lists[i], 0);
      require(std::abs(step) <= kLargestGroupStep, "compact", "{}: wanted steps within {}, got {}",
              tensor.name, kLargestGroupStep, step);
      lists[i]->push_back(step);
      expected.was(step);
    }
  }
}

// Files of version 1: each band of a tensor learns for itself.
void decode_first_codes(RangeDecoder& decoder, CompactTensor& tensor) {
  CoefficientContexts contexts(band_count(tensor.layout, tensor.transform));
  tensor.codes.resize(static_cast<size_t>(tensor.shape.numel()));
  for_each_code(tensor.layout, tensor.transform, [&](int64_t band, size_t index) {
    tensor.codes[index] = decode_coefficient(decoder, contexts, band);
  });
}

// Every number costs at least one decision, so few bytes cannot claim many numbers.
void check_claims(const std::vector<ParameterSpec>& specs, size_t body, const std::string& file) {
  int64_t numel = 0;
  for (const ParameterSpec& spec : specs) {
    const int64_t more = spec.shape.numel();
    require(more <= kCompactParameterCap - numel, "compact", "{} claims more than {} parameters",
            file, kCompactParameterCap);
    numel += more;
  }
  const int64_t most = kMostDecisionsPerByte * (static_cast<int64_t>(body) + 8);
  require(numel <= most, "compact", "{} claims {} parameters, but its {} bytes hold {} at most",
          file, numel, body, most);
}

CompactModel parse_unnamed(std::span<const uint8_t> bytes, const std::string& file) {
  const CompactContainer container = unpack_compact(bytes, file);
  CompactModel compact = parse_head(container.head, file);
  const std::vector<ParameterSpec> specs = parameter_specs(compact.architecture);
  check_claims(specs, container.body.size(), file);
  RangeDecoder decoder(
      {reinterpret_cast<const uint8_t*>(container.body.data()), container.body.size()});
  StepContexts contexts;
  CodeModel codes;
  for (const ParameterSpec& spec : specs) {
    CompactTensor tensor{.name = spec.name, .shape = spec.shape, .layout = layout_of(spec)};
    decode_steps(decoder, contexts, container.version, tensor);
    if (container.version == 1) {
      decode_first_codes(decoder, tensor);
    } else {
      codes.decode(decoder, tensor);
    }
    compact.tensors.push_back(std::move(tensor));
  }
  decoder.finish();
  validate(compact);
  return compact;
}

}  // namespace

std::vector<uint8_t> encode(const CompactModel& compact) {
  validate(compact);
  RangeEncoder encoder;
  StepContexts contexts;
  CodeModel codes;
  for (const CompactTensor& tensor : compact.tensors) {
    encode_steps(encoder, contexts, tensor);
    codes.encode(encoder, tensor);
  }
  const std::vector<uint8_t> body = encoder.finish();
  return pack_compact({.head = head_of(compact), .body = std::string(body.begin(), body.end())});
}

CompactModel parse(std::span<const uint8_t> bytes, const std::string& file) {
  try {
    return parse_unnamed(bytes, file);
  } catch (const Error& error) {
    const std::string what = error.what();
    if (what.find(file) != std::string::npos) throw;
    throw Error(error.kind(), fmt::format("{} (in {})", what, file));
  }
}

void write_compact(const std::filesystem::path& path, const CompactModel& compact) {
  const std::vector<uint8_t> bytes = encode(compact);
  write_file_atomically(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

CompactModel read_compact(const std::filesystem::path& path) {
  const std::string bytes = read_file(path, kCompactFileCap);
  return parse({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, path.string());
}

std::vector<CompactTensorSize> tensor_sizes(const CompactModel& compact) {
  RangeEncoder encoder;
  StepContexts contexts;
  CodeModel model;
  std::vector<CompactTensorSize> sizes;
  for (const CompactTensor& tensor : compact.tensors) {
    const double before = encoder.bits_so_far();
    encode_steps(encoder, contexts, tensor);
    const double steps = encoder.bits_so_far();
    model.encode(encoder, tensor);
    const double codes = encoder.bits_so_far();
    sizes.push_back({tensor.name, (steps - before) / 8.0, (codes - steps) / 8.0});
  }
  return sizes;
}

}  // namespace secateur
