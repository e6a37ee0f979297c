#include "data/neuron_table.h"

#include <algorithm>
#include <charconv>

#include "data/picture_table.h"
#include "formats/csv.h"
#include "formats/input_file.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

// As responses.csv calls it, else by its number where there are no such names.
int64_t neuron_called(const CsvReader& reader, const std::string& cell,
                      const std::vector<std::string>& columns, int64_t neurons) {
  const auto column = std::find(columns.begin(), columns.end(), cell);
  if (column != columns.end()) return column - columns.begin();
  int64_t number = -1;
  const char* const end = cell.data() + cell.size();
  const auto [rest, error] = std::from_chars(cell.data(), end, number);
  const bool whole = error == std::errc() && rest == end && number >= 0;
  if (columns.empty() && whole && number < neurons) return number;
  reader.refuse(columns.empty() ? fmt::format("wanted a neuron from 0 to {}, got {}", neurons - 1,
                                              printable(cell))
                                : fmt::format("responses.csv has no column {}", printable(cell)));
}

}  // namespace

void read_neuron_table(const std::filesystem::path& file, Recording& recording) {
  const std::string text = read_file(file, kTableCap);
  CsvReader reader(text, file.string());
  const size_t which = reader.column("neuron");
  require(reader.header().size() > 1, "recording", "{} has no column but 'neuron', wanted a 'name'",
          file.string());
  const std::vector<std::string> columns = recording.neuron_names;
  const auto neurons = static_cast<size_t>(recording.neurons);
  recording.neuron_names.resize(neurons);
  recording.neuron_notes.resize(neurons);
  std::vector<int64_t> lines(neurons);
  std::vector<std::string> cells;
  while (reader.next(cells)) {
    const auto neuron =
        static_cast<size_t>(neuron_called(reader, cells[which], columns, recording.neurons));
    if (lines[neuron] > 0) {
      reader.refuse(fmt::format("neuron {} is there twice, first in line {}",
                                printable(cells[which]), lines[neuron]));
    }
    lines[neuron] = reader.line();
    for (size_t c = 0; c < cells.size(); ++c) {
      if (c == which || cells[c].empty()) continue;
      if (reader.header()[c] == "name") {
        if (cells[c].size() > kLongestNeuronName) {
          reader.refuse(fmt::format("wanted a name of at most {} bytes, got {}: {}",
                                    kLongestNeuronName, cells[c].size(), printable(cells[c])));
        }
        if (!columns.empty() && cells[c] != columns[neuron]) {
          recording.neuron_notes[neuron].emplace(kColumnNote, columns[neuron]);
        }
        recording.neuron_names[neuron] = cells[c];
      } else {
        recording.neuron_notes[neuron][reader.header()[c]] = cells[c];
      }
    }
  }
}

}  // namespace secateur
