#include "apps/verbs/interpret/stimulus_bank.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "interpretation/ascent.h"
#include "interpretation/image_pixels.h"
#include "interpretation/tuning.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int64_t kNaturalShown = 5;
constexpr int64_t kEpsilonShown = 3;
constexpr int64_t kBankAtATime = 64;

json natural_json(const Bank& bank, const std::vector<int64_t>& places) {
  json images = json::array();
  for (const int64_t place : places) {
    images.push_back({{"file", bank.images->names[static_cast<size_t>(place)]},
                      {"response", bank.responses[static_cast<size_t>(place)]}});
  }
  return images;
}

PictureRow natural_row(const Bank& bank, const std::vector<int64_t>& places, const char* title) {
  PictureRow row{.title = title, .pictures = {}};
  for (const int64_t place : places) {
    row.pictures.push_back(
        {.picture = picture_of(bank.images->pixels, place),
         .caption = fmt::format("{:.3g}", bank.responses[static_cast<size_t>(place)])});
  }
  return row;
}

void show_natural(const Bank& bank, StimulusFound& found) {
  const int64_t shown = std::min<int64_t>(kNaturalShown, static_cast<int64_t>(bank.order.size()));
  const std::vector<int64_t> best(bank.order.begin(), bank.order.begin() + shown);
  const std::vector<int64_t> worst(bank.order.rbegin(), bank.order.rbegin() + shown);
  found.answer["natural_best"] = natural_json(bank, best);
  found.answer["natural_worst"] = natural_json(bank, worst);
  found.rows.push_back(natural_row(bank, best, "best images of the bank"));
  found.rows.push_back(natural_row(bank, worst, "worst images of the bank"));
}

// From the best images down, and from those in the middle up.
void show_epsilon(bool descend, const InterpretedModel& opened, const Bank& bank,
                  const fs::path& folder, Observer& observer, StimulusFound& found) {
  const auto count = static_cast<int64_t>(bank.order.size());
  const int64_t shown = std::min(kEpsilonShown, count);
  const auto first = bank.order.begin() + (descend ? 0 : (count - shown) / 2);
  const std::vector<int64_t> places(first, first + shown);
  const EpsilonImages changed = epsilon_images(
      opened.model, opened.output, images_at(bank.images->pixels, places), descend, observer);
  const char* const word = descend ? "silenced" : "raised";
  write_pixels(folder / fmt::format("{}.npy", word), changed.pixels);
  PictureRow row{.title = descend
                              ? "best images silenced by a small change (10 of 255 in the mean)"
                              : "middling images raised by a small change (10 of 255 in the mean)",
                 .pictures = {}};
  json answer = json::array();
  for (size_t i = 0; i < places.size(); ++i) {
    row.pictures.push_back(
        {.picture = picture_of(changed.pixels, static_cast<int64_t>(i)),
         .caption = fmt::format("{:.3g} to {:.3g}", changed.before[i], changed.after[i])});
    answer.push_back({{"file", bank.images->names[static_cast<size_t>(places[i])]},
                      {"before", changed.before[i]},
                      {"after", changed.after[i]},
                      {"steps", changed.steps[i]}});
  }
  found.answer[word] = std::move(answer);
  found.rows.push_back(std::move(row));
}

}  // namespace

Bank respond_to_bank(const InterpretedModel& opened, const PixelImages* images) {
  Bank bank{.images = images, .responses = {}, .order = {}};
  if (images == nullptr) return bank;
  const PixelsToResponses respond = responses_to_pixels(opened.model, opened.output);
  const int64_t count = images->pixels.dim(0);
  for (int64_t first = 0; first < count; first += kBankAtATime) {
    const std::vector<double> some =
        respond(images->pixels.rows(first, std::min(count, first + kBankAtATime)));
    bank.responses.insert(bank.responses.end(), some.begin(), some.end());
  }
  bank.order.resize(bank.responses.size());
  std::iota(bank.order.begin(), bank.order.end(), int64_t{0});
  std::stable_sort(bank.order.begin(), bank.order.end(), [&](int64_t a, int64_t b) {
    return bank.responses[static_cast<size_t>(a)] > bank.responses[static_cast<size_t>(b)];
  });
  return bank;
}

void show_bank(const InterpretedModel& opened, const Bank& bank, const fs::path& folder,
               Observer& observer, StimulusFound& found) {
  show_natural(bank, found);
  for (const bool descend : {false, true}) {
    show_epsilon(descend, opened, bank, folder, observer, found);
  }
}

}  // namespace secateur
