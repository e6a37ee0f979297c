// secateur recordings: what is in a folder of recordings, and an example of one (analyse.cpp: what
// its populations say).

#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "apps/exit_code.h"
#include "apps/output_file.h"
#include "apps/verbs/recordings_check.h"
#include "apps/verbs/verbs.h"
#include "data/simulated/neurons.h"
#include "data/simulated/session_writer.h"
#include "data/simulated/truth.h"
#include "formats/atomic_file.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

struct ExampleVerb {
  std::string folder;
  int64_t images = 600;
  int64_t seed = 1;
  bool table = false;
  bool split = false;
};

int write_example(const ExampleVerb& example, const CommonOptions& common) {
  std::error_code unknown;
  if (fs::exists(example.folder, unknown) && !fs::is_empty(example.folder, unknown)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} is not empty, wanted a folder to make", printable(example.folder)));
  }
  require_writable_folder(example.folder, "the folder");
  const auto circuits = simulated::default_population(kOwnPixels);
  const auto seed = static_cast<uint64_t>(example.seed);
  const auto session = simulated::simulate_session(
      circuits, {.seed = seed, .size = kOwnPixels, .images = example.images});
  simulated::write_own_session(session, example.folder, example.table);
  if (example.split) simulated::write_own_tables(session, example.folder, example.table);
  write_file_atomically(
      fs::path(example.folder) / "truth.json",
      simulated::truth(circuits, kOwnPixels, {.seed = seed, .stimuli = example.images}).dump(2) +
          "\n");
  fmt::print(common.text(),
             "{} simulated neurons, {} images: {}/images/, {}{}, and truth.json, what is true of "
             "them\nlook at it:  secateur recordings check {}\n",
             session.neurons(), session.images(), example.folder,
             example.table ? "responses.csv" : "responses.npy",
             example.split ? ", split.csv, images.csv, neurons.csv" : "",
             shell_word(example.folder));
  common.answer(
      {{"folder", example.folder}, {"neurons", session.neurons()}, {"images", session.images()}});
  return kExitDone;
}

int ask_which() {
  throw Error(ErrorKind::kUsage,
              "wanted check, analyse or example, such as secateur recordings check FOLDER");
}

}  // namespace

void add_recordings(CLI::App& program, CommonOptions& common, Action& action) {
  CLI::App* const verb = program.add_subcommand(
      "recordings",
      "what a folder of recordings holds (check), what its populations say (analyse), or an "
      "example of one (example)");
  verb->require_subcommand(0, 1);
  verb->allow_extras();
  verb->add_flag("--json", common.json, "answer in JSON, also of an error");
  verb->final_callback([verb, &action] {
    if (verb->get_subcommands().empty()) action = ask_which;
  });
  auto looked_at = std::make_shared<CheckVerb>();
  CLI::App* const check =
      add_verb(*verb, common, "check",
               "what is there, how reliable each neuron is, which pictures are there twice",
               "secateur recordings check my_recordings --plot reliability.svg");
  check->add_option("folder", looked_at->folder, "folder of the recordings")->required();
  check->add_option("--plot", looked_at->plot,
                    "SVG to draw: reliability, noise ceiling and SNR of every neuron");
  check->callback([&action, &common, looked_at] {
    action = [&common, looked_at] { return check_recordings(*looked_at, common); };
  });
  add_analyse(*verb, common, action);
  auto options = std::make_shared<ExampleVerb>();
  CLI::App* const example =
      add_verb(*verb, common, "example", "writes simulated recordings, to copy the layout from",
               "secateur recordings example example_recordings");
  example->add_option("folder", options->folder, "folder to make")->required();
  example->add_option("--images", options->images, "how many pictures (default: 600)")
      ->check(CLI::Range(20, 20000));
  example->add_option("--seed", options->seed, "of pictures and counts")
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 62));
  example->add_flag("--table", options->table, "responses.csv in the place of responses.npy");
  example->add_flag("--split", options->split,
                    "also split.csv, images.csv (groups) and neurons.csv (names)");
  example->callback([&action, &common, options] {
    action = [&common, options] { return write_example(*options, common); };
  });
}

}  // namespace secateur
