#include "formats/image_header.h"

#include <array>
#include <span>

#include "formats/byte_reader.h"
#include "formats/compact_container.h"
#include "tensor/error.h"

namespace secateur {
namespace {

constexpr std::string_view kPngMagic("\x89PNG\r\n\x1a\n", 8);
constexpr std::string_view kJpegStart("\xff\xd8", 2);

// JPEG and PNG are big-endian.
int64_t big16(ByteReader& in) {
  const int64_t high = in.u8();
  return high << 8 | in.u8();
}
int64_t big32(ByteReader& in) {
  const int64_t high = big16(in);
  return high << 16 | big16(in);
}

constexpr int kTables = 0xc4;
constexpr int kEnd = 0xd9;
constexpr int kScan = 0xda;

// Start of frame: 0xC0 to 0xCF but for the tables DHT, JPG and DAC in between.
bool starts_frame(int marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != kTables && marker != 0xc8 && marker != 0xcc;
}

ImageHeader read_frame(ByteReader& in) {
  ImageHeader header;
  in.skip(2);  // length
  header.bits = in.u8();
  header.height = big16(in);
  header.width = big16(in);
  header.components = in.u8();
  return header;
}

// Huffman tables: for each a byte, the numbers of codes of 1 to 16 bits, the symbols. A byte has
// 256 values, and the decoder in use keeps room for no more symbols without looking whether they
// fit.
void check_tables(ByteReader& in, const std::string& file) {
  int64_t left = big16(in) - 2;
  while (left > 0) {
    in.skip(1);
    int symbols = 0;
    for (int bits = 1; bits <= 16; ++bits) symbols += in.u8();
    constexpr int kMostSymbols = 256;
    left -= 17 + symbols;
    require(symbols <= kMostSymbols && left >= 0, "jpeg", "{} has a malformed Huffman table", file);
    in.skip(static_cast<uint64_t>(symbols));
  }
}

// Tables may also stand between scans. In a scan itself 0xFF is followed by 0 or a restart, so each
// 0xFF 0xC4 is a marker.
void check_tables_between_scans(std::string_view bytes, const std::string& file, uint64_t from) {
  constexpr std::string_view kMarker("\xff\xc4", 2);
  for (size_t at = from; (at = bytes.find(kMarker, at)) != std::string_view::npos;) {
    at += kMarker.size();
    ByteReader segment("jpeg", file, bytes, at);
    check_tables(segment, file);
  }
}

// Chunks up to the first with pixels. One without any is legal but has a null pointer copied from
// by the decoder in use, and no encoder writes it.
void check_first_data(ByteReader& in, const std::string& file) {
  for (;;) {
    const int64_t length = big32(in);
    const std::string_view type = in.take(4);
    if (type == "IDAT") {
      require(length > 0, "png", "{} begins its pixels with an empty chunk", file);
      return;
    }
    constexpr int kCheckSum = 4;
    in.skip(static_cast<uint64_t>(length + kCheckSum));
  }
}

}  // namespace

bool is_jpeg(std::string_view bytes) { return bytes.substr(0, 2) == kJpegStart; }
bool is_png(std::string_view bytes) { return bytes.substr(0, 8) == kPngMagic; }

ImageHeader jpeg_header(std::string_view bytes, const std::string& file) {
  ByteReader in("jpeg", file, bytes);
  in.expect(kJpegStart, "JPEG start marker");
  ImageHeader header;
  for (;;) {
    in.expect("\xff", "JPEG marker");
    int marker = in.u8();
    while (marker == 0xff) marker = in.u8();  // fill bytes
    if (marker == kScan) break;
    require(marker != kEnd && marker != 0, "jpeg", "{} has no scan", file);
    const uint64_t start = in.position();
    const int64_t length = big16(in);
    require(length >= 2, "jpeg", "{} has a segment of {} bytes", file, length);
    in.skip(static_cast<uint64_t>(length - 2));
    ByteReader segment("jpeg", file, bytes, start);
    if (starts_frame(marker)) header = read_frame(segment);
    if (marker == kTables) check_tables(segment, file);
  }
  require(header.components != 0, "jpeg", "{} has no frame before its first scan", file);
  check_tables_between_scans(bytes, file, in.position());
  return header;
}

ImageHeader png_header(std::string_view bytes, const std::string& file) {
  ByteReader in("png", file, bytes);
  in.expect(kPngMagic, "PNG signature");
  in.expect(std::string_view("\0\0\0\x0dIHDR", 8), "PNG header");
  ImageHeader header;
  header.width = big32(in);
  header.height = big32(in);
  header.bits = in.u8();
  constexpr std::array<int, 7> kSamples = {1, 0, 3, 3, 2, 0, 4};  // by colour type, 0: none such
  const uint8_t colour = in.u8();
  header.components = colour < kSamples.size() ? kSamples[colour] : 0;
  require(header.components != 0, "png", "{} has the unknown colour type {}", file, colour);
  in.skip(7);  // compression, filter, interlacing, check sum
  check_first_data(in, file);
  return header;
}

void check_png_sums(std::string_view bytes, const std::string& file) {
  ByteReader in("png", file, bytes, kPngMagic.size());
  for (std::string_view type; type != "IEND";) {
    const int64_t length = big32(in);
    const std::string_view chunk = in.take(static_cast<uint64_t>(4 + length));
    type = chunk.substr(0, 4);
    const uint32_t sum =
        crc32(std::span(reinterpret_cast<const uint8_t*>(chunk.data()), chunk.size()));
    require(sum == big32(in), "png", "{} is damaged: a chunk {} does not have its check sum", file,
            printable(type));
  }
}

}  // namespace secateur
