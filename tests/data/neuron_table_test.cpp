#include "data/neuron_table.h"

#include <gtest/gtest.h>

#include "tests/data/image_fixtures.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

class NeuronTable : public testing::Test {
 protected:
  Recording with(const std::string& text, const std::vector<std::string>& columns = {}) const {
    fixture::write_text(folder_ / "neurons.csv", text);
    Recording recording;
    recording.session = "mine";
    recording.neurons = 3;
    recording.neuron_names = columns;
    read_neuron_table(folder_ / "neurons.csv", recording);
    return recording;
  }
  void refused(const std::string& text, const std::string& part,
               const std::vector<std::string>& columns = {}) const {
    expect_refused([&] { with(text, columns); }, part);
  }

  const TemporaryFolder folder_;
};

TEST_F(NeuronTable, NamesNeuronsByNumber) {
  const Recording recording = with("neuron,name,area\n2,MT_12,MT\n0,,V4\n");
  EXPECT_EQ(recording.given_name(2), "MT_12");
  EXPECT_EQ(recording.given_name(0), "");
  EXPECT_EQ(recording.name_of(0), "0");
  EXPECT_EQ(recording.name_of(1), "1");
  EXPECT_EQ(recording.neuron_notes[2].at("area"), "MT");
  EXPECT_EQ(recording.neuron_notes[0].at("area"), "V4");
  EXPECT_TRUE(recording.neuron_notes[1].empty());
}

// Of a table the names of columns, also when these are numbers.
TEST_F(NeuronTable, NamesNeuronsByColumn) {
  const Recording recording = with("neuron;name\n1;first\nx;other\n", {"1", "2", "x"});
  EXPECT_EQ(recording.neuron_names, (std::vector<std::string>{"first", "2", "other"}));
  EXPECT_EQ(recording.neuron_notes[0].at(kColumnNote), "1");
  EXPECT_EQ(with("neuron,depth\nx,300\n", {"1", "2", "x"}).neuron_names[2], "x");
  refused("neuron,name\n0,first\n", "line 2: responses.csv has no column '0'", {"1", "2", "x"});
}

TEST_F(NeuronTable, RefusesWhatDoesNotFit) {
  refused("neuron,name\n3,a\n", "neurons.csv: line 2: wanted a neuron from 0 to 2, got '3'");
  refused("neuron,name\n1,a\n1,b\n", "line 3: neuron '1' is there twice, first in line 2");
  refused("neuron,name\nMT,b\n", "line 2: wanted a neuron from 0 to 2, got 'MT'");
  refused("neuron,name\n1," + std::string(201, 'x') + "\n", "a name of at most 200 bytes, got 201");
  refused("neuron\n1\n", "has no column but 'neuron', wanted a 'name'");
  refused("number,name\n1,a\n", "wanted a column 'neuron', the columns are 'number, name'");
}

}  // namespace
}  // namespace secateur
