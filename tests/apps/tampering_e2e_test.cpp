// One change at every link of the chain, each with all digests of the run's own records made to
// agree, and what trace, audit and an audit that makes the run again say of it: as a table. What is
// broken is never called held. SECATEUR_TAMPERING=all makes every run again, which takes minutes;
// without it that column says so.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <utility>

#include "compression/compact_file.h"
#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "formats/safetensors.h"
#include "model_files/model_files.h"
#include "models/fingerprint.h"
#include "tensor/sha256.h"
#include "tests/apps/forging.h"
#include "tests/apps/run_secateur.h"
#include "tests/apps/tiny_demo.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kNeuron = "oriented_edge";

using Change = std::function<void(const fs::path&)>;

void replace_in(const fs::path& file, const std::string& from, const std::string& to) {
  std::string text = read_file(file, kCap);
  const size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << file << ": " << from;
  text.replace(at, from.size(), to);
  write_file_atomically(file, text);
}

// One number of a file of tensors.
Change one_number(const std::string& name, const std::string& tensor) {
  return [=](const fs::path& run) {
    SafetensorsFile file = read_safetensors(run / name);
    for (auto& [key, values] : file.tensors) {
      if (key.ends_with(tensor)) values.values()[0] += 0.25f;
    }
    write_safetensors(run / name, file);
  };
}

std::string model_file(const std::string& product) {
  return fmt::format("models/{}_{}.safetensors", kNeuron, product);
}
std::string state_file(const std::string& stage, int steps) {
  return fmt::format("checkpoints/kept/{}_{}_{:08}.safetensors", kNeuron, stage, steps);
}

// The student, under whose fingerprint the ledger decides.
void another_student(const fs::path& run) {
  const std::string was = fingerprint(read_model(run / model_file("student")));
  one_number(model_file("student"), "layer3.pointwise.weight")(run);
  const std::string is = fingerprint(read_model(run / model_file("student")));
  std::string ledger = read_file(run / "ledger.jsonl", kCap);
  for (size_t at = 0; (at = ledger.find(was, at)) != std::string::npos;) {
    ledger.replace(at, was.size(), is);
  }
  write_file_atomically(run / "ledger.jsonl", ledger);
}

void another_code(const fs::path& run) {
  const fs::path file = run / fmt::format("models/{}_compact.secateur", kNeuron);
  CompactModel model = read_compact(file);
  model.tensors.front().codes.front() += 9;
  write_compact(file, model);
}

// Without a change to any tensor.
void another_activation(const fs::path& run) {
  const fs::path file = run / model_file("pruned");
  const Model was = read_model(file);
  Architecture architecture = was.architecture();
  architecture.blocks.front().activation = Activation::kLinear;
  Model is(architecture, was.tensors());
  is.metadata = was.metadata;
  write_model(file, is);
}

void another_scale(const fs::path& run) {
  const fs::path file = run / fmt::format("models/{}_compact.secateur", kNeuron);
  CompactModel model = read_compact(file);
  model.architecture.readout.offset.front() += 1;
  write_compact(file, model);
}

// Images that it was not fitted on, says the file then.
Change another_split(const std::string& product) {
  return [=](const fs::path& run) {
    Model model = read_model(run / model_file(product));
    json& fit = model.metadata.at("split").at(0);
    ASSERT_EQ(fit.at("use"), "fit");
    fit["end"] = fit["end"].get<int64_t>() - 1;
    write_model(run / model_file(product), model);
  };
}

void two_labels_exchanged(const fs::path& run) {
  const fs::path file = fs::directory_iterator(run / "labels")->path();
  SafetensorsFile content = read_safetensors(file);
  const std::span<float> labels = content.tensors.at("labels").values();
  std::swap(labels[1], labels[3]);
  write_safetensors(file, content);
}

void another_seed(const fs::path& run) {
  replace_in(run / "config.toml", "\nseed = 1", "\nseed = 2");
  json statement = read_statement(run);
  statement["predicate"]["recipe"]["seed"] = 2;
  write_statement(run, statement);
}

void another_curve(const fs::path& run) {
  replace_in(run / "metrics.jsonl", "\"loss\":", "\"loss\":1");
}

void no_kept_states(const fs::path& run) {
  fs::remove_all(run / "checkpoints/kept");
  json statement = read_statement(run);
  const auto forget = [](json& files) {
    json left = json::array();
    for (const json& file : files) {
      if (!file["name"].get<std::string>().starts_with("checkpoints/kept/")) left.push_back(file);
    }
    files = left;
  };
  forget(statement["subject"]);
  for (json& stage : statement["predicate"]["stages"]) forget(stage["makes"]);
  write_statement(run, statement);
}

enum class Says { kNothing, kNotChecked, kBroken };  // of what was changed

struct Row {
  const char* what;
  Change change;
  Says trace;
  Says audit;  // of the record alone
};

std::vector<Row> rows() {
  return {
      {"nothing", [](const fs::path&) {}, Says::kNothing, Says::kNothing},
      {"a weight of the student", another_student, Says::kBroken, Says::kBroken},
      {"a weight of the pruned network",
       one_number(model_file("pruned"), "layer3.pointwise.weight"), Says::kBroken, Says::kBroken},
      {"a state kept in the middle of distill",
       one_number(state_file("distill", 150), "layer3.pointwise.weight"), Says::kNothing,
       Says::kNothing},
      {"the first state of retrain",
       one_number(state_file("retrain", 0), "layer3.pointwise.weight"), Says::kBroken,
       Says::kNothing},
      {"a weight of the retrained network",
       one_number(model_file("retrained"), "layer3.pointwise.weight"), Says::kBroken,
       Says::kNothing},
      {"a weight of the network that was quantised",
       one_number(model_file("quantised"), "layer3.pointwise.weight"), Says::kBroken,
       Says::kNothing},
      {"a code of the compact file", another_code, Says::kBroken, Says::kNothing},
      {"the activation of a layer of the pruned network", another_activation, Says::kBroken,
       Says::kBroken},
      {"the scale of the compact file", another_scale, Says::kBroken, Says::kBroken},
      {"`split` of the student", another_split("student"), Says::kNothing, Says::kNothing},
      {"`split` of the retrained network", another_split("retrained"), Says::kNothing,
       Says::kNothing},
      {"a score in the ledger",
       [](const fs::path& run) { replace_in(run / "ledger.jsonl", "\"score\":", "\"score\":1"); },
       Says::kNothing, Says::kNothing},
      {"two labels", two_labels_exchanged, Says::kNothing, Says::kNothing},
      {"a row of a learning curve", another_curve, Says::kNothing, Says::kNothing},
      {"a result", [](const fs::path& run) { replace_in(run / "results.json", ": 0.", ": 0.9"); },
       Says::kNothing, Says::kNothing},
      {"the seed", another_seed, Says::kBroken, Says::kNothing},
      {"the kept states, taken away", no_kept_states, Says::kNotChecked, Says::kBroken},
  };
}

// A sentence for what ended with an error.
void print_error(const Ended& ended) {
  if (ended.code == 0 || ended.err.empty()) return;
  const size_t last = ended.err.rfind("secateur: error: ");
  fmt::print("|  | {} | | |\n", ended.err.substr(last, ended.err.size() - 1 - last));
}

void try_row(const Row& row, const fs::path& run, bool again) {
  row.change(run);
  make_digests_agree(run);
  const Ended trace = run_secateur(
      {"trace", (run / fmt::format("models/{}_compact.secateur", kNeuron)).string(), "--all"});
  const Ended audit = run_secateur({"audit", run.string()});
  EXPECT_EQ(trace.code, row.trace == Says::kBroken ? 5 : 0) << trace.out << trace.err;
  EXPECT_EQ(audit.code, row.audit == Says::kBroken ? 5 : 0) << audit.out << audit.err;
  const bool holds = trace.out.find("holds") != std::string::npos;
  EXPECT_EQ(holds, row.trace == Says::kNothing) << trace.out;
  if (audit.code == 0) {
    EXPECT_THAT(audit.out, HasSubstr("\nnothing was made again: "));
  }
  std::string whole = "not run";
  if (again) {
    const Ended all = run_secateur({"audit", run.string(), "--all"});
    EXPECT_EQ(all.code, std::string(row.what) == "nothing" ? 0 : 5) << all.out << all.err;
    whole = all.code == 0 ? "same" : "DIFFERS";
  }
  fmt::print("| {} | {} | {} | {} |\n", row.what,
             trace.code == 5 ? "broken"
             : holds         ? "holds"
                             : "not checked",
             audit.code == 5 ? "DIFFERS" : "nothing was made again", whole);
  print_error(trace);
  print_error(audit);
}

TEST(Tampering, NothingThatIsBrokenIsCalledHeld) {
  const TemporaryFolder folder;
  const Ended made = run_secateur(tiny_demo(folder / "run"));
  ASSERT_EQ(made.code, 0) << made.err;
  const char* const asked = std::getenv("SECATEUR_TAMPERING");
  const bool again = asked != nullptr && std::string(asked) == "all";
  fmt::print("| changed | trace --all | audit | audit --all |\n|---|---|---|---|\n");
  for (const Row& row : rows()) {
    SCOPED_TRACE(row.what);
    fs::copy(folder / "run", folder / "forged", fs::copy_options::recursive);
    try_row(row, folder / "forged", again);
    fs::remove_all(folder / "forged");
  }
}

// A student that starts from a file, and another file in its place, with the list of inputs and its
// digests made to agree.
TEST(Tampering, AnotherStartFile) {
  const TemporaryFolder folder;
  const std::string start = folder / "start.safetensors";
  ASSERT_EQ(run_secateur(tiny_demo(folder / "first")).code, 0);
  fs::copy_file(folder / "first" / model_file("student"), start);
  const fs::path run = folder / "run";
  ASSERT_EQ(
      run_secateur(with_settings(tiny_demo(run), {"distill.images=0", "start=" + start})).code, 0);
  const std::string compact = run / fmt::format("models/{}_compact.secateur", kNeuron);
  const auto trace = [&] { return run_secateur({"trace", compact, "--all", "--start", start}); };
  const auto audit = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"audit", run.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_secateur(arguments);
  };
  EXPECT_THAT(trace().out, HasSubstr("the chain holds: "));
  EXPECT_EQ(audit({"start=" + start, "--all"}).code, 0);

  const std::string was = sha256_of_file(start);
  SafetensorsFile file = read_safetensors(start);
  for (auto& [name, tensor] : file.tensors) tensor.values()[0] += 0.25f;
  write_safetensors(start, file);
  EXPECT_EQ(audit({"start=" + start}).code, 5);  // the recorded input is another
  for (const char* record : {"inputs.sha256", "lineage.json"}) {
    std::string text = read_file(run / record, kCap);
    for (size_t at = 0; (at = text.find(was, at)) != std::string::npos;) {
      text.replace(at, was.size(), sha256_of_file(start));
    }
    write_file_atomically(run / record, text);
  }
  make_digests_agree(run);
  EXPECT_EQ(trace().code, 5);
  EXPECT_THAT(audit({}).out, HasSubstr("not checked  inputs   start/start.safetensors"));
  EXPECT_EQ(audit({"start=" + start, "--all"}).code, 5);
}

}  // namespace
}  // namespace secateur
