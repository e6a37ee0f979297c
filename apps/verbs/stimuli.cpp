// secateur stimuli: gaudy images, images that an ensemble disagrees about, and what either gains.

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "analysis/disagreement.h"
#include "analysis/population_responses.h"
#include "apps/exit_code.h"
#include "apps/output_file.h"
#include "apps/verbs/verbs.h"
#include "data/encoded_images.h"
#include "data/gaudy.h"
#include "formats/atomic_file.h"
#include "formats/csv.h"
#include "formats/image_writer.h"
#include "model_files/model_files.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

struct GaudyVerb {
  std::string images;
  std::string out;
  std::string mean = "image";
};

struct ChooseVerb {
  std::string bank;
  std::vector<std::string> models;
  int64_t count = 0;
  std::string tail = "high";
  std::string out;
  std::string copy;
};

// The name of a picture's PNG. Throws Error(kUsage) when two pictures would share one.
std::vector<std::string> png_names(const std::vector<std::string>& names) {
  std::vector<std::string> pngs;
  std::set<std::string> seen;
  for (const std::string& name : names) {
    pngs.push_back(fs::path(name).stem().string() + ".png");
    if (!seen.insert(pngs.back()).second) {
      fail(ErrorKind::kUsage, "stimuli", "two pictures would be written as {}",
           printable(pngs.back()));
    }
  }
  return pngs;
}

void make_empty_folder(const std::string& folder, const std::string& option) {
  std::error_code unknown;
  if (fs::exists(folder, unknown) && !fs::is_empty(folder, unknown)) {
    fail(ErrorKind::kUsage, "stimuli", "{} is not empty, wanted a folder to make",
         printable(folder));
  }
  require_writable_folder(folder, option);
  fs::create_directories(folder);
}

Image8 picture_at(const ImageSource& images, int64_t place) {
  Image8 picture{.height = images.height(), .width = images.width(), .rgb = {}};
  picture.rgb.resize(static_cast<size_t>(images.bytes_per_image()));
  images.read(place, picture.rgb);
  return picture;
}

// Pictures of a folder, each of its own size and in whatever order; or of a source.
struct Pictures {
  std::vector<std::string> names;
  std::function<Image8(int64_t)> read;
};

Pictures pictures_of(const std::string& path) {
  if (fs::is_directory(path)) {
    Pictures found{.names = pictures_in_folder(path), .read = {}};
    found.read = [path, names = found.names](int64_t place) {
      const fs::path file = fs::path(path) / names[static_cast<size_t>(place)];
      return decode_image(read_file(file, ImageCaps{}.file_bytes), file.string());
    };
    return found;
  }
  const ImageSourcePtr images = open_images(path);
  Pictures found{.names = {},
                 .read = [images](int64_t place) { return picture_at(*images, place); }};
  for (int64_t i = 0; i < images->count(); ++i) found.names.push_back(images->name(i));
  return found;
}

int write_gaudy(const GaudyVerb& verb, const CommonOptions& common) {
  const Pictures pictures = pictures_of(verb.images);
  const std::vector<std::string> names = png_names(pictures.names);
  make_empty_folder(verb.out, "--out");
  const GaudyMean mean = verb.mean == "image" ? GaudyMean::kImage : GaudyMean::kChannel;
  Progress progress{.what = "gaudy", .unit = "images", .total = static_cast<double>(names.size())};
  for (size_t i = 0; i < names.size(); ++i) {
    Image8 picture = pictures.read(static_cast<int64_t>(i));
    make_gaudy(picture.rgb, mean);
    write_file_atomically(fs::path(verb.out) / names[i], encode_png(picture));
    progress.done += 1;
    common.terminal->progress(progress);
    if (!common.terminal->stop()) continue;
    // The same call wants an empty folder.
    for (size_t made = 0; made <= i; ++made) fs::remove(fs::path(verb.out) / names[made]);
    throw Stopped();
  }
  common.terminal->end_progress();
  fmt::print(common.text(),
             "{} gaudy images in {}: values below the mean of their {} are 0, the others 255\n",
             names.size(), verb.out, verb.mean);
  common.answer({{"folder", verb.out}, {"images", names.size()}, {"mean", verb.mean}});
  return kExitDone;
}

std::vector<Model> read_members(const std::vector<std::string>& paths) {
  std::vector<Model> members;
  for (const std::string& path : paths) {
    members.push_back(read_model(path));
    const Architecture& first = members.front().architecture();
    const Architecture& a = members.back().architecture();
    if (!(a.input == first.input) || a.readout.outputs != first.readout.outputs) {
      fail(ErrorKind::kUsage, "stimuli",
           "members read the same input and have the same outputs: {} has {} x {} pixels and {} "
           "outputs, {} has {} x {} and {}",
           paths.front(), first.input.height, first.input.width, first.readout.outputs, path,
           a.input.height, a.input.width, a.readout.outputs);
    }
  }
  if (members.size() < 2) {
    fail(ErrorKind::kUsage, "stimuli", "wanted at least 2 models, or nobody disagrees, got {}",
         members.size());
  }
  return members;
}

// Pictures of a folder are brought to what the models read.
ImageSourcePtr open_bank(const std::string& path, const InputSpec& input) {
  if (fs::is_directory(path)) {
    return open_resampled_folder(path, pictures_in_folder(path), static_cast<int>(input.height),
                                 static_cast<int>(input.width));
  }
  ImageSourcePtr images = open_images(path);
  require(images->height() == input.height && images->width() == input.width, "stimuli",
          "the models read images of {} x {}, those of {} have {} x {}", input.height, input.width,
          path, images->height(), images->width());
  return images;
}

// "high", "low" or "" of each image, by its rank from 0.
std::vector<std::string> chosen_tails(const ChooseVerb& verb, int64_t images) {
  const bool both = verb.tail == "both";
  if (verb.count > (both ? images / 2 : images)) {
    fail(ErrorKind::kUsage, "stimuli", "wanted {} images{}, the bank has {}", verb.count,
         both ? " of either tail" : "", images);
  }
  std::vector<std::string> tails(static_cast<size_t>(images));
  for (int64_t rank = 0; rank < images; ++rank) {
    std::string& tail = tails[static_cast<size_t>(rank)];
    if (verb.tail != "low" && rank < verb.count) tail = "high";
    if (verb.tail != "high" && rank >= images - verb.count) tail = "low";
  }
  return tails;
}

void copy_chosen(const ChooseVerb& verb, const std::vector<std::string>& chosen) {
  const Pictures pictures = pictures_of(verb.bank);
  const std::vector<std::string> names = png_names(chosen);
  const std::set<std::string> wanted(chosen.begin(), chosen.end());
  for (size_t i = 0; i < pictures.names.size(); ++i) {
    if (wanted.count(pictures.names[i]) == 0) continue;
    write_file_atomically(
        fs::path(verb.copy) / (fs::path(pictures.names[i]).stem().string() + ".png"),
        encode_png(pictures.read(static_cast<int64_t>(i))));
  }
}

int choose_stimuli(const ChooseVerb& verb, const CommonOptions& common) {
  const std::vector<Model> members = read_members(verb.models);
  const ImageSourcePtr bank = open_bank(verb.bank, members.front().architecture().input);
  const std::vector<std::string> tails = chosen_tails(verb, bank->count());
  require_writable(verb.out, "--out");
  if (!verb.copy.empty()) make_empty_folder(verb.copy, "--copy");
  const Disagreement found =
      disagreement_of(population_responses(members, *bank, *common.terminal));
  common.terminal->end_progress();
  const std::vector<int64_t> order = by_disagreement(found);
  std::vector<std::string> chosen;
  json images = json::array();
  std::string table = "file,disagreement,rank,chosen\n";
  for (size_t rank = 0; rank < order.size(); ++rank) {
    const std::string name = bank->name(order[rank]);
    const double value = found.of_images[static_cast<size_t>(order[rank])];
    table += fmt::format("{},{:.9g},{},{}\n", csv_cell(name), value, rank + 1, tails[rank]);
    if (tails[rank].empty()) continue;
    chosen.push_back(name);
    images.push_back(
        {{"file", name}, {"disagreement", value}, {"rank", rank + 1}, {"tail", tails[rank]}});
  }
  if (!verb.copy.empty()) copy_chosen(verb, chosen);
  write_file_atomically(verb.out, table);
  fmt::print(
      common.text(),
      "{} of {} images chosen, the {} tail of the disagreement of {} models over {} outputs "
      "({} left out: a model gives them the same for all images)\n"
      "most disagreement {:.4f} {}, least {:.4f} {}\nwritten: {}{}\n",
      chosen.size(), order.size(), verb.tail, members.size(), found.outputs, found.silent_outputs,
      found.of_images[static_cast<size_t>(order.front())], printable(bank->name(order.front())),
      found.of_images[static_cast<size_t>(order.back())], printable(bank->name(order.back())),
      verb.out, verb.copy.empty() ? "" : " and the chosen pictures in " + verb.copy);
  common.answer({{"file", verb.out},
                 {"images", order.size()},
                 {"models", members.size()},
                 {"outputs", found.outputs},
                 {"silent_outputs", found.silent_outputs},
                 {"tail", verb.tail},
                 {"chosen", images}});
  return kExitDone;
}

int ask_which_stimuli() {
  throw Error(
      ErrorKind::kUsage,
      "wanted gaudy, choose or simulate, such as secateur stimuli gaudy IMAGES --out FOLDER");
}

void add_gaudy(CLI::App& stimuli, CommonOptions& common, Action& action) {
  auto options = std::make_shared<GaudyVerb>();
  CLI::App* const verb =
      add_verb(stimuli, common, "gaudy", "pictures with every value pushed to 0 or 255, as PNG",
               "secateur stimuli gaudy pictures --out gaudy_pictures");
  verb->add_option("images", options->images, "folder, .zip or .npy of pictures")->required();
  verb->add_option("--out", options->out, "folder to make")->required()->check(a_name());
  verb->add_option("--mean", options->mean,
                   "what a value is compared with: the mean of the image or of its channel "
                   "(default: image)")
      ->check(CLI::IsMember({"image", "channel"}));
  verb->callback([&action, &common, options] {
    action = [&common, options] { return write_gaudy(*options, common); };
  });
}

void add_choose(CLI::App& stimuli, CommonOptions& common, Action& action) {
  auto options = std::make_shared<ChooseVerb>();
  CLI::App* const verb = add_verb(
      stimuli, common, "choose", "pictures of a bank that models disagree about",
      "secateur stimuli choose bank --models a.safetensors,b.safetensors --count 500 --out "
      "chosen.csv");
  verb->add_option("bank", options->bank, "folder, .zip or .npy of pictures")->required();
  verb->add_option("--models", options->models, "files of the members, at least 2")
      ->required()
      ->delimiter(',');
  verb->add_option("--count", options->count, "how many pictures, of either tail with both")
      ->required()
      ->check(CLI::Range(1, 10000000));
  verb->add_option("--tail", options->tail,
                   "high (most disagreement), low (least, a control) or both (default: high)")
      ->check(CLI::IsMember({"high", "low", "both"}));
  verb->add_option("--out", options->out, "CSV file to write: file,disagreement,rank,chosen")
      ->required();
  verb->add_option("--copy", options->copy, "folder to make, with the chosen pictures as PNG");
  verb->callback([&action, &common, options] {
    action = [&common, options] { return choose_stimuli(*options, common); };
  });
}

}  // namespace

void add_stimuli(CLI::App& program, CommonOptions& common, Action& action) {
  CLI::App* const verb = program.add_subcommand(
      "stimuli",
      "what to show next: gaudy images (gaudy), images that models disagree about "
      "(choose), and what either gains (simulate)");
  verb->require_subcommand(0, 1);
  verb->allow_extras();
  verb->add_flag("--json", common.json, "answer in JSON, also of an error");
  verb->final_callback([verb, &action] {
    if (verb->get_subcommands().empty()) action = ask_which_stimuli;
  });
  add_gaudy(*verb, common, action);
  add_choose(*verb, common, action);
  add_stimulus_simulation(*verb, common, action);
}

}  // namespace secateur
