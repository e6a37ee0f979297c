#include "data/image_numbering.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "formats/byte_reader.h"
#include "tensor/error.h"

namespace secateur {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view folder_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view file_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string lower_extension(std::string_view file) {
  const size_t dot = file.rfind('.');
  std::string extension(dot == std::string_view::npos ? std::string_view{} : file.substr(dot));
  for (char& c : extension) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return extension;
}

bool has_hidden_part(std::string_view path) {
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part == "__MACOSX" || (part.size() > 1 && part[0] == '.' && part != "..")) return true;
    if (slash == std::string_view::npos) return false;
    path.remove_prefix(slash + 1);
  }
  return false;
}

struct Numbered {
  std::optional<int64_t> number;
  int64_t place;
};

std::vector<Numbered> number_images(const std::vector<std::string>& names, std::string_view where) {
  std::vector<Numbered> found;
  std::string_view folder;
  for (size_t i = 0; i < names.size(); ++i) {
    if (!is_image_name(names[i])) continue;
    if (found.empty()) folder = folder_of(names[i]);
    require(folder_of(names[i]) == folder, where, "wanted all images in one folder, got {} and {}",
            printable(folder), printable(folder_of(names[i])));
    found.push_back({image_number(names[i]), static_cast<int64_t>(i)});
  }
  return found;
}

bool have_numbers_of_their_own(const std::vector<Numbered>& images) {
  std::set<int64_t> numbers;
  for (const Numbered& image : images) {
    if (!image.number || !numbers.insert(*image.number).second) return false;
  }
  return true;
}

// Of numbers in ascending order.
ImageNumbering numbering_of(const std::vector<Numbered>& images) {
  ImageNumbering numbering{.first = *images.front().number};
  for (size_t i = 1; i < images.size(); ++i) {
    const int64_t step = *images[i].number - *images[i - 1].number;
    if (step > 1 && numbering.missing == 0) numbering.first_missing = *images[i - 1].number + 1;
    numbering.missing += step - 1;
  }
  return numbering;
}

}  // namespace

std::string ImageNumbering::gap_sentence() const {
  if (missing == 0) return {};
  return fmt::format("images are numbered from {}; {} number{} no image, the first of them {}",
                     first, missing, missing == 1 ? " has" : "s have", first_missing);
}

bool is_image_name(std::string_view path) {
  const std::string extension = lower_extension(file_of(path));
  const bool image = extension == ".jpg" || extension == ".jpeg" || extension == ".png";
  return image && !has_hidden_part(path);
}

std::optional<int64_t> image_number(std::string_view path) {
  const std::string_view file = file_of(path);
  const std::string_view stem = file.substr(0, file.rfind('.'));
  size_t end = stem.size();
  while (end > 0 && !is_digit(stem[end - 1])) --end;
  size_t begin = end;
  while (begin > 0 && is_digit(stem[begin - 1])) --begin;
  if (begin == end) return std::nullopt;
  while (begin + 1 < end && stem[begin] == '0') ++begin;
  constexpr size_t kMostDigits = 18;  // always fits into 64 bits
  if (end - begin > kMostDigits) return std::nullopt;
  int64_t number = 0;
  for (size_t i = begin; i < end; ++i) number = number * 10 + (stem[i] - '0');
  return number;
}

OrderedNames order_image_names(const std::vector<std::string>& names, std::string_view where) {
  std::vector<Numbered> found = number_images(names, where);
  require(!found.empty(), where, "wanted .jpg, .jpeg or .png images, got {} files and none of them",
          names.size());
  OrderedNames ordered;
  ordered.numbering.by_name = !have_numbers_of_their_own(found);
  std::sort(found.begin(), found.end(), [&](const Numbered& a, const Numbered& b) {
    if (!ordered.numbering.by_name) return *a.number < *b.number;
    return names[static_cast<size_t>(a.place)] < names[static_cast<size_t>(b.place)];
  });
  if (!ordered.numbering.by_name) ordered.numbering = numbering_of(found);
  for (const Numbered& image : found) {
    ordered.names.push_back(names[static_cast<size_t>(image.place)]);
    ordered.places.push_back(image.place);
  }
  return ordered;
}

}  // namespace secateur
