// Runs whose record was changed by someone who made it agree again: every digest that a forger can
// compute is computed anew, and what cannot be covered up so is named (forged_content_e2e_test.cpp:
// runs whose files were).

#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "tests/apps/forged.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

json& stage_of(json& statement, const std::string& name) {
  for (json& stage : statement["predicate"]["stages"]) {
    if (stage["stage"] == name) return stage;
  }
  throw std::runtime_error("there is no stage " + name);
}

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

}  // namespace
}  // namespace secateur
