#include "data/own_recording.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "data/encoded_images.h"
#include "formats/csv.h"
#include "formats/input_file.h"
#include "formats/npy.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

constexpr auto kWhere = "recording";
constexpr int64_t kTableCap = int64_t{1} << 30;
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// Names of pictures, with and without their extensions; -1 where two have one stem.
std::map<std::string, int64_t> places_of(const std::vector<std::string>& pictures) {
  std::map<std::string, int64_t> places;
  for (size_t i = 0; i < pictures.size(); ++i) {
    const auto [stem, is_new] =
        places.emplace(fs::path(pictures[i]).stem().string(), static_cast<int64_t>(i));
    if (!is_new) stem->second = -1;
  }
  for (size_t i = 0; i < pictures.size(); ++i) places[pictures[i]] = static_cast<int64_t>(i);
  return places;
}

// A table of responses, as it comes: by picture, the rows that showed it.
class ResponseTable {
 public:
  ResponseTable(std::string_view text, const std::string& file,
                const std::vector<std::string>& pictures)
      : reader_(text, file), pictures_(pictures), shown_(pictures.size()) {
    image_ = reader_.column("image");
    require(reader_.header().size() > 1, kWhere,
            "{} has no column but 'image', wanted one a neuron", file);
    const auto places = places_of(pictures);
    std::vector<std::string> cells;
    while (reader_.next(cells)) {
      const auto found = places.find(cells[image_]);
      if (found == places.end()) {
        reader_.refuse("there is no picture " + printable(cells[image_]) + " in images/");
      }
      if (found->second < 0) {
        reader_.refuse(printable(cells[image_]) +
                       " is the name of two pictures, say which with "
                       "its extension");
      }
      shown_[static_cast<size_t>(found->second)].push_back(row_of(cells));
    }
    for (size_t i = 0; i < shown_.size(); ++i) {
      require(!shown_[i].empty(), kWhere, "{} has no row for the picture {}", file,
              printable(pictures_[i]));
    }
  }

  void fill(Recording& recording) const {
    for (size_t c = 0; c < reader_.header().size(); ++c) {
      if (c != image_) recording.neuron_names.push_back(reader_.header()[c]);
    }
    recording.neurons = std::ssize(recording.neuron_names);
    for (const auto& rows : shown_) {
      recording.repeats = std::max(recording.repeats, std::ssize(rows));
    }
    for (int64_t neuron = 0; neuron < recording.neurons; ++neuron) {
      for (const auto& rows : shown_) {
        for (size_t repeat = 0; repeat < static_cast<size_t>(recording.repeats); ++repeat) {
          recording.trials.push_back(
              repeat < rows.size() ? rows[repeat][static_cast<size_t>(neuron)] : kMissing);
        }
      }
    }
  }

 private:
  std::vector<double> row_of(const std::vector<std::string>& cells) const {
    std::vector<double> row;
    for (size_t c = 0; c < cells.size(); ++c) {
      if (c != image_) row.push_back(reader_.number(cells, c));
    }
    return row;
  }

  CsvReader reader_;
  const std::vector<std::string>& pictures_;
  size_t image_ = 0;
  std::vector<std::vector<std::vector<double>>> shown_;  // [picture][row][neuron]
};

void read_array(const fs::path& path, int64_t pictures, Recording& recording) {
  NpyDoubles array = read_npy_doubles(path);
  const int64_t rank = array.shape.rank();
  require(rank == 2 || rank == 3, kWhere,
          "wanted responses [neurons, images] or [neurons, images, repeats] in {}, got {}",
          path.string(), array.shape);
  require(array.shape[1] == pictures, kWhere,
          "{} has responses to {} images {}, images/ holds {} pictures", path.string(),
          array.shape[1], array.shape, pictures);
  recording.neurons = array.shape[0];
  recording.repeats = rank == 3 ? array.shape[2] : 0;
  require(recording.neurons > 0 && (rank == 2 || recording.repeats > 0), kWhere,
          "wanted responses in {}, got none: {}", path.string(), array.shape);
  (rank == 3 ? recording.trials : recording.mean) = std::move(array.values);
}

double mean_of(std::span<const double> trials) {
  double sum = 0;
  int64_t count = 0;
  for (const double value : trials) {
    if (std::isnan(value)) continue;
    sum += value;
    ++count;
  }
  return count > 0 ? sum / static_cast<double>(count) : kMissing;
}

void average(Recording& recording) {
  const size_t pairs = static_cast<size_t>(recording.neurons * recording.images);
  const auto repeats = static_cast<size_t>(recording.repeats);
  for (size_t pair = 0; pair < pairs; ++pair) {
    recording.mean.push_back(mean_of(std::span(recording.trials).subspan(pair * repeats, repeats)));
  }
}

// Of the trials too: infinities of both signs would average to what is missing.
bool is_finite_or_missing(const Recording& recording, int64_t neuron, int64_t image) {
  if (recording.trials.empty()) return !std::isinf(recording.mean_at(neuron, image));
  const auto first =
      recording.trials.begin() + (neuron * recording.images + image) * recording.repeats;
  return std::none_of(first, first + recording.repeats,
                      [](double value) { return std::isinf(value); });
}

void check(const Recording& recording, const std::string& file) {
  for (int64_t neuron = 0; neuron < recording.neurons; ++neuron) {
    int64_t recorded = 0;
    for (int64_t image = 0; image < recording.images; ++image) {
      require(is_finite_or_missing(recording, neuron, image), kWhere,
              "{}: an infinite response of neuron {} to image {} (counted from 0)", file, neuron,
              image);
      recorded += std::isnan(recording.mean_at(neuron, image)) ? 0 : 1;
    }
    require(recorded > 0, kWhere, "{}: neuron {} has no response to any image", file,
            recording.name_of(neuron));
  }
}

}  // namespace

Recording load_own_recording(const RecordingFiles& files, const std::string& session, int pixels) {
  require(files.images.has_value(), kWhere, "wanted a folder images/ beside {}",
          files.own->string());
  const std::vector<std::string> pictures = pictures_in_folder(*files.images);
  const std::string file = files.own->string();
  Recording recording;
  recording.session = session;
  recording.images = std::ssize(pictures);
  if (files.own->extension() == ".csv") {
    const std::string text = read_file(*files.own, kTableCap);
    ResponseTable(text, file, pictures).fill(recording);
  } else {
    read_array(*files.own, recording.images, recording);
  }
  if (recording.mean.empty()) average(recording);
  check(recording, file);
  recording.image_source = open_resampled_folder(*files.images, pictures, pixels, pixels);
  return recording;
}

}  // namespace secateur
