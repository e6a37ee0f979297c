#include "data/simulated/neurons.h"

#include "data/simulated/stimuli.h"

namespace secateur::simulated {
namespace {

Part edge_part(std::string label, int side, double direction, double sigma, double weight) {
  Part part;
  part.label = std::move(label);
  part.filter.kind = FilterKind::kEdge;
  part.filter.side = side;
  part.filter.direction = direction;
  part.filter.sigma = sigma;
  part.weight = weight;
  return part;
}

Part gabor_part(std::string label, int side, double direction, double wavelength, double phase) {
  Part part;
  part.label = std::move(label);
  part.filter.kind = FilterKind::kGabor;
  part.filter.side = side;
  part.filter.direction = direction;
  part.filter.wavelength = wavelength;
  part.filter.phase = phase;
  part.filter.sigma = side / 4.0;
  return part;
}

Part spot_part(std::string label, FilterKind kind, int side, double sigma,
               const std::array<double, 3>& channels, double weight) {
  Part part;
  part.label = std::move(label);
  part.filter.kind = kind;
  part.filter.side = side;
  part.filter.sigma = sigma;
  part.filter.channels = channels;
  part.weight = weight;
  return part;
}

Part stretched(Part part, double stretch) {
  part.filter.stretch = stretch;
  return part;
}

Part at(Part part, int dy, int dx) {
  part.dy = dy;
  part.dx = dx;
  return part;
}

Part with(Part part, Rectifier rectifier) {
  part.rectifier = rectifier;
  return part;
}

// A circuit whose receptive field lies at (y, x) with pooling `sigma`, in shares of the image.
NeuronCircuit circuit(std::string name, int size, double y, double x, double sigma) {
  NeuronCircuit neuron;
  neuron.name = std::move(name);
  neuron.centre_y = y * (size - 1);
  neuron.centre_x = x * (size - 1);
  neuron.pooling_sigma = sigma * size;
  return neuron;
}

NeuronCircuit oriented_edge(int size) {
  NeuronCircuit neuron = circuit("oriented edge", size, 0.47, 0.53, 0.09);
  neuron.parts = {gabor_part("edge", 9, 30, 9, 90)};
  neuron.threshold = 1.5;
  return neuron;
}

NeuronCircuit complex_cell(int size) {
  NeuronCircuit neuron = circuit("complex cell", size, 0.52, 0.48, 0.10);
  neuron.parts = {with(gabor_part("even phase", 9, 120, 6, 0), Rectifier::kSquare),
                  with(gabor_part("odd phase", 9, 120, 6, 90), Rectifier::kSquare)};
  neuron.threshold = 5.0;
  return neuron;
}

// Bright above and to the left of two edges that meet at the lower right.
NeuronCircuit corner(int size) {
  NeuronCircuit neuron = circuit("corner", size, 0.5, 0.5, 0.14);
  neuron.parts = {at(stretched(edge_part("lower edge", 9, -90, 1.5, 1), 1.8), 0, -4),
                  at(stretched(edge_part("right edge", 9, 180, 1.5, 1), 1.8), -4, 0)};
  neuron.threshold = 8.0;
  return neuron;
}

// A dark dot of radius about 3: four dark quadrants that face its centre, vetoed by large edges.
NeuronCircuit small_dot(int size) {
  NeuronCircuit neuron = circuit("small dot", size, 0.5, 0.5, 0.15);
  const int offsets[4][2] = {{-2, -2}, {-2, 2}, {2, 2}, {2, -2}};
  const char* labels[] = {"upper left", "upper right", "lower right", "lower left"};
  for (int i = 0; i < 4; ++i) {
    Part part =
        spot_part(std::string("corner ") + labels[i], FilterKind::kCorner, 7, 2.0, kDark, 1);
    part.filter.direction = 45 + 90 * i;  // from the offset towards the centre
    neuron.parts.push_back(at(part, offsets[i][0], offsets[i][1]));
  }
  neuron.parts.push_back(
      with(at(stretched(edge_part("large vertical edge", 11, 0, 1.5, -1), 2.5), 0, 3),
           Rectifier::kFull));
  neuron.parts.push_back(
      with(at(stretched(edge_part("large horizontal edge", 11, 90, 1.5, -1), 2.5), 3, 0),
           Rectifier::kFull));
  neuron.threshold = 10.0;
  return neuron;
}

NeuronCircuit texture(int size) {
  NeuronCircuit neuron = circuit("texture", size, 0.5, 0.5, 0.22);
  for (int direction : {0, 45, 90, 135}) {
    const std::string label = "energy " + std::to_string(direction);
    neuron.parts.push_back(with(gabor_part(label, 7, direction, 4, 0), Rectifier::kSquare));
  }
  return neuron;
}

NeuronCircuit colour_opponent(int size) {
  NeuronCircuit neuron = circuit("colour opponent", size, 0.48, 0.5, 0.14);
  neuron.parts = {spot_part("red minus green centre", FilterKind::kBlob, 7, 1.8, kRedMinusGreen, 1),
                  spot_part("achromatic surround", FilterKind::kRing, 11, 2.2, kLight, -0.12)};
  return neuron;
}

NeuronCircuit eye_like(int size) {
  NeuronCircuit neuron = circuit("eye-like", size, 0.5, 0.5, 0.16);
  neuron.parts = {
      spot_part("dark centre", FilterKind::kCentreSurround, 11, 2.5, kDark, 1),
      at(spot_part("light left flank", FilterKind::kCentreSurround, 9, 1.8, kLight, 0.7), 0, -9),
      at(spot_part("light right flank", FilterKind::kCentreSurround, 9, 1.8, kLight, 0.7), 0, 9),
      at(stretched(edge_part("upper edge", 9, -90, 1.5, 0.6), 1.5), -5, 0),
      at(stretched(edge_part("lower edge", 9, 90, 1.5, 0.6), 1.5), 5, 0)};
  neuron.threshold = 12.0;
  return neuron;
}

NeuronCircuit surround_suppressed(int size) {
  NeuronCircuit neuron = circuit("surround suppressed", size, 0.5, 0.5, 0.08);
  neuron.surround_sigma = 0.2 * size;
  neuron.parts = {gabor_part("edge", 9, 80, 9, 90)};
  for (int direction : {80, 170}) {
    Part part =
        with(gabor_part("surround energy " + std::to_string(direction), 9, direction, 9, 90),
             Rectifier::kSquare);
    part.role = Role::kDivisive;
    part.weight = 0.15;
    neuron.parts.push_back(part);
  }
  return neuron;
}

}  // namespace

std::vector<NeuronCircuit> uncalibrated_population(int size) {
  require_stimulus_size(size);
  return {oriented_edge(size), complex_cell(size),    corner(size),   small_dot(size),
          texture(size),       colour_opponent(size), eye_like(size), surround_suppressed(size)};
}

}  // namespace secateur::simulated
