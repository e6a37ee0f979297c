#include "data/own_recording.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "data/encoded_images.h"
#include "data/neuron_table.h"
#include "data/picture_table.h"
#include "data/recording_split.h"
#include "data/session_split.h"
#include "formats/csv.h"
#include "formats/input_file.h"
#include "formats/npy.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

constexpr auto kWhere = "recording";
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// A table of responses, as it comes: by picture, the rows that showed it.
class ResponseTable {
 public:
  ResponseTable(std::string_view text, const std::string& file,
                const std::vector<std::string>& pictures)
      : reader_(text, file), pictures_(pictures), shown_(pictures.size()) {
    image_ = reader_.column("image");
    require(reader_.header().size() > 1, kWhere,
            "{} has no column but 'image', wanted one a neuron", file);
    const PictureNames places(pictures);
    std::vector<std::string> cells;
    while (reader_.next(cells)) {
      const auto place = static_cast<size_t>(places.place(reader_, cells[image_]));
      shown_[place].push_back(row_of(cells));
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
  std::vector<double> row_of(const std::vector<std::string>& cells) {
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

// The rows of images of [neurons, images, each], in the order of the places.
std::vector<double> reordered(const std::vector<double>& values, const Recording& recording,
                              const std::vector<int64_t>& places) {
  if (values.empty()) return values;
  const auto each = std::ssize(values) / (recording.neurons * recording.images);
  std::vector<double> result;
  for (int64_t neuron = 0; neuron < recording.neurons; ++neuron) {
    for (const int64_t place : places) {
      const auto first = values.begin() + (neuron * recording.images + place) * each;
      result.insert(result.end(), first, first + each);
    }
  }
  return result;
}

std::vector<std::string> at_places(const std::vector<std::string>& names,
                                   const std::vector<int64_t>& places) {
  std::vector<std::string> result;
  for (const int64_t place : places) result.push_back(names[static_cast<size_t>(place)]);
  return result;
}

// The pictures in the order that images.csv gives them by index; their groups go along.
void order_by_index(PictureNotes& notes, std::vector<std::string>& pictures) {
  if (notes.indices.empty()) return;
  std::vector<int64_t> places(pictures.size());
  for (size_t i = 0; i < pictures.size(); ++i) {
    places[static_cast<size_t>(notes.indices[i])] = static_cast<int64_t>(i);
  }
  pictures = at_places(pictures, places);
  if (!notes.groups.empty()) notes.groups = at_places(notes.groups, places);
}

// Puts pictures and responses in the order of the session's split.
void split(const RecordingFiles& files, const PictureNotes& notes, int64_t fold,
           std::vector<std::string>& pictures, Recording& recording) {
  recording.split = split_pictures(files.split, pictures, notes.groups, fold);
  if (!recording.split) return;
  const std::vector<int64_t>& places = recording.split->places;
  recording.mean = reordered(recording.mean, recording, places);
  recording.trials = reordered(recording.trials, recording, places);
  pictures = at_places(pictures, places);
}

}  // namespace

Recording load_own_recording(const RecordingFiles& files, const std::string& session, int pixels,
                             int64_t fold) {
  require(files.images.has_value(), kWhere, "wanted a folder images/ beside {}",
          files.own->string());
  const std::vector<std::string> usual = pictures_in_folder(*files.images);
  std::vector<std::string> pictures = usual;
  PictureNotes notes;
  if (files.pictures) notes = read_picture_notes(*files.pictures, pictures);
  order_by_index(notes, pictures);
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
  if (files.neurons) read_neuron_table(*files.neurons, recording);
  check(recording, file);
  split(files, notes, fold, pictures, recording);
  const bool folds = recording.split && recording.split->by.starts_with("fold ");
  if (fold != kSmallestFold && !folds) refuse_fold(session, fold);
  if (const std::string order = order_digest(pictures, usual); !order.empty()) {
    recording.split = split_of(recording);
    recording.split->order = order;
  }
  recording.image_source = open_resampled_folder(*files.images, pictures, pixels, pixels);
  return recording;
}

void refuse_fold(const std::string& session, int64_t fold) {
  throw Error(ErrorKind::kUsage,
              fmt::format("session {} has no fold {}: it has no split.csv with a column 'fold'",
                          session, fold));
}

}  // namespace secateur
