#include "data/simulated/session_writer.h"

#include <fmt/format.h>

#include <system_error>

#include "data/simulated/stimuli.h"
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

void write_jpegs(const SimulatedSession& session, const fs::path& path, int quality) {
  const SessionOptions& options = session.options;
  std::vector<std::string> pictures(static_cast<size_t>(session.images()));
  parallel_for(session.images(), [&](int64_t i) {
    Image8 image;
    image.height = image.width = options.size;
    image.rgb.resize(static_cast<size_t>(3 * options.size * options.size));
    draw_stimulus(options.seed, session.stimuli[static_cast<size_t>(i)], options.size,
                  image.rgb.data());
    pictures[static_cast<size_t>(i)] = encode_jpeg(image, quality);
  });
  ZipWriter zip;
  for (size_t i = 0; i < pictures.size(); ++i) {
    // JPEGs do not deflate.
    zip.add(fmt::format("image{:04}.jpg", i + 1), std::move(pictures[i]),
            ZipWriter::Method::kStored);
  }
  zip.write(path);
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

}  // namespace secateur::simulated
