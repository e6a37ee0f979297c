#include "compression/compact_head.h"

#include <bit>
#include <cmath>
#include <limits>

#include "compression/metadata_text.h"
#include "formats/compact_container.h"
#include "tensor/error.h"
#include "tensor/json_field.h"
#include "tensor/json_text.h"

namespace secateur {
namespace {

enum HeadFlag : uint8_t {
  kPublishedMean = 1,
  kOutputScale = 2,
  kFactorised = 4,
  kPackedMetadata = 8
};
enum BlockFlag : uint8_t { kKindMask = 3, kLinear = 4, kNamed = 8 };

constexpr uint64_t kLongestName = 63;

std::string default_name(size_t index) { return fmt::format("layer{}", index); }

template <class Number>
void append_bits(std::string& bytes, Number number) {
  for (int shift = 0; shift < std::numeric_limits<Number>::digits; shift += 8) {
    bytes.push_back(static_cast<char>(number >> shift & 0xFF));
  }
}

void append_block(std::string& head, const Block& block, size_t index) {
  const bool named = block.name != default_name(index);
  head.push_back(static_cast<char>(static_cast<int>(block.kind) |
                                   (block.activation == Activation::kLinear ? kLinear : 0) |
                                   (named ? kNamed : 0)));
  append_varint(head, static_cast<uint64_t>(block.filters));
  append_varint(head, static_cast<uint64_t>(8 * block.kernel + block.stride - 1));
  if (block.kind == BlockKind::kResidual) append_varint(head, static_cast<uint64_t>(block.middle));
  if (named) {
    append_varint(head, block.name.size());
    head += block.name;
  }
}

// The fields of a head in their order; the architecture's own limits are checked afterwards.
class HeadReader {
 public:
  HeadReader(std::string_view head, const std::string& file)
      : file_(file), reader_("compact", file_, head) {}

  CompactModel read() {
    CompactModel compact;
    const uint8_t flags = reader_.u8();
    require(flags < 16, "compact", "{}: unknown flags {} in the head", file_, flags);
    read_input(compact.architecture.input, (flags & kPublishedMean) != 0);
    const int64_t blocks = number(kMostBlocks);
    for (int64_t i = 0; i < blocks; ++i) {
      compact.architecture.blocks.push_back(read_block(static_cast<size_t>(i)));
    }
    read_readout(compact.architecture.readout, flags);
    const int64_t zigzag = number(2 * kLargestGlobalStep + 1);
    compact.global_step = static_cast<int>((zigzag >> 1) ^ -(zigzag & 1));
    const std::string_view stored = reader_.take(read_varint(reader_, file_));
    const std::string text = (flags & kPackedMetadata) != 0
                                 ? unpack_metadata(stored, kMetadataCap, file_)
                                 : std::string(stored);
    require(static_cast<int64_t>(text.size()) <= kMetadataCap, "compact",
            "{}: wanted at most {} bytes of metadata, got {}", file_, kMetadataCap, text.size());
    if (!text.empty()) {
      compact.metadata = parse_json(text, file_);
      JsonField(compact.metadata, "compact", file_ + ": metadata").object();
    }
    require(reader_.left() == 0, "compact", "{}: {} bytes follow the head", file_, reader_.left());
    compact.architecture.validate();
    return compact;
  }

 private:
  int64_t number(uint64_t cap) {
    const uint64_t value = read_varint(reader_, file_);
    require(value <= cap, "compact", "{}: wanted a number of at most {}, got {}", file_, cap,
            value);
    return static_cast<int64_t>(value);
  }

  void read_input(InputSpec& input, bool published) {
    input.height = number(1 << 14);
    input.width = number(1 << 14);
    if (published) return;
    for (float& mean : input.mean) {
      mean = std::bit_cast<float>(reader_.u32());
      require(std::isfinite(mean), "compact", "{}: a pixel mean is not finite", file_);
    }
  }

  Block read_block(size_t index) {
    const uint8_t flags = reader_.u8();
    require(flags < 16, "compact", "{}: unknown flags {} in block {}", file_, flags, index);
    Block block{.kind = static_cast<BlockKind>(flags & kKindMask), .name = default_name(index)};
    block.norm = Norm::kNone;
    block.activation = (flags & kLinear) != 0 ? Activation::kLinear : Activation::kRelu;
    block.filters = number(1 << 14);
    const int64_t packed = number(8 * 31 + 7);
    block.kernel = packed / 8;
    block.stride = packed % 8 + 1;
    if (block.kind == BlockKind::kResidual) block.middle = number(1 << 14);
    if ((flags & kNamed) != 0) {
      block.name = std::string(reader_.take(static_cast<uint64_t>(number(kLongestName))));
    }
    return block;
  }

  void read_readout(Readout& readout, uint8_t flags) {
    readout.kind = (flags & kFactorised) != 0 ? ReadoutKind::kFactorised : ReadoutKind::kDense;
    readout.outputs = number(kMostOutputs);
    if ((flags & kOutputScale) == 0) return;
    const uint64_t bytes = 16 * static_cast<uint64_t>(readout.outputs);
    require(bytes <= reader_.left(), "compact", "{} lacks the scale of its {} outputs", file_,
            readout.outputs);
    for (std::vector<double>* values : {&readout.offset, &readout.gain}) {
      for (int64_t i = 0; i < readout.outputs; ++i) {
        values->push_back(std::bit_cast<double>(reader_.u64()));
        require(std::isfinite(values->back()), "compact", "{}: an output scale is not finite",
                file_);
      }
    }
  }

  const std::string& file_;
  ByteReader reader_;
};

}  // namespace

std::string head_of(const CompactModel& compact) {
  const InputSpec& input = compact.architecture.input;
  const Readout& readout = compact.architecture.readout;
  const bool published = input.mean == kPublishedPixelMean;
  std::string head(1,
                   static_cast<char>((published ? kPublishedMean : 0) |
                                     (readout.gain.empty() ? 0 : kOutputScale) |
                                     (readout.kind == ReadoutKind::kFactorised ? kFactorised : 0) |
                                     (compact.metadata.empty() ? 0 : kPackedMetadata)));
  append_varint(head, static_cast<uint64_t>(input.height));
  append_varint(head, static_cast<uint64_t>(input.width));
  if (!published) {
    for (float mean : input.mean) append_bits(head, std::bit_cast<uint32_t>(mean));
  }
  append_varint(head, compact.architecture.blocks.size());
  for (size_t i = 0; i < compact.architecture.blocks.size(); ++i) {
    append_block(head, compact.architecture.blocks[i], i);
  }
  append_varint(head, static_cast<uint64_t>(readout.outputs));
  for (const std::vector<double>* values : {&readout.offset, &readout.gain}) {
    for (double value : *values) append_bits(head, std::bit_cast<uint64_t>(value));
  }
  const int step = compact.global_step;
  append_varint(head, static_cast<uint64_t>(step >= 0 ? 2 * step : -2 * step - 1));
  const std::string text = compact.metadata.empty() ? "" : json_text(compact.metadata, "metadata");
  require(static_cast<int64_t>(text.size()) <= kMetadataCap, "compact",
          "wanted at most {} bytes of metadata, got {}", kMetadataCap, text.size());
  const std::string packed = pack_metadata(text);
  append_varint(head, packed.size());
  return head + packed;
}

CompactModel parse_head(std::string_view head, const std::string& file) {
  return HeadReader(head, file).read();
}

}  // namespace secateur
