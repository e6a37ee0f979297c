#include <zip.h>

#include <utility>

#include "formats/atomic_file.h"
#include "formats/zip.h"
#include "tensor/error.h"

namespace secateur {
namespace {

// 1980-01-01 00:00, the first moment that a ZIP time stamp can say.
constexpr zip_uint16_t kDosTime = 0;
constexpr zip_uint16_t kDosDate = (0 << 9) | (1 << 5) | 1;

[[noreturn]] void fail_writing(const std::string& why) {
  fail(ErrorKind::kResource, "zip", "cannot build the archive: {}", why);
}

void check(bool success, zip_t* archive) {
  if (success) return;
  const std::string why = zip_strerror(archive);
  zip_discard(archive);
  fail_writing(why);
}

std::string drain(zip_source_t* source) {
  std::string result;
  bool complete = zip_source_open(source) == 0;
  if (complete) {
    zip_stat_t stat;
    zip_stat_init(&stat);
    complete = zip_source_stat(source, &stat) == 0 && (stat.valid & ZIP_STAT_SIZE) != 0;
    result.resize(complete ? stat.size : 0);
    complete = complete && zip_source_read(source, result.data(), result.size()) ==
                               static_cast<zip_int64_t>(result.size());
    zip_source_close(source);
  }
  zip_source_free(source);
  if (!complete) fail_writing("its bytes cannot be read back");
  return result;
}

}  // namespace

void ZipWriter::add(std::string name, std::string bytes, Method method) {
  members_.push_back({std::move(name), std::move(bytes), method});
}

std::string ZipWriter::bytes() const {
  // libzip makes no archive without members; an end record alone is one.
  if (members_.empty()) return std::string("PK\x05\x06", 4) + std::string(18, '\0');
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  zip_t* archive =
      target == nullptr ? nullptr : zip_open_from_source(target, ZIP_TRUNCATE, nullptr);
  if (archive == nullptr) {
    zip_source_free(target);
    fail_writing("out of memory");
  }
  for (const Member& member : members_) {
    zip_source_t* content = zip_source_buffer(archive, member.bytes.data(), member.bytes.size(), 0);
    check(content != nullptr, archive);
    const zip_int64_t index = zip_file_add(archive, member.name.c_str(), content, ZIP_FL_ENC_UTF_8);
    if (index < 0) zip_source_free(content);
    check(index >= 0, archive);
    const auto at = static_cast<zip_uint64_t>(index);
    const bool deflate = member.method == Method::kDeflated;
    check(zip_set_file_compression(archive, at, deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 9) == 0 &&
              zip_file_set_dostime(archive, at, kDosTime, kDosDate, 0) == 0,
          archive);
  }
  zip_source_keep(target);  // zip_close gives the archive's hold back, drain() this one
  if (zip_close(archive) != 0) {
    zip_source_free(target);
    check(false, archive);
  }
  return drain(target);
}

void ZipWriter::write(const std::filesystem::path& path) const {
  write_file_atomically(path, bytes());
}

}  // namespace secateur
