// Runs whose files were changed by someone who made the record agree again, and runs that lead out
// of their folder.

#include <sys/stat.h>

#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "formats/safetensors.h"
#include "tests/apps/forged.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// All evidence of one neuron under the name of the other, the ledger's lines too.
TEST_F(Forged, TwoNeuronsExchanged) {
  const auto exchange = [](const fs::path& run, const std::string& a, const std::string& b) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(run)) {
      if (entry.is_regular_file() && entry.path().filename().string().starts_with(a + "_")) {
        files.push_back(entry.path());
      }
    }
    for (const fs::path& file : files) {
      const fs::path other = file.parent_path() / (b + file.filename().string().substr(a.size()));
      if (!fs::exists(other)) continue;
      fs::rename(file, run / "kept");
      fs::rename(other, file);
      fs::rename(run / "kept", other);
    }
    std::string ledger = ledger_part(run, a);
    std::string lines;
    for (const auto& [from, to] : {std::pair{b, a}, {a, b}}) {
      std::string part = ledger_part(run, from);
      for (size_t at = 0; (at = part.find('"' + from + '"', at)) != std::string::npos; ++at) {
        part.replace(at, from.size() + 2, '"' + to + '"');
      }
      lines += part;
    }
    write_file_atomically(run / "ledger.jsonl", lines);
    make_digests_agree(run);
  };
  std::vector<std::string> labels;
  const json statement = read_statement(at("run"));
  for (const json& stage : statement["predicate"]["stages"]) {
    if (stage["stage"] == "distill") labels.push_back(stage["neuron"]);
  }
  ASSERT_EQ(labels.size(), 2u);
  const fs::path other = forged([&](const fs::path& run) { exchange(run, labels[0], labels[1]); });
  expect_found(other, "the networks of " + labels[0] + " and " + labels[1] +
                          " are exchanged for one another");
}

// A cache outside the run does not take its labels out of the record.
TEST_F(Forged, LabelsAreInTheRunAndMadeAgain) {
  const auto labels_in = [](const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
    return files;
  };
  ASSERT_EQ(labels_in(at("cache")).size(), 1u);
  ASSERT_EQ(labels_in(at("run") / "labels").size(), 1u);
  EXPECT_EQ(run_secateur({"audit", at("run").string(), "--stage", "labels"}).code, 0);
  const auto change = [&](const fs::path& run, const std::function<void(SafetensorsFile&)>& how) {
    const fs::path file = labels_in(run / "labels").front();
    SafetensorsFile content = read_safetensors(file);
    how(content);
    write_safetensors(file, content);
    make_digests_agree(run);
  };
  const std::vector<std::string> again = {"--stage", "labels"};
  expect_found(
      forged([&](const fs::path& run) {
        change(run, [](SafetensorsFile& file) { file.tensors.at("labels").values()[5] += 1e-3f; });
      }),
      "has the scale of no neuron's labels");
  // Two labels of a neuron exchanged, which no mean and no spread can tell; and under a key that
  // would have the program compute them anew.
  const auto exchange = [](SafetensorsFile& file) {
    const std::span<float> labels = file.tensors.at("labels").values();
    std::swap(labels[1], labels[3]);
  };
  expect_found(forged([&](const fs::path& run) { change(run, exchange); }),
               "labels: row 0, output 1", again);
  expect_found(forged([&](const fs::path& run) {
                 change(run, [&](SafetensorsFile& file) {
                   exchange(file);
                   file.metadata["secateur.labels"] = "another";
                 });
               }),
               "labels: row 0, output 1", again);
}

TEST_F(Forged, AReportChangedByHandIsSaidNotToBeSigned) {
  const fs::path run = forged([](const fs::path&) {});
  const std::string key = at("my.key").string();
  ASSERT_EQ(run_secateur({"sign", run.string(), "--new-key", key}).code, 0);
  write_file_atomically(run / "report.html", "<p>all is well</p>");
  const Ended ended = run_secateur({"verify", run.string(), "--key", key + ".pub"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("not checked  files: not in the record: "));
  EXPECT_THAT(ended.out, HasSubstr("report.html"));
}

// Names and places that lead out of the run.
TEST_F(Forged, NothingOutsideTheRunIsOpened) {
  for (const char* name : {"/etc/hostname", "../other", "models/../../other", "mo\ndels"}) {
    const fs::path run = with_statement([&](json& s) { s["subject"][0]["name"] = name; });
    const Ended ended = run_secateur({"audit", run.string()});
    EXPECT_EQ(ended.code, 3) << name;
    EXPECT_THAT(ended.err, HasSubstr("wanted the name of a file in the run"));
  }
  for (const char* neuron : {"../../other", "other"}) {
    const fs::path run = forged([&](const fs::path& folder) {
      std::string ledger = read_file(folder / "ledger.jsonl", kCap);
      const std::string name = "\"oriented_edge\"";
      ledger.replace(ledger.find(name), name.size(), '"' + std::string(neuron) + '"');
      write_file_atomically(folder / "ledger.jsonl", ledger);
      make_digests_agree(folder);
    });
    const Ended ended = run_secateur({"audit", run.string()});
    EXPECT_EQ(ended.code, 5);
    EXPECT_THAT(ended.err, Not(HasSubstr("_student.safetensors")));
  }
  const fs::path linked = forged([](const fs::path& run) {
    fs::remove(run / "results.json");
    fs::create_symlink("/etc/hostname", run / "results.json");
  });
  EXPECT_EQ(run_secateur({"audit", linked.string()}).code, 3);
  const fs::path piped = forged([](const fs::path& run) {
    fs::remove(run / "results.json");
    ASSERT_EQ(::mkfifo((run / "results.json").c_str(), 0600), 0);
  });
  EXPECT_EQ(run_secateur({"audit", piped.string()}).code, 3);
  // A teacher that only the run's own config names is not read.
  const fs::path taught = forged([](const fs::path& run) {
    std::string config = read_file(run / "config.toml", kCap);
    const std::string none = "\nteacher = []";
    ASSERT_NE(config.find(none), std::string::npos);
    config.replace(config.find(none), none.size(), "\nteacher = [\"/nowhere/else.keras\"]");
    write_file_atomically(run / "config.toml", config);
  });
  const Ended refused = run_secateur({"audit", taught.string(), "--stage", "labels"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("say where its inputs lie: teacher="));
}

}  // namespace
}  // namespace secateur
