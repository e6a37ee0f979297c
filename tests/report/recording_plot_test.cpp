#include "report/recording_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace secateur {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(RecordingPlot, HasARowForEveryNeuron) {
  const std::string plot = recording_plot(
      {{"session mine",
        {{.neuron = 0,
          .name = "0",
          .images = 9,
          .snr = 1.0,
          .reliability = 0.5,
          .noise_ceiling = 0.75},
         {.neuron = 1, .name = "a <b>", .images = 9, .constant = true},
         {.neuron = 2, .name = "low", .images = 9, .snr = 1e-6, .reliability = -0.5},
         {.neuron = 3, .name = "once", .images = 9}}},
       {"session other", {{.neuron = 0, .name = std::string(200, 'x'), .images = 3}}}});
  EXPECT_THAT(plot, testing::StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  EXPECT_THAT(plot, HasSubstr("0: 9 images, reliability 0.500, noise ceiling 0.750, SNR 1.000"));
  EXPECT_THAT(plot, HasSubstr("1 a &lt;b&gt;"));
  EXPECT_THAT(plot, HasSubstr("the same response to every image"));
  EXPECT_THAT(plot, HasSubstr("class=\"bad\">2 low<"));
  EXPECT_THAT(plot, HasSubstr("no repeats"));
  EXPECT_THAT(plot, HasSubstr("session other"));
  EXPECT_THAT(plot, Not(HasSubstr(std::string(70, 'x') + "<"))) << "long names are cut";
  EXPECT_THAT(plot, Not(HasSubstr("nan")));
}

// Without repeats there is no reliability to draw, but what the neurons answer is known.
TEST(RecordingPlot, IsNeverEmpty) {
  const std::string plot = recording_plot(
      {{"session plain",
        {{.neuron = 0, .name = "0", .images = 9, .mean = 4, .deviation = 2},
         {.neuron = 1, .name = "1", .images = 9, .mean = 8, .deviation = 0, .constant = true},
         {.neuron = 2, .name = "2", .images = 9, .mean = -2, .deviation = 1}}}});
  EXPECT_THAT(plot, HasSubstr("reliability, noise ceiling and SNR are not known"));
  EXPECT_THAT(plot, HasSubstr("0: 9 images, mean 4, deviation 2"));
  EXPECT_THAT(plot, HasSubstr("the same response to every image"));
  EXPECT_THAT(plot, HasSubstr("class=\"dead\""));
  EXPECT_THAT(plot, Not(HasSubstr("split-half reliability</text>"))) << "no legend of nothing";
  EXPECT_THAT(plot, Not(HasSubstr("SNR (dashed")));
  const auto count = [&](const std::string& part) {
    size_t found = 0;
    for (size_t at = 0; (at = plot.find(part, at)) != std::string::npos; ++at) ++found;
    return found;
  };
  EXPECT_EQ(count("<circle"), 3u);
  EXPECT_EQ(count("class=\"spread\""), 2u);
  // Silent neurons alone have an axis too.
  EXPECT_THAT(recording_plot({{"s", {{.neuron = 0, .name = "0", .images = 9, .constant = true}}}}),
              Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace secateur
