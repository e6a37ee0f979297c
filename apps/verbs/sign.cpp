// secateur sign, secateur verify: who vouches for a run.

#include <fmt/format.h>

#include <memory>

#include "apps/config/recipe_toml.h"
#include "apps/exit_code.h"
#include "apps/output_file.h"
#include "apps/verbs/verbs.h"
#include "audit/audit.h"
#include "chain/settings.h"
#include "formats/atomic_file.h"
#include "formats/byte_reader.h"
#include "formats/input_file.h"
#include "provenance/lineage.h"
#include "provenance/signature.h"
#include "tensor/error.h"
#include "tensor/json_text.h"

namespace secateur {
namespace {

constexpr const char* kEnvelope = "lineage.dsse.json";
constexpr int64_t kStatementCap = int64_t{1} << 28;

struct SignVerb {
  std::string run;
  std::string key;
  std::string new_key;
};

// A statement about files that are not what it says is not worth a signature. Files outside the run
// are not looked at. Returns what was not checked, a sentence each.
std::vector<std::string> require_intact(const RunDirectory& run) {
  const Recipe recipe = read_config(run);
  std::vector<std::string> unchecked;
  const Findings findings = check_record(recipe, with_places(recipe, {}), run);
  if (const Finding* const first = first_that_differs(findings)) {
    throw Error(ErrorKind::kVerification,
                fmt::format("{}: {}", run.root().string(), first->details));
  }
  for (const Finding& finding : findings) {
    if (finding.state != FindingState::kNotChecked) continue;
    unchecked.push_back(fmt::format("{}: {}", finding.what, without_controls(finding.details)));
  }
  return unchecked;
}

void print_unchecked(FILE* text, const std::vector<std::string>& unchecked) {
  for (const std::string& sentence : unchecked) fmt::print(text, "not checked  {}\n", sentence);
}

int run_sign(const SignVerb& options, const CommonOptions& common) {
  if (options.key.empty() == options.new_key.empty()) {
    throw Error(ErrorKind::kUsage, "wanted either --key FILE or --new-key FILE");
  }
  require_writable(options.new_key, "--new-key");
  const RunDirectory run = RunDirectory::open(options.run);
  const std::vector<std::string> unchecked = require_intact(run);
  if (read_lineage(run.file("lineage.json")).subject.empty()) {
    throw Error(ErrorKind::kUsage, fmt::format("{} is not finished: go on with it (--resume), then "
                                               "sign it",
                                               options.run));
  }
  if (!options.new_key.empty()) write_keys(options.new_key, SecretKey::generate());
  const SecretKey key = read_secret_key(options.key.empty() ? options.new_key : options.key);
  const std::string statement = read_file(run.file("lineage.json"), kStatementCap);
  write_file_atomically(run.file(kEnvelope), sign_statement(statement, key).dump(1) + "\n");
  const std::string file = run.file(kEnvelope).string();
  print_unchecked(common.text(), unchecked);
  fmt::print(common.text(), "signed {} with the key {}\n", file, key.public_key().id());
  common.answer({{"file", file}, {"keyid", key.public_key().id()}, {"not_checked", unchecked}});
  return kExitDone;
}

int run_verify(const SignVerb& options, const CommonOptions& common) {
  const RunDirectory run = RunDirectory::view(options.run);
  const PublicKey key = read_public_key(options.key);
  const std::string file = run.file(kEnvelope).string();
  const std::string signed_text =
      verified_statement(parse_json(read_file(file, kStatementCap), file), key, file);
  if (signed_text != read_file(run.file("lineage.json"), kStatementCap)) {
    throw Error(ErrorKind::kVerification, fmt::format("{} is not the statement that was signed",
                                                      run.file("lineage.json").string()));
  }
  const std::vector<std::string> unchecked = require_intact(run);
  print_unchecked(common.text(), unchecked);
  fmt::print(common.text(),
             "the key {} signed this run's lineage, and the files that it names are as it says\n",
             key.id());
  common.answer({{"same", true}, {"keyid", key.id()}, {"not_checked", unchecked}});
  return kExitDone;
}

}  // namespace

void add_sign(CLI::App& program, CommonOptions& common, Action& action) {
  auto options = std::make_shared<SignVerb>();
  CLI::App* const verb = add_verb(program, common, "sign", "signs the lineage of a finished run",
                                  "secateur sign run --new-key my.key");
  verb->add_option("run", options->run, "run directory")->required();
  verb->add_option("--key", options->key, "secret key file");
  verb->add_option("--new-key", options->new_key,
                   "make this secret key and FILE.pub, the public one, first");
  verb->callback([&action, &common, options] {
    action = [&common, options] { return run_sign(*options, common); };
  });
}

void add_verify(CLI::App& program, CommonOptions& common, Action& action) {
  auto options = std::make_shared<SignVerb>();
  CLI::App* const verb =
      add_verb(program, common, "verify", "checks the signature of a run and its files",
               "secateur verify run --key my.key.pub");
  verb->add_option("run", options->run, "run directory; it is only read")->required();
  verb->add_option("--key", options->key, "public key file")->required();
  verb->callback([&action, &common, options] {
    action = [&common, options] { return run_verify(*options, common); };
  });
}

}  // namespace secateur
