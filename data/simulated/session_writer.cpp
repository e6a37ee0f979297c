#include "data/simulated/session_writer.h"

#include <fmt/format.h>

#include <system_error>

#include "data/item_order.h"
#include "data/simulated/stimuli.h"
#include "formats/atomic_file.h"
#include "formats/image_writer.h"
#include "formats/npy.h"
#include "formats/zip.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur::simulated {
namespace {

namespace fs = std::filesystem;

void require_plain_name(const std::string& name) {
  constexpr std::string_view kAllowed =
      "0123456789_-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  require(!name.empty() && name.find_first_not_of(kAllowed) == std::string::npos, "session writer",
          "wanted a session name of letters, digits, '_' and '-', got \"{}\"", name);
}

fs::path made_folder(const fs::path& folder) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) {
    fail(ErrorKind::kResource, "session writer", "wanted the folder {}, got: {}", folder.string(),
         code.message());
  }
  return folder;
}

// Each stimulus, encoded.
template <class Encode>
std::vector<std::string> pictures_of(const SimulatedSession& session, const Encode& encode) {
  const SessionOptions& options = session.options;
  std::vector<std::string> pictures(static_cast<size_t>(session.images()));
  parallel_for(session.images(), [&](int64_t i) {
    Image8 image;
    image.height = image.width = options.size;
    image.rgb.resize(static_cast<size_t>(3 * options.size * options.size));
    draw_stimulus(options.seed, session.stimuli[static_cast<size_t>(i)], options.size,
                  image.rgb.data());
    pictures[static_cast<size_t>(i)] = encode(image);
  });
  return pictures;
}

void write_jpegs(const SimulatedSession& session, const fs::path& path, int quality) {
  std::vector<std::string> pictures =
      pictures_of(session, [&](const Image8& image) { return encode_jpeg(image, quality); });
  ZipWriter zip;
  for (size_t i = 0; i < pictures.size(); ++i) {
    // JPEGs do not deflate.
    zip.add(fmt::format("image{:04}.jpg", i + 1), std::move(pictures[i]),
            ZipWriter::Method::kStored);
  }
  zip.write(path);
}

std::string table_of(const SimulatedSession& session) {
  std::string text = "image";
  for (const std::string& name : session.names) text += "," + name;
  const int64_t repeats = session.options.most_repeats;
  for (int64_t image = 0; image < session.images(); ++image) {
    for (int64_t repeat = 0; repeat < session.repeats[static_cast<size_t>(image)]; ++repeat) {
      text += fmt::format("\nimage{:04}.png", image + 1);
      for (int64_t neuron = 0; neuron < session.neurons(); ++neuron) {
        const int64_t at = (neuron * session.images() + image) * repeats + repeat;
        text += fmt::format(",{}", session.counts[static_cast<size_t>(at)]);
      }
    }
  }
  return text + "\n";
}

void write_pixels(const SimulatedSession& session, const fs::path& path) {
  const SessionOptions& options = session.options;
  const std::vector<uint8_t> pixels =
      draw_stimuli(options.seed, options.first, session.images(), options.size);
  write_npy(path, Shape{session.images(), options.size, options.size, 3},
            std::span<const uint8_t>(pixels));
}

}  // namespace

void write_session(const SimulatedSession& session, const fs::path& root, const std::string& name,
                   const SessionFiles& files) {
  require_plain_name(name);
  const fs::path images = made_folder(root / "images");
  const fs::path raw = made_folder(root / "responses_raw");
  const fs::path averaged = made_folder(root / "responses");
  if (files.lossless) {
    write_pixels(session, images / ("images_" + name + ".npy"));
  } else {
    write_jpegs(session, images / ("images_" + name + ".zip"), files.jpeg_quality);
  }
  const std::string responses = "responses_" + name + ".npy";
  const std::vector<double> means = repeat_means(session);
  write_npy(raw / responses,
            Shape{session.neurons(), session.images(), session.options.most_repeats},
            std::span<const double>(session.counts));
  write_npy(averaged / responses, Shape{session.neurons(), session.images()},
            std::span<const double>(means));
}

void write_own_tables(const SimulatedSession& session, const fs::path& folder, bool table) {
  constexpr int64_t kTogether = 5;
  const int64_t groups = (session.images() + kTogether - 1) / kTogether;
  const ItemOrder lot(session.options.seed, groups);
  std::string images = "file,group\n";
  std::string split = "file,split\n";
  for (int64_t image = 0; image < session.images(); ++image) {
    const std::string file = fmt::format("image{:04}.png", image + 1);
    const int64_t group = image / kTogether;
    const int64_t drawn = lot.item(group);
    images += fmt::format("{},scene{}\n", file, group + 1);
    split += fmt::format("{},{}\n", file,
                         5 * drawn < 3 * groups   ? "fit"
                         : 5 * drawn < 4 * groups ? "validation"
                                                  : "score");
  }
  std::string neurons = "neuron,name,area\n";
  for (int64_t neuron = 0; neuron < session.neurons(); ++neuron) {
    const std::string& name = session.names[static_cast<size_t>(neuron)];
    neurons += fmt::format("{},{},simulated\n", table ? name : std::to_string(neuron), name);
  }
  write_file_atomically(folder / "images.csv", images);
  write_file_atomically(folder / "split.csv", split);
  write_file_atomically(folder / "neurons.csv", neurons);
}

void write_own_session(const SimulatedSession& session, const fs::path& folder, bool table) {
  const fs::path images = made_folder(folder / "images");
  const std::vector<std::string> pictures =
      pictures_of(session, [](const Image8& image) { return encode_png(image); });
  for (size_t i = 0; i < pictures.size(); ++i) {
    write_file_atomically(images / fmt::format("image{:04}.png", i + 1), pictures[i]);
  }
  if (table) {
    write_file_atomically(folder / "responses.csv", table_of(session));
    return;
  }
  write_npy(folder / "responses.npy",
            Shape{session.neurons(), session.images(), session.options.most_repeats},
            std::span<const double>(session.counts));
}

}  // namespace secateur::simulated
