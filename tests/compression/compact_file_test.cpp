#include "compression/compact_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "compression/compact_head.h"
#include "formats/compact_container.h"
#include "models/fingerprint.h"
#include "tensor/arena.h"
#include "tensor/error.h"
#include "tests/compression/compact_fixture.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

CompactModel sample(size_t architecture = 0) {
  return quick_compact(
      fold_batch_norm(lively_model(every_architecture()[architecture].architecture, 2)), true);
}

std::vector<uint8_t> with_crc(std::vector<uint8_t> bytes) {
  bytes.erase(bytes.end() - 4, bytes.end());
  const uint32_t crc = crc32(bytes);
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<uint8_t>(crc >> shift));
  return bytes;
}

TEST(CompactContainer, CrcIsTheStandardOne) {
  const std::string digits = "123456789";
  EXPECT_EQ(crc32({reinterpret_cast<const uint8_t*>(digits.data()), digits.size()}), 0xCBF43926u);
}

TEST(CompactContainer, PartsComeBack) {
  const CompactContainer parts{.head = "a head", .body = std::string(300, 'x')};
  const std::vector<uint8_t> bytes = pack_compact(parts);
  EXPECT_TRUE(looks_compact(bytes));
  const CompactContainer again = unpack_compact(bytes, "f");
  EXPECT_EQ(again.head, parts.head);
  EXPECT_EQ(again.body, parts.body);
  EXPECT_EQ(again.version, kCompactVersion);
}

TEST(CompactContainer, VarintsAreUnique) {
  for (uint64_t number :
       {uint64_t{0}, uint64_t{127}, uint64_t{128}, uint64_t{1} << 63, ~uint64_t{0}}) {
    std::string text;
    append_varint(text, number);
    ByteReader reader("test", "f", text);
    EXPECT_EQ(read_varint(reader, "f"), number);
  }
  for (const std::string& bad :
       {std::string("\x80\x00", 2), std::string(9, '\xff') + '\x02', std::string("\x80", 1)}) {
    ByteReader reader("test", "f", bad);
    EXPECT_THROW(read_varint(reader, "f"), Error);
  }
}

TEST(CompactFile, TheHeadOfAStudentIsSmall) {
  const Model folded =
      fold_batch_norm(Model(student_architecture({47, 57, 3, 7, 3}, InputSpec{}), 1));
  EXPECT_LE(head_of(quick_compact(folded, true)).size(), 40u);
}

TEST(CompactFile, EveryTruncationIsRefused) {
  const std::vector<uint8_t> bytes = encode(sample());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(parse(std::span(bytes).first(size), "f"), Error) << size;
  }
}

TEST(CompactFile, EverySingleBitCounts) {
  std::vector<uint8_t> bytes = encode(sample());
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] ^= static_cast<uint8_t>(1 << (i % 8));
    EXPECT_THROW(parse(bytes, "f"), Error) << i;
    bytes[i] ^= static_cast<uint8_t>(1 << (i % 8));
  }
  EXPECT_NO_THROW(parse(bytes, "f"));
}

TEST(CompactFile, SaysWhatIsWrong) {
  const std::vector<uint8_t> bytes = encode(sample());
  std::vector<uint8_t> bad = bytes;
  bad[0] = 'x';
  expect_refused([&] { parse(bad, "some file"); }, "some file");
  bad = bytes;
  bad[4] = 9;
  expect_refused([&] { parse(bad, "f"); }, "version");
  bad = bytes;
  bad[40] ^= 1;
  expect_refused([&] { parse(bad, "f"); }, "checksum");
  bad = bytes;
  bad.push_back(0);
  expect_refused([&] { parse(bad, "f"); }, "after its end");
}

std::vector<uint8_t> from_hex(std::string_view digits) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < digits.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

// Written when there was no other version; the fingerprint is what was read from it then.
TEST(CompactFile, FilesOfTheFirstVersionAreRead) {
  const std::vector<uint8_t> bytes = from_hex(
      "73637074012803080803000219090218067365636f6e640302280101000000000000f83f00000000"
      "0000d03f7f006e036582d18827bf301fac0b5361f0cee14bf9528cd8479aceaa6ef9eb395964485f"
      "ecc999f06512107f82ebbde1cf3c2fd9d8158e552f209a9b48cead59de7a3c3a0327e0044d053dca"
      "4b47ec14dc62bc5485ba7fccbc4da3321c06f5ce693735189732170592d984bc6bfeb2d5d08e3335"
      "16");
  ASSERT_EQ(bytes[4], 1);
  const CompactModel compact = parse(bytes, "first version");
  EXPECT_EQ(fingerprint(decode(compact)),
            "2c12072dfbfb9128e4b9785c13a969f24c4be89f81ea8b9cd6bb0b1a31d3a703");
  const std::vector<uint8_t> now = encode(compact);
  EXPECT_EQ(now[4], kCompactVersion);
  // The same bytes on any machine.
  EXPECT_EQ(
      now,
      from_hex("73637074022803080803000219090218067365636f6e640302280101000000000000f83f00000000"
               "0000d03f7f005e00b1d1ba2e79819a54bd27ec6085839e535a37f48b4b14e70fb6010db6b5f00ba5"
               "8989966644ba8d5d0771884f7a66fd1b137d5ec23df55545c1bd2341785a05304c314e1275f6f1e0"
               "2fa096feae12f419d0808a523cf0041724834285121d4c2b43"));
  EXPECT_TRUE(parse(now, "again") == compact);
}

TEST(CompactFile, BytesAfterTheLastNumberAreRefused) {
  CompactContainer parts = unpack_compact(encode(sample()), "f");
  parts.body += std::string(32, 'x');
  expect_refused([&] { parse(pack_compact(parts), "f"); }, "follow the last");
}

// Damage with a checksum that fits: a parser that trusts it must still refuse or read it.
TEST(CompactFile, MutationsWithAFittingChecksumAreReadOrRefused) {
  int read = 0;
  int refused = 0;
  for (size_t architecture = 0; architecture < every_architecture().size(); ++architecture) {
    const std::vector<uint8_t> good = encode(sample(architecture));
    Rng rng(21, "mutation", architecture);
    for (int round = 0; round < 1500; ++round) {
      std::vector<uint8_t> bytes = good;
      const int64_t changes = 1 + rng.below(4);
      for (int64_t i = 0; i < changes; ++i) {
        // Half of the changes hit the head, where the lengths and counts are.
        const size_t size = bytes.size();
        const int64_t reach = rng.below(2) == 0 ? std::min<int64_t>(60, static_cast<int64_t>(size))
                                                : static_cast<int64_t>(size);
        const size_t at = static_cast<size_t>(rng.below(reach));
        switch (rng.below(4)) {
          case 0:
            bytes[at] = static_cast<uint8_t>(rng.bits());
            break;
          case 1:
            bytes[at] ^= static_cast<uint8_t>(1 << rng.below(8));
            break;
          case 2:
            bytes[at] = rng.below(2) == 0 ? 0xFF : 0x00;
            break;
          default:
            bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at));
            break;
        }
      }
      try {
        const CompactModel model = parse(with_crc(bytes), "f");
        validate(model);
        ++read;
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kBadInput) << error.what();
        ++refused;
      }
    }
  }
  EXPECT_GT(read, 100);
  EXPECT_GT(refused, 1000);
}

// A file of a few bytes that claims the largest network there is.
TEST(CompactFile, HugeClaimsAreRefusedBeforeMemoryIsAskedFor) {
  CompactModel huge;
  huge.architecture.input = {.height = 1 << 14, .width = 1 << 14};
  for (int i = 0; i < 200; ++i) {
    huge.architecture.blocks.push_back({.kind = BlockKind::kConv,
                                        .name = fmt::format("layer{}", i),
                                        .filters = 1 << 14,
                                        .kernel = 31,
                                        .norm = Norm::kNone});
  }
  huge.architecture.readout = {.kind = ReadoutKind::kDense, .outputs = 1 << 20};
  arena_reset_peak();
  const int64_t before = arena_use().peak_in_use;
  const std::vector<uint8_t> file = pack_compact({.head = head_of(huge), .body = "xxxx"});
  expect_refused([&] { parse(file, "huge"); }, "huge");
  // Within the cap on parameters, but beyond what four bytes can hold.
  CompactModel large;
  large.architecture = student_architecture({100, 100, 100, 100, 100}, InputSpec{});
  for (Block& block : large.architecture.blocks) block.norm = Norm::kNone;
  const std::vector<uint8_t> other = pack_compact({.head = head_of(large), .body = "xxxx"});
  expect_refused([&] { parse(other, "large"); }, "claims");
  EXPECT_EQ(arena_use().peak_in_use, before);
}

TEST(CompactFile, NumbersThatAreNotFiniteAreRefused) {
  CompactModel model = sample();
  model.architecture.readout.gain[0] = std::numeric_limits<double>::infinity();
  expect_refused([&] { parse_head(head_of(model), "f"); }, "finite");
  model = sample();
  model.architecture.input.mean[1] = std::numeric_limits<float>::quiet_NaN();
  expect_refused([&] { parse_head(head_of(model), "f"); }, "finite");
}

TEST(CompactFile, MetadataIsCapped) {
  CompactModel model = sample();
  model.metadata["note"] = std::string(kMetadataCap, 'x');
  expect_refused([&] { encode(model); }, "metadata");
}

TEST(CompactFile, WrittenAndRead) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "model";
  const CompactModel model = sample(3);
  write_compact(path, model);
  EXPECT_TRUE(read_compact(path) == model);
  std::filesystem::remove(path);
  expect_refused([&] { read_compact(path); }, path.filename().string());
}

TEST(CompactFile, SizesAddUpToTheFile) {
  for (size_t architecture = 0; architecture < every_architecture().size(); ++architecture) {
    const CompactModel model = sample(architecture);
    double body = 0;
    for (const CompactTensorSize& size : tensor_sizes(model)) {
      body += size.steps_bytes + size.codes_bytes;
    }
    const double file = static_cast<double>(encode(model).size() - head_of(model).size());
    EXPECT_LE(std::abs(file - body), 20.0);
  }
}

}  // namespace
}  // namespace secateur
