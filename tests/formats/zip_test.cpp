#include "formats/zip.h"

#include <gtest/gtest.h>

#include <thread>

#include "formats/input_file.h"
#include "formats/zip_directory.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

constexpr auto kStored = ZipWriter::Method::kStored;
constexpr auto kDeflated = ZipWriter::Method::kDeflated;

std::string two_members() {
  ZipWriter writer;
  writer.add("folder/a.txt", std::string(5000, 'a'), kDeflated);
  writer.add("b.bin", std::string("\0\1\2", 3), kStored);
  return writer.bytes();
}

ZipReader open(std::string bytes, const ZipCaps& caps = {}) {
  return ZipReader(std::move(bytes), "x.zip", caps);
}

// Little-endian number of `width` bytes at `at`.
void put(std::string& bytes, size_t at, uint64_t value, size_t width) {
  for (size_t i = 0; i < width; ++i) bytes.at(at + i) = static_cast<char>(value >> (8 * i));
}

TEST(Zip, ReadsWhatItWrites) {
  const ZipReader reader = open(two_members());
  ASSERT_EQ(reader.entries().size(), 2u);
  EXPECT_EQ(reader.entries()[0].name, "folder/a.txt");
  EXPECT_EQ(reader.entries()[0].size, 5000);
  EXPECT_EQ(reader.read(0, 5000), std::string(5000, 'a'));
  EXPECT_EQ(reader.read(reader.find("b.bin"), 3), std::string("\0\1\2", 3));
  EXPECT_EQ(reader.find("c"), -1);
}

TEST(Zip, WritesTheSameBytesForTheSameContent) {
  EXPECT_EQ(two_members(), two_members());
  const std::string bytes = two_members();
  EXPECT_EQ(static_cast<uint8_t>(bytes[12]), 0x21);  // date: 1980-01-01
  EXPECT_EQ(bytes.substr(10, 2), std::string(2, '\0'));
  const TemporaryFolder folder;
  const auto path = folder / "two.zip";
  ZipWriter writer;
  writer.add("x", "y", kStored);
  writer.write(path);
  EXPECT_EQ(read_file(path, 1 << 20), writer.bytes());
  EXPECT_EQ(ZipReader(path).read(0, 1), "y");
}

TEST(Zip, HasEmptyArchivesAndMembers) {
  EXPECT_TRUE(open(ZipWriter().bytes()).entries().empty());
  ZipWriter writer;
  writer.add("empty", "", kDeflated);
  writer.add("folder/", "", kStored);
  const ZipReader reader = open(writer.bytes());
  EXPECT_EQ(reader.read(0, 0), "");
  EXPECT_TRUE(reader.entries()[1].is_folder);
}

TEST(Zip, ReadsFromSeveralThreads) {
  ZipWriter writer;
  for (int i = 0; i < 50; ++i) {
    writer.add(std::to_string(i), std::string(10000, static_cast<char>('A' + i % 26)), kDeflated);
  }
  const ZipReader reader = open(writer.bytes());
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = t; i < 200; i += 3) {
        const std::string bytes = reader.read(i % 50, 10000);
        if (bytes != std::string(10000, static_cast<char>('A' + i % 50 % 26))) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Zip, CapsComeBeforeMemory) {
  const std::string bytes = two_members();
  expect_refused([&] { open(bytes).read(0, 4999); }, "at most 4999");
  expect_refused([&] { open(bytes, {.entries = 1}); }, "2 entries");
  expect_refused([&] { open(bytes, {.total_bytes = 5002}); }, "5002");
  expect_refused([&] { open(bytes).read(2, 10); }, "x.zip");
  expect_refused([&] { open(bytes).read(-1, 10); }, "x.zip");
  const TemporaryFolder folder;
  const auto path = folder / "cap.zip";
  ZipWriter().write(path);
  expect_refused([&] { ZipReader(path, {.file_bytes = 21}); }, "cap.zip");
}

// The declared sizes stand in the local header (offset 22) and in the directory (offset 24).
std::string with_declared_size(uint32_t size) {
  std::string bytes = two_members();
  put(bytes, 22, size, 4);
  put(bytes, bytes.find("PK\x01\x02") + 24, size, 4);
  return bytes;
}

TEST(Zip, RefusesMembersThatAreNotAsLongAsTheySay) {
  expect_refused([] { open(with_declared_size(4000)).read(0, 1 << 20); }, "x.zip");
  expect_refused([] { open(with_declared_size(6000)).read(0, 1 << 20); }, "x.zip");
  // More than deflate can make out of so few bytes.
  expect_refused([] { open(with_declared_size(0xf0000000)); }, "claims");
}

TEST(Zip, RefusesDamage) {
  std::string bytes = two_members();
  const size_t stored = bytes.find(std::string("\0\1\2", 3), bytes.find("b.bin"));
  bytes[stored + 1] = 'x';
  expect_refused([&] { open(bytes).read(1, 10); }, "damaged");
  const std::string whole = two_members();
  for (size_t size = 0; size < whole.size(); ++size) {
    expect_refused([&] { open(whole.substr(0, size)); }, "x.zip");
  }
}

TEST(Zip, RefusesNames) {
  for (const std::string name : {"../a", "a/../b", "/a", "a\\b", "a\nb", "a/.."}) {
    ZipWriter writer;
    writer.add(name, "x", kStored);
    expect_refused([&] { open(writer.bytes()); }, "name");
  }
  for (const std::string name : {"..a", "a../b", "a/...", "\xc3\xa9.jpg"}) {
    ZipWriter writer;
    writer.add(name, "x", kStored);
    EXPECT_NO_THROW(open(writer.bytes())) << name;
  }
}

TEST(Zip, RefusesTheSameNameTwice) {
  ZipWriter writer;
  writer.add("name1", "x", kStored);
  writer.add("name2", "y", kStored);
  std::string bytes = writer.bytes();
  for (size_t at = 0; (at = bytes.find("name2", at)) != std::string::npos;) bytes[at + 4] = '1';
  expect_refused([&] { open(bytes); }, "x.zip");
}

// libzip would make room for as many entries as this record claims.
TEST(Zip, RefusesZip64RecordsWithTooManyEntries) {
  std::string bytes = "PK\x06\x06";
  bytes.resize(56);
  put(bytes, 4, 44, 8);
  put(bytes, 24, uint64_t{1} << 40, 8);
  put(bytes, 32, uint64_t{1} << 40, 8);
  put(bytes, 40, uint64_t{46} << 40, 8);
  std::string locator = "PK\x06\x07";
  locator.resize(20);
  put(locator, 16, 1, 4);
  std::string end = "PK\x05\x06";
  end.resize(22);
  put(end, 8, 0xffffffff, 4);
  put(end, 12, 0xffffffffffffffff, 8);
  bytes += locator + end;
  expect_refused([&] { open(bytes); }, "entries");
  put(bytes, 24, 1000, 8);
  put(bytes, 32, 1000, 8);
  put(bytes, 40, 10, 8);
  expect_refused([&] { open(bytes); }, "does not fit");
}

}  // namespace
}  // namespace secateur
