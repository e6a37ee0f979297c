#include "compression/code_model.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

namespace secateur {
namespace {

constexpr size_t kClasses = 24;        // of expected sizes, by half octaves
constexpr size_t kCoarseClasses = 12;  // by octaves
constexpr int kWidest = 15;            // bits of the largest code
// Decisions: width > 0, .. width > 14; the highest bit below the leading one, by width; the next.
constexpr size_t kFirstBit = 16;
constexpr size_t kSecondBit = 32;
constexpr size_t kChoices = 48;
constexpr int32_t kTrustInPrior = 10;
constexpr int32_t kTrustInBand = 6;
constexpr int32_t kExpectedAtFirst = 2 * 16;  // sizes are expected in sixteenths

size_t size_class(int32_t sixteenths) {
  if (sixteenths <= 0) return 0;
  const int octave = std::bit_width(static_cast<uint32_t>(sixteenths)) - 1;
  const int half = octave > 0 ? sixteenths >> (octave - 1) & 1 : 0;
  return std::min(kClasses - 1, static_cast<size_t>(1 + 2 * octave + half));
}

// Powers by squaring: products of doubles have the same bits on any machine.
double power(double base, int exponent) {
  double result = 1.0;
  for (; exponent > 0; exponent /= 2, base *= base) {
    if (exponent % 2 != 0) result *= base;
  }
  return result;
}

// Of one decision on a size that is geometric with the mean of a class.
Opinion prior(size_t expected, size_t choice) {
  const auto octave = (expected + 1) / 2 - 1;
  const double mean =
      expected == 0 ? 0.03
                    : static_cast<double>(1 << octave) * (expected % 2 == 0 ? 1.75 : 1.25) / 16.0;
  const double ratio = mean / (1.0 + mean);
  double one = 0.5;
  if (choice < kFirstBit) {
    one = choice == 0 ? ratio : power(ratio, 1 << (choice - 1));
  } else {
    const auto width = choice < kSecondBit ? choice - kFirstBit : (choice - kSecondBit) / 2 - 1;
    if (width >= 2 && width <= kWidest) {
      const double upper = power(ratio, 1 << (width - 2));
      one = upper / (1.0 + upper);
    }
  }
  return {std::clamp(static_cast<int32_t>(one * 65536.0), 500, 65000), kTrustInPrior};
}

struct Neighbour {
  int64_t colour, row, column;  // from the place
  int32_t weight;
};
constexpr std::array<Neighbour, 9> kNeighbours = {{{0, -1, 0, 2},
                                                   {0, 0, -1, 2},
                                                   {0, -1, -1, 1},
                                                   {0, -1, 1, 1},
                                                   {0, 1, -1, 1},
                                                   {-1, 0, 0, 2},
                                                   {-2, 0, 0, 1},
                                                   {0, -2, 0, 1},
                                                   {0, 0, -2, 1}}};

// The mean size, in sixteenths, of the codes of a block that lie near a place and come before it;
// below zero where there is none.
int32_t size_nearby(const TensorLayout& layout, const std::vector<int32_t>& bands,
                    std::span<const int32_t> block, int64_t place) {
  if (!layout.kernel) return -1;
  const int64_t rows = layout.block[1];
  const int64_t columns = layout.block[2];
  const int32_t band = bands[static_cast<size_t>(place)];
  int32_t sum = 0;
  int32_t weight = 0;
  for (const Neighbour& n : kNeighbours) {
    const int64_t colour = place / (rows * columns) + n.colour;
    const int64_t row = place / columns % rows + n.row;
    const int64_t column = place % columns + n.column;
    if (colour < 0 || row < 0 || column < 0 || row >= rows || column >= columns) continue;
    const int64_t other = (colour * rows + row) * columns + column;
    const int32_t its_band = bands[static_cast<size_t>(other)];
    if (its_band > band || (its_band == band && other >= place)) continue;
    sum += n.weight * 16 * std::abs(block[static_cast<size_t>(other)]);
    weight += n.weight;
  }
  return weight > 0 ? sum / weight : -1;
}

// A mean that forgets, in 1/256; below zero before the first size.
void follow(int32_t& mean, int32_t size, int32_t memory) {
  const int32_t now = 256 * size;
  mean = mean < 0 ? now : mean + (now - mean) / memory;
}

struct Encoding {
  RangeEncoder& encoder;
  bool decide(uint32_t probability, bool bit) const {
    encoder.encode(probability, bit);
    return bit;
  }
  bool raw(bool bit) const {
    encoder.encode_raw(bit);
    return bit;
  }
};

struct Decoding {
  RangeDecoder& decoder;
  bool decide(uint32_t probability, bool) const { return decoder.decode(probability); }
  bool raw(bool) const { return decoder.decode_raw(); }
};

// Reads or writes one code; `decide(choice, bit)` gives the bit back, as it is or as it is read.
template <class Bits, class Decide>
int32_t pass_code(Bits& bits, const Decide& decide, int32_t code) {
  const int32_t size = std::abs(code);
  const int known = std::bit_width(static_cast<uint32_t>(size));
  int width = 0;
  while (width < kWidest && decide(static_cast<size_t>(width), known > width)) ++width;
  if (width == 0) return 0;
  const bool negative = bits.raw(code < 0);
  int32_t value = 1;
  for (int bit = width - 2; bit >= 0; --bit) {
    const bool wanted = (size >> bit & 1) != 0;
    const int below = width - 2 - bit;
    bool is = false;
    if (below == 0) {
      is = decide(kFirstBit + static_cast<size_t>(width), wanted);
    } else if (below == 1) {
      is = decide(
          kSecondBit + 2 * static_cast<size_t>(std::min(width, 7)) + static_cast<size_t>(value & 1),
          wanted);
    } else {
      is = bits.raw(wanted);
    }
    value = 2 * value + (is ? 1 : 0);
  }
  return negative ? -value : value;
}

}  // namespace

CodeModel::CodeModel() {
  std::vector<Opinion> priors;
  for (size_t c = 0; c < kClasses; ++c) {
    for (size_t choice = 0; choice < kChoices; ++choice) priors.push_back(prior(c, choice));
  }
  for (Domain& domain : domains_) {
    domain.mean = domain.first = domain.second = priors;
    domain.both.resize(kCoarseClasses * kCoarseClasses * kChoices);
    domain.mixers.resize(kChoices);
    domain.bias_mixers.resize(kChoices);
  }
}

template <class Bits>
void CodeModel::visit(Bits& bits, const CompactTensor& tensor, std::span<int32_t> codes) {
  const TensorLayout& layout = tensor.layout;
  const std::vector<int32_t> bands = bands_of(layout, tensor.transform);
  const auto band_total = static_cast<size_t>(band_count(layout, tensor.transform));
  Domain& domain = domains_[tensor.transform == Transform::kDct ? 1 : 0];
  std::vector<Mixer>& mixers = layout.kernel ? domain.mixers : domain.bias_mixers;
  std::vector<Opinion> own(band_total * kChoices);
  std::vector<int32_t> of_filter(static_cast<size_t>(layout.filters), -1);
  std::vector<int32_t> of_place(static_cast<size_t>(layout.filter_numel()), -1);
  std::vector<std::vector<int64_t>> places(band_total);
  for (size_t p = 0; p < bands.size(); ++p) {
    places[static_cast<size_t>(bands[p])].push_back(static_cast<int64_t>(p));
  }
  int32_t lately = 16 * kExpectedAtFirst;
  const auto one_code = [&](size_t band, int64_t block, int64_t place) {
    const int64_t index = block * layout.block_numel() + place;
    int32_t& filter_mean = of_filter[static_cast<size_t>(block / layout.channels)];
    int32_t& place_mean = of_place[static_cast<size_t>(index % layout.filter_numel())];
    const int32_t nearby = size_nearby(
        layout, bands,
        codes.subspan(static_cast<size_t>(block * layout.block_numel()), bands.size()), place);
    const int32_t first = nearby >= 0 ? nearby : (filter_mean >= 0 ? filter_mean : lately) / 16;
    const int32_t second = place_mean >= 0 ? place_mean / 16 : first;
    const size_t class_of_first = size_class(first);
    const size_t class_of_second = size_class(second);
    const size_t class_of_mean = size_class((first + second) / 2);
    const size_t coarse = class_of_first / 2 * kCoarseClasses + class_of_second / 2;
    const auto decide = [&](size_t choice, bool bit) {
      Opinion& of_band = own[band * kChoices + choice];
      if (of_band.fresh() && band > 0) {
        of_band.start_from(own[(band - 1) * kChoices + choice], kTrustInBand);
      }
      const Opinions opinions = {&domain.mean[class_of_mean * kChoices + choice],
                                 &domain.first[class_of_first * kChoices + choice],
                                 &domain.second[class_of_second * kChoices + choice],
                                 &domain.both[coarse * kChoices + choice], &of_band};
      Mixer& mixer = mixers[choice];
      const bool is = bits.decide(mixer.probability(opinions), bit);
      mixer.learn(opinions, is);
      return is;
    };
    int32_t& code = codes[static_cast<size_t>(index)];
    code = pass_code(bits, decide, code);
    const int32_t size = std::abs(code);
    follow(filter_mean, size, 8);
    follow(place_mean, size, 4);
    follow(lately, size, 8);
  };
  for (size_t band = 0; band < band_total; ++band) {
    for (int64_t block = 0; block < layout.filters * layout.channels; ++block) {
      for (const int64_t place : places[band]) one_code(band, block, place);
    }
  }
}

void CodeModel::encode(RangeEncoder& encoder, const CompactTensor& tensor) {
  Encoding bits{encoder};
  std::vector<int32_t> codes = tensor.codes;
  visit(bits, tensor, codes);
}

void CodeModel::decode(RangeDecoder& decoder, CompactTensor& tensor) {
  Decoding bits{decoder};
  tensor.codes.assign(static_cast<size_t>(tensor.shape.numel()), 0);
  visit(bits, tensor, tensor.codes);
}

}  // namespace secateur
