#include "data/image_numbering.h"

#include <algorithm>
#include <cctype>
#include <utility>

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
  int64_t number;
  int64_t place;
};

std::vector<Numbered> number_images(const std::vector<std::string>& names, std::string_view where) {
  std::vector<Numbered> found;
  std::string_view folder;
  for (size_t i = 0; i < names.size(); ++i) {
    if (!is_image_name(names[i])) continue;
    const auto number = image_number(names[i]);
    require(number.has_value(), where,
            "wanted images with a number in their names, such as image0001.jpg, got {}",
            printable(names[i]));
    if (found.empty()) folder = folder_of(names[i]);
    require(folder_of(names[i]) == folder, where, "wanted all images in one folder, got {} and {}",
            printable(folder), printable(folder_of(names[i])));
    found.push_back({*number, static_cast<int64_t>(i)});
  }
  return found;
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
  std::sort(found.begin(), found.end(), [](const Numbered& a, const Numbered& b) {
    return std::pair(a.number, a.place) < std::pair(b.number, b.place);
  });
  OrderedNames ordered;
  ordered.numbering.first = found.front().number;
  for (size_t i = 0; i < found.size(); ++i) {
    const std::string& name = names[static_cast<size_t>(found[i].place)];
    if (i > 0) {
      const int64_t step = found[i].number - found[i - 1].number;
      require(step > 0, where, "wanted one image per number, got {} and {}",
              printable(ordered.names.back()), printable(name));
      if (step > 1 && ordered.numbering.missing == 0) {
        ordered.numbering.first_missing = found[i - 1].number + 1;
      }
      ordered.numbering.missing += step - 1;
    }
    ordered.names.push_back(name);
    ordered.places.push_back(found[i].place);
  }
  return ordered;
}

}  // namespace secateur
