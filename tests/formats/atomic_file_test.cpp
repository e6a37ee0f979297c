#include "formats/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public testing::Test {
 protected:
  int files() const {
    return static_cast<int>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  const TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

TEST_F(AtomicFileTest, WritesAndReplaces) {
  const fs::path path = folder_ / "x";
  write_file_atomically(path, "first");
  EXPECT_EQ(read_file(path, 5), "first");
  write_file_atomically(path, std::string(100000, 's'));
  EXPECT_EQ(read_file(path, 100000).size(), 100000u);
  write_file_atomically(path, "");
  EXPECT_EQ(read_file(path, 0), "");
  EXPECT_EQ(files(), 1);
}

TEST_F(AtomicFileTest, LeavesNothingWithoutCommit) {
  const fs::path path = folder_ / "x";
  write_file_atomically(path, "before");
  {
    AtomicFile file(path);
    file.append("half of ");
    EXPECT_EQ(files(), 2);
  }
  EXPECT_EQ(files(), 1);
  EXPECT_EQ(read_file(path, 100), "before");
}

TEST_F(AtomicFileTest, NamesFileAndReasonWhenItCannotWrite) {
  const auto refuse = [](const fs::path& path, const std::string& part) {
    expect_refused([&] { write_file_atomically(path, "x"); }, part, ErrorKind::kResource);
  };
  refuse(folder_ / "absent" / "file.bin", "file.bin: No such file");
  fs::create_directory(folder_ / "taken");
  refuse(folder_ / "taken", "taken: Is a directory");
  EXPECT_EQ(files(), 1);
  refuse(fs::path(), "cannot create");
}

TEST_F(AtomicFileTest, KeepsTheOldFileWhenTheDiskIsFull) {
  const fs::path path = folder_ / "x";
  write_file_atomically(path, "before");
  // A limit on the size of files fails like a full disk, with another reason.
  rlimit old{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, old.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  expect_refused([&] { write_file_atomically(path, std::string(2000, 'x')); }, "File too large",
                 ErrorKind::kResource);
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(read_file(path, 100), "before");
  EXPECT_EQ(files(), 1);
}

TEST_F(AtomicFileTest, ReadsOnlyRegularFilesUpToTheCap) {
  const fs::path path = folder_ / "x";
  write_file_atomically(path, "12345");
  expect_refused([&] { read_file(path, 4); }, "5 bytes, wanted at most 4");
  expect_refused([&] { read_file(folder_ / "absent", 4); }, "absent");
  expect_refused([&] { read_file(folder_, 4); }, "regular");
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  expect_refused([&] { read_file(pipe, 4); }, "regular");
  const InputFile file(path);
  std::string three(3, ' ');
  file.read_at(1, three);
  EXPECT_EQ(three, "234");
  expect_refused([&] { file.read_at(3, three); }, "ends after 2");
}

}  // namespace
}  // namespace secateur
