#include "formats/zip.h"

#include <zip.h>

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "formats/byte_reader.h"
#include "formats/input_file.h"
#include "formats/zip_directory.h"
#include "tensor/error.h"

namespace secateur {
namespace {

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseMember {
  void operator()(zip_file_t* member) const { zip_fclose(member); }
};
using Handle = std::unique_ptr<zip_t, CloseArchive>;

Handle open_archive(const std::string& bytes, const std::string& file) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* archive = source == nullptr
                       ? nullptr
                       : zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  const std::string reason = archive == nullptr ? zip_error_strerror(&error) : "";
  zip_error_fini(&error);
  if (archive == nullptr) {
    zip_source_free(source);
    fail(ErrorKind::kBadInput, "zip", "{} is no sound ZIP archive: {}", file, reason);
  }
  return Handle(archive);
}

bool stays_inside(std::string_view name) {
  const bool plain = std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\';
  });
  if (!plain || name.empty() || name.front() == '/') return false;
  for (size_t at = 0; at != std::string_view::npos;) {
    const size_t slash = name.find('/', at);
    if (name.substr(at, slash - at) == "..") return false;
    at = slash == std::string_view::npos ? slash : slash + 1;
  }
  return true;
}

// The most bytes that `compressed` bytes of deflate can become: 258 for every two bits and a bit.
bool reachable(uint64_t size, uint64_t compressed, bool deflated) {
  constexpr uint64_t kMostPerByte = 1032;
  return deflated ? size / kMostPerByte <= compressed : size == compressed;
}

struct Checked {
  ZipEntry entry;
  uint64_t compressed;
};

Checked check_entry(zip_t* archive, uint64_t index, const std::string& file) {
  zip_stat_t stat;
  zip_stat_init(&stat);
  constexpr uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                               ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  const bool known = zip_stat_index(archive, index, ZIP_FL_ENC_RAW, &stat) == 0 &&
                     (stat.valid & kNeeded) == kNeeded;
  require(known, "zip", "entry {} of {} cannot be described", index, file);
  const std::string_view name(stat.name);
  require(stays_inside(name), "zip", "entry {} of {} has the unwanted name {}", index, file,
          printable(name));
  const bool deflated = stat.comp_method == ZIP_CM_DEFLATE;
  require(stat.encryption_method == ZIP_EM_NONE && (deflated || stat.comp_method == ZIP_CM_STORE),
          "zip", "{} in {} is encrypted or compressed by method {}, wanted stored or deflated",
          printable(name), file, stat.comp_method);
  require(reachable(stat.size, stat.comp_size, deflated), "zip",
          "{} in {} claims {} bytes out of {} compressed ones", printable(name), file, stat.size,
          stat.comp_size);
  return {{std::string(name), static_cast<int64_t>(stat.size), name.back() == '/'}, stat.comp_size};
}

std::string inflate(zip_t* archive, uint64_t index, const ZipEntry& entry,
                    const std::string& file) {
  const std::string name = printable(entry.name);
  const std::unique_ptr<zip_file_t, CloseMember> member(zip_fopen_index(archive, index, 0));
  require(member != nullptr, "zip", "{} in {} cannot be opened: {}", name, file,
          zip_strerror(archive));
  // One byte more than declared is asked for: reading past the end is also what makes libzip
  // compare the checksum.
  std::string bytes;
  constexpr int64_t kPiece = int64_t{1} << 20;
  for (zip_int64_t got = 1; got > 0;) {
    const size_t have = bytes.size();
    const int64_t missing = entry.size - static_cast<int64_t>(have);
    bytes.resize(have + static_cast<size_t>(std::min(kPiece, missing + 1)));
    got = zip_fread(member.get(), bytes.data() + have, bytes.size() - have);
    require(got >= 0, "zip", "{} in {} is damaged: {}", name, file,
            zip_file_strerror(member.get()));
    bytes.resize(have + static_cast<size_t>(got));
    require(got <= missing, "zip", "{} in {} is larger than the {} bytes it claims", name, file,
            entry.size);
  }
  require(std::ssize(bytes) == entry.size, "zip", "{} in {} ends after {} of {} bytes", name, file,
          bytes.size(), entry.size);
  return bytes;
}

}  // namespace

struct ZipReader::Archive {
  std::string bytes;
  std::string file;
  std::vector<ZipEntry> entries;
  std::map<std::string, int64_t, std::less<>> by_name;
  std::mutex mutex;          // guards `idle`
  std::vector<Handle> idle;  // libzip handles are for one thread at a time

  Handle take() {
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        Handle handle = std::move(idle.back());
        idle.pop_back();
        return handle;
      }
    }
    return open_archive(bytes, file);
  }
  void give_back(Handle handle) {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(handle));
  }
  void check_directory(const ZipCaps& caps);
};

void ZipReader::Archive::check_directory(const ZipCaps& caps) {
  check_zip_end_records(bytes, file, caps.entries);
  Handle handle = open_archive(bytes, file);
  const int64_t count = zip_get_num_entries(handle.get(), 0);
  uint64_t total = 0;
  uint64_t compressed = 0;
  for (int64_t i = 0; i < count; ++i) {
    Checked checked = check_entry(handle.get(), static_cast<uint64_t>(i), file);
    // Each term is below 1032 times the size of the archive, so these sums do not overflow.
    compressed += checked.compressed;
    require(compressed <= bytes.size(), "zip", "the entries of {} overlap", file);
    total += static_cast<uint64_t>(checked.entry.size);
    require(total <= static_cast<uint64_t>(caps.total_bytes), "zip",
            "the entries of {} claim more than {} bytes together", file, caps.total_bytes);
    require(by_name.emplace(checked.entry.name, i).second, "zip", "{} holds {} twice", file,
            printable(checked.entry.name));
    entries.push_back(std::move(checked.entry));
  }
  give_back(std::move(handle));
}

ZipReader::ZipReader(const std::filesystem::path& path, const ZipCaps& caps)
    : ZipReader(read_file(path, caps.file_bytes), path.string(), caps) {}

ZipReader::ZipReader(std::string bytes, std::string file, const ZipCaps& caps)
    : archive_(std::make_unique<Archive>()) {
  archive_->bytes = std::move(bytes);
  archive_->file = std::move(file);
  archive_->check_directory(caps);
}

ZipReader::~ZipReader() = default;
ZipReader::ZipReader(ZipReader&&) noexcept = default;

const std::string& ZipReader::file() const { return archive_->file; }
const std::vector<ZipEntry>& ZipReader::entries() const { return archive_->entries; }

int64_t ZipReader::find(std::string_view name) const {
  const auto found = archive_->by_name.find(name);
  return found == archive_->by_name.end() ? -1 : found->second;
}

std::string ZipReader::read(int64_t index, int64_t cap) const {
  const std::string& file = archive_->file;
  require(index >= 0 && index < std::ssize(entries()), "zip", "wanted entry {} of {}, it has {}",
          index, file, entries().size());
  const ZipEntry& entry = entries()[static_cast<size_t>(index)];
  require(entry.size <= cap, "zip", "{} in {} has {} bytes, wanted at most {}",
          printable(entry.name), file, entry.size, cap);
  Handle handle = archive_->take();
  std::string bytes = inflate(handle.get(), static_cast<uint64_t>(index), entry, file);
  archive_->give_back(std::move(handle));
  return bytes;
}

}  // namespace secateur
