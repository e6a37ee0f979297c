#pragma once
// The images of a bank in `interpret stimulus`: the best, the worst, and small changes of them.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "apps/verbs/interpret/frame.h"
#include "report/picture_sheet.h"
#include "report/plots.h"
#include "tensor/observer.h"

namespace secateur {

struct Bank {
  const PixelImages* images = nullptr;  // null: none was given
  std::vector<double> responses;
  std::vector<int64_t> order;  // the largest response first
};

Bank respond_to_bank(const InterpretedModel& opened, const PixelImages* images);

// What the verb has found so far: its answer, rows of the sheet of pictures, plots.
struct StimulusFound {
  nlohmann::json answer = nlohmann::json::object();
  std::vector<PictureRow> rows;
  std::vector<Plot> plots;
};

// Adds the best and worst images, the best silenced and those in the middle raised by a small
// change; writes raised.npy and silenced.npy.
void show_bank(const InterpretedModel& opened, const Bank& bank,
               const std::filesystem::path& folder, Observer& observer, StimulusFound& found);

}  // namespace secateur
