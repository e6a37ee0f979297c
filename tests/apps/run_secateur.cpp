#include "tests/apps/run_secateur.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include "formats/input_file.h"
#include "tensor/error.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kProgram = SECATEUR_BINARY_DIR "/bin/secateur";
constexpr double kLimitSeconds = 600;

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// In the child: never comes back.
[[noreturn]] void become(std::vector<char*> arguments, const std::string& out,
                         const std::string& err) {
  const auto redirect = [](const std::string& path, int to) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || ::dup2(file, to) < 0) std::_Exit(127);
  };
  redirect(out, STDOUT_FILENO);
  redirect(err, STDERR_FILENO);
  ::execv(kProgram, arguments.data());
  std::_Exit(127);
}

}  // namespace

std::string Ended::last_line() const {
  if (out.empty()) return out;
  const size_t before = out.rfind('\n', out.size() - 2);
  const size_t begin = before == std::string::npos ? 0 : before + 1;
  return out.substr(begin, out.size() - 1 - begin);
}

std::vector<std::string> with_settings(std::vector<std::string> arguments,
                                       const std::vector<std::string>& settings) {
  for (const std::string& setting : settings) {
    const std::string key = setting.substr(0, setting.find('=') + 1);
    const auto same = std::find_if(arguments.begin(), arguments.end(),
                                   [&](const std::string& a) { return a.starts_with(key); });
    if (same == arguments.end()) {
      arguments.push_back(setting);
    } else {
      *same = setting;
    }
  }
  return arguments;
}

Ended run_secateur(const std::vector<std::string>& arguments, const std::optional<Signal>& signal) {
  const TemporaryFolder folder;
  const std::string out = (folder / "out").string();
  const std::string err = (folder / "err").string();
  std::vector<std::string> words = {"secateur"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const Clock::time_point start = Clock::now();
  const pid_t child = ::fork();
  require(child >= 0, "run", "cannot start {}", kProgram);
  if (child == 0) become(pointers, out, err);
  int status = 0;
  struct rusage use = {};
  bool sent = false;
  while (::wait4(child, &status, WNOHANG, &use) == 0) {
    if (signal && !sent && since(start) >= signal->after_seconds) {
      ::kill(child, signal->number);
      sent = true;
    }
    if (since(start) > kLimitSeconds) ::kill(child, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status),
          .out = read_file(out, 1 << 26),
          .err = read_file(err, 1 << 26),
          .seconds = since(start),
          .peak_bytes = int64_t{use.ru_maxrss} * 1024};
}

}  // namespace secateur
