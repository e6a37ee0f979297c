#include "data/simulated/circuit.h"

#include "tensor/error.h"

namespace secateur::simulated {

int sign(const Part& part) { return part.role == Role::kDivisive || part.weight < 0 ? -1 : 1; }

NeuronCircuit without_part(const NeuronCircuit& circuit, size_t part) {
  require(part < circuit.parts.size(), "circuit", "wanted a part below {}, got {}",
          circuit.parts.size(), part);
  NeuronCircuit rest = circuit;
  rest.parts.erase(rest.parts.begin() + static_cast<std::ptrdiff_t>(part));
  return rest;
}

}  // namespace secateur::simulated
