// Runs two commands in turn, A B A B ..., and gives the ratio of what they report, pair by pair:
//   bench_compare --runs 5 'bench_student_step --threads 2 --json' 'python3 train_step.py'
// Each command prints a JSON object as its last line; --key names the figure. Pairs that ran one
// after the other share what the machine was doing, so their ratio is steadier than either figure.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

std::string last_line_of(const std::string& command) {
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot start a shell");
  std::string output;
  std::array<char, 4096> piece;
  for (size_t n = 0; (n = fread(piece.data(), 1, piece.size(), pipe)) > 0;) {
    output.append(piece.data(), n);
  }
  if (pclose(pipe) != 0) throw std::runtime_error("failed: " + command);
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return output.substr(output.rfind('\n') + 1);
}

double figure(const std::string& command, const std::string& key) {
  const nlohmann::json report = nlohmann::json::parse(last_line_of(command), nullptr, false);
  if (!report.is_object() || !report.contains(key) || !report[key].is_number()) {
    throw std::runtime_error(
        fmt::format("wanted a JSON object with the number \"{}\" as the last "
                    "line of: {}",
                    key, command));
  }
  return report[key].get<double>();
}

struct Spread {
  explicit Spread(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    low = values.front();
    middle = values[values.size() / 2];
    high = values.back();
  }
  nlohmann::json json() const { return {{"min", low}, {"median", middle}, {"max", high}}; }
  double low, middle, high;
};

struct Options {
  std::string a, b, key = "images_per_second";
  int runs = 5;
  bool json = false;
};

void compare(const Options& options) {
  std::vector<double> a, b, ratios;
  for (int i = 0; i < options.runs; ++i) {
    a.push_back(figure(options.a, options.key));
    b.push_back(figure(options.b, options.key));
    ratios.push_back(a.back() / b.back());
    if (!options.json) fmt::print("{:10.3f} {:10.3f}  ratio {:.3f}\n", a[i], b[i], ratios[i]);
  }
  const Spread ratio(ratios);
  if (options.json) {
    const nlohmann::json report{{"key", options.key},
                                {"a", Spread(a).json()},
                                {"b", Spread(b).json()},
                                {"ratio", ratio.json()}};
    fmt::print("{}\n", report.dump());
    return;
  }
  fmt::print("{} of A over B: {:.3f} (pairs from {:.3f} to {:.3f})\n", options.key, ratio.middle,
             ratio.low, ratio.high);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App program("Runs two commands in turn and gives the ratio of what they report.");
  program.add_option("A", options.a, "command, given to a shell")->required();
  program.add_option("B", options.b, "command, given to a shell")->required();
  program.add_option("--key", options.key, "the number to compare");
  program.add_option("--runs", options.runs, "pairs")->check(CLI::PositiveNumber);
  program.add_flag("--json", options.json, "one JSON object on one line");
  CLI11_PARSE(program, argc, argv);
  try {
    compare(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_compare: error: {}\n", error.what());
    return 1;
  }
  return 0;
}
