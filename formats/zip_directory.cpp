#include "formats/zip_directory.h"

#include <algorithm>

#include "formats/byte_reader.h"
#include "tensor/error.h"

namespace secateur {
namespace {

constexpr std::string_view kEnd("PK\x05\x06", 4);
constexpr std::string_view kEnd64Locator("PK\x06\x07", 4);
constexpr std::string_view kEnd64("PK\x06\x06", 4);
constexpr size_t kEndBytes = 22;
constexpr size_t kLongestComment = 65535;
constexpr size_t kLocatorBytes = 20;
constexpr uint64_t kLeastEntryBytes = 46;  // of a directory entry with an empty name

void check_counts(uint64_t entries, uint64_t directory_bytes, std::string_view bytes,
                  const std::string& file, int64_t entry_cap) {
  require(entries <= static_cast<uint64_t>(entry_cap), "zip",
          "{} claims {} entries, wanted at most {}", file, entries, entry_cap);
  require(directory_bytes <= bytes.size() && entries <= directory_bytes / kLeastEntryBytes, "zip",
          "{} claims {} entries in a directory of {} bytes, which does not fit", file, entries,
          directory_bytes);
}

void check_end64(std::string_view bytes, const std::string& file, size_t locator,
                 int64_t entry_cap) {
  ByteReader at(std::string_view("zip"), file, bytes, locator + 8);
  ByteReader end("zip", file, bytes, at.u64());
  end.expect(kEnd64, "ZIP64 end record");
  end.skip(8 + 2 + 2 + 4 + 4);  // its size, two versions, two disk numbers
  const uint64_t entries_here = end.u64();
  const uint64_t entries = end.u64();
  check_counts(std::max(entries, entries_here), end.u64(), bytes, file, entry_cap);
}

}  // namespace

void check_zip_end_records(std::string_view bytes, const std::string& file, int64_t entry_cap) {
  require(bytes.size() >= kEndBytes, "zip", "{} has {} bytes, too few for a ZIP archive", file,
          bytes.size());
  const size_t reach = kEndBytes + kLongestComment + kLocatorBytes;
  const size_t first = bytes.size() - std::min(bytes.size(), reach);
  for (size_t at = first; (at = bytes.find(kEnd64Locator, at)) != std::string_view::npos; ++at) {
    if (at + kLocatorBytes <= bytes.size()) check_end64(bytes, file, at, entry_cap);
  }
  bool found = false;
  for (size_t at = first; (at = bytes.find(kEnd, at)) != std::string_view::npos; ++at) {
    if (at + kEndBytes > bytes.size()) break;
    found = true;
    ByteReader end("zip", file, bytes, at + 8);
    const uint64_t entries_here = end.u16();
    const uint64_t entries = end.u16();
    const uint64_t directory_bytes = end.u32();
    constexpr uint64_t kSeeZip64 = 0xffffffff;
    if (directory_bytes == kSeeZip64) continue;
    check_counts(std::max(entries, entries_here), directory_bytes, bytes, file, entry_cap);
  }
  require(found, "zip", "{} has no end record, so it is no ZIP archive or not all of one", file);
}

}  // namespace secateur
