// Runs that were changed by someone who made the record agree again: every digest that a forger can
// compute is computed anew, and what cannot be covered up so is named.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "formats/safetensors.h"
#include "model_files/model_files.h"
#include "tests/apps/forging.h"
#include "tests/apps/run_secateur.h"
#include "tests/apps/tiny_demo.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

json& stage_of(json& statement, const std::string& name) {
  for (json& stage : statement["predicate"]["stages"]) {
    if (stage["stage"] == name) return stage;
  }
  throw std::runtime_error("there is no stage " + name);
}

class Forged : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    const std::vector<std::string> arguments = with_settings(
        tiny_demo(*folder_ / "run"), {"neuron=0:2", "run.label_cache=" + at("cache").string()});
    const Ended ended = run_secateur(arguments);
    ASSERT_EQ(ended.code, 0) << ended.err;
  }
  static void TearDownTestSuite() { delete folder_; }
  static fs::path at(const std::string& name) { return *folder_ / name; }

  // A copy of the run, changed.
  static fs::path forged(const std::function<void(const fs::path&)>& change) {
    const fs::path copy = at("forged_" + std::to_string(++copies_));
    fs::copy(at("run"), copy, fs::copy_options::recursive);
    change(copy);
    return copy;
  }
  static fs::path with_statement(const std::function<void(json&)>& change) {
    return forged([&](const fs::path& run) {
      json statement = read_statement(run);
      change(statement);
      write_statement(run, statement);
    });
  }
  static void expect_found(const fs::path& run, const std::string& sentence,
                           const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"audit", run.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ended ended = run_secateur(arguments);
    EXPECT_EQ(ended.code, 5) << ended.out << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(sentence));
  }

 private:
  static inline TemporaryFolder* folder_ = nullptr;
  static inline int copies_ = 0;
};

TEST_F(Forged, AnAuditThatMadeNothingAgainSaysSoFirst) {
  const Ended ended = run_secateur({"audit", at("run").string(), "--json"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("\nnothing was made again: "));
  const json report = json::parse(ended.last_line());
  for (const json& finding : report["findings"]) {
    EXPECT_NE(finding["state"], "differs") << finding;
    EXPECT_FALSE(finding["details"].get<std::string>().empty());
  }
}

TEST_F(Forged, LineagesThatLeaveSomethingOut) {
  expect_found(with_statement([](json& s) { s["predicate"]["stages"] = json::array(); }),
               "the record has no ");
  expect_found(with_statement([](json& s) {
                 for (json& stage : s["predicate"]["stages"]) stage["reads"] = json::array();
               }),
               "which its record does not name");
  expect_found(with_statement([](json& s) { stage_of(s, "distill")["makes"] = json::array(); }),
               "read models/oriented_edge_student.safetensors, which no stage before it made");
  expect_found(with_statement([](json& s) { stage_of(s, "evaluate")["makes"] = json::array(); }),
               "evaluate makes predictions/*, which its record does not name");
  // The evaluation taken out everywhere, and its files with it.
  expect_found(forged([](const fs::path& run) {
                 json s = read_statement(run);
                 json& stages = s["predicate"]["stages"];
                 for (const json& file : stages.back()["makes"]) {
                   fs::remove(run / file["name"].get<std::string>());
                   json& left = s["subject"];
                   for (size_t i = 0; i < left.size(); ++i) {
                     if (left[i]["name"] == file["name"]) left.erase(i);
                   }
                 }
                 stages.erase(stages.size() - 1);
                 write_statement(run, s);
               }),
               "the record has no evaluate");
  expect_found(with_statement([](json& s) { s["subject"].erase(s["subject"].size() - 1); }),
               "the run does not leave ");
  expect_found(with_statement([](json& s) {
                 json& left = s["subject"];
                 for (size_t i = 0; i < left.size(); ++i) {
                   if (left[i]["name"] == "metrics.jsonl") left.erase(i);
                 }
               }),
               "no stage in the record made metrics.jsonl");
}

// A run that has come as far as its labels says what cannot be checked yet, and that nothing
// differs.
TEST_F(Forged, ARunThatIsNotFinishedIsNotForged) {
  const fs::path young = forged([](const fs::path& run) {
    json s = read_statement(run);
    s["subject"] = json::array();
    json& stages = s["predicate"]["stages"];
    stages.erase(stages.begin() + 3, stages.end());
    ASSERT_EQ(stages.back()["stage"], "labels");
    write_statement(run, s);
    for (const auto& entry : fs::directory_iterator(run / "models")) {
      if (!entry.path().filename().string().starts_with("teacher")) fs::remove(entry.path());
    }
    for (const char* later : {"checkpoints", "predictions", "results.json", "ledger.jsonl"}) {
      fs::remove_all(run / later);
    }
  });
  const Ended ended = run_secateur({"audit", young.string()});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("the run is not finished: its record has 3 of 12 stages"));
  EXPECT_THAT(ended.out, HasSubstr("not checked  neurons  there is no network yet"));
  const Ended signing = run_secateur({"sign", young.string(), "--new-key", at("young.key")});
  EXPECT_EQ(signing.code, 2);
  EXPECT_THAT(signing.err, HasSubstr("is not finished"));
}

// A row of a learning curve, in one of the two files that have it.
TEST_F(Forged, ACurveThatTheStageDoesNotMake) {
  for (const char* name : {"metrics.jsonl", "metrics.csv"}) {
    const fs::path other = forged([&](const fs::path& run) {
      std::string text = read_file(run / name, kCap);
      const size_t end = text.find('\n', text.rfind("distill"));
      const size_t point = text.rfind('.', end);  // of the score, the last number of the row
      ASSERT_NE(point, std::string::npos);
      text[point + 1] = text[point + 1] == '9' ? '8' : '9';
      write_file_atomically(run / name, text);
      make_digests_agree(run);
    });
    const Ended record = run_secateur({"audit", other.string()});
    EXPECT_EQ(record.code, 0) << record.err;
    const Ended again = run_secateur({"audit", other.string(), "--stage", "distill"});
    EXPECT_EQ(again.code, 5) << again.out;
    EXPECT_THAT(again.err, HasSubstr(std::string(name) + ": of the rows of distill of "));
  }
}

// One of the states that a training has kept: the stretch around it could be made again, but
// longer.
TEST_F(Forged, AKeptStateTakenOut) {
  const std::string name = "checkpoints/kept/oriented_edge_distill_00000150.safetensors";
  expect_found(
      forged([&](const fs::path& run) {
        fs::remove(run / name);
        json s = read_statement(run);
        const auto erase = [&](json& files) {
          for (size_t i = 0; i < files.size(); ++i) {
            if (files[i]["name"] == name) files.erase(i);
          }
        };
        erase(s["subject"]);
        erase(stage_of(s, "distill")["makes"]);
        write_statement(run, s);
      }),
      "distill of oriented_edge keeps a state at 150 steps, which its record does not name");
}

TEST_F(Forged, ARecordOfTheWrongTypes) {
  const auto refused = [](const std::function<void(json&)>& change) {
    return run_secateur({"audit", with_statement(change).string()}).code;
  };
  EXPECT_EQ(refused([](json& s) { s["subject"] = json::object(); }), 3);
  EXPECT_EQ(refused([](json& s) { s["predicate"]["stages"] = json::object(); }), 3);
  EXPECT_EQ(refused([](json& s) { s["predicate"]["recipe"] = "none"; }), 3);
}

TEST_F(Forged, LineagesThatInventSomething) {
  expect_found(with_statement([](json& s) {
                 json invented = stage_of(s, "labels");
                 invented["stage"] = "blessing";
                 s["predicate"]["stages"].push_back(invented);
               }),
               "the record has blessing, which is no stage of such a run");
  expect_found(
      with_statement([](json& s) { s["predicate"]["stages"].push_back(stage_of(s, "labels")); }),
      "the record has labels twice");
  expect_found(with_statement([](json& s) {
                 json& makes = stage_of(s, "retrain")["makes"];
                 json other = makes[0];
                 other["name"] = "models/other.safetensors";
                 makes.push_back(other);
               }),
               "does not make models/other.safetensors, which its record names");
  expect_found(with_statement([](json& s) { s["predicate"]["code"]["revision"] = "0123456789ab"; }),
               "the record names the revision '0123456789ab'");
  expect_found(forged([](const fs::path& run) {
                 fs::copy_file(run / "models/oriented_edge_pruned.safetensors",
                               run / "models/spare.safetensors");
               }),
               "no stage in the record made models/spare.safetensors");
}

// The same revision cannot be of another version, nor promise something else.
TEST_F(Forged, WhatTheRevisionSays) {
  expect_found(with_statement([](json& s) { s["predicate"]["code"]["version"] = "9.9"; }),
               "the record says version '9.9', its revision is that of ");
  expect_found(with_statement([](json& s) { s["predicate"]["promises"]["speed"] = "always"; }),
               "the record promises about bits what its revision does not");
}

// Every line of the ledger, with its criterion or threshold said to be another.
TEST_F(Forged, ALedgerOfAnotherMethodThanTheRecipes) {
  const auto rewritten = [](const std::string& from, const std::string& to) {
    return forged([&](const fs::path& run) {
      std::string text = read_file(run / "ledger.jsonl", kCap);
      ASSERT_NE(text.find(from), std::string::npos) << text.substr(0, 400);
      for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
        text.replace(at, from.size(), to);
      }
      write_file_atomically(run / "ledger.jsonl", text);
      make_digests_agree(run);
    });
  };
  expect_found(rewritten("\"threshold\":0.9", "\"threshold\":0.8"),
               "was held to a threshold of 0.8, prune.threshold is 0.9");
  expect_found(rewritten("pointwise variance", "readout contribution"), "was judged by");
}

TEST_F(Forged, OnlyNeuronsOfTheRunAreMadeAgain) {
  const Ended ended =
      run_secateur({"audit", at("run").string(), "--stage", "prune", "--neuron", "0"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, HasSubstr("wanted a neuron of the run ("));
}

// The revision of every stage invented alike cannot be told from a run of another build: it is said
// to be unchecked.
TEST_F(Forged, AnotherRevisionIsNotChecked) {
  const fs::path other = with_statement([](json& s) {
    s["predicate"]["code"]["revision"] = "0123456789ab";
    for (json& stage : s["predicate"]["stages"]) stage["machine"]["revision"] = "0123456789ab";
  });
  const Ended ended = run_secateur({"audit", other.string()});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out,
              HasSubstr("not checked  code     the record says revision '0123456789ab'"));
}

TEST_F(Forged, ASettingThatNobodyKnowsIsNotChecked) {
  const fs::path other =
      with_statement([](json& s) { s["predicate"]["recipe"]["un\nknown"] = "x"; });
  const Ended ended = run_secateur({"audit", other.string()});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out,
              HasSubstr("not checked  recipe   the record has settings that this program "
                        "does not know: 'un?known'"));
}

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
