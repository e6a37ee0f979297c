#include "report/cards/cards.h"

namespace secateur {
std::string stimulus_card(const RunRecord&, size_t) { return ""; }
std::string tuning_card(const RunRecord&, size_t) { return ""; }
std::string circuit_card(const RunRecord&, size_t) { return ""; }
std::string scatter_card(const RunRecord&, size_t) { return ""; }
std::string images_card(const RunRecord&, size_t) { return ""; }
std::string readout_card(const RunRecord&, size_t) { return ""; }
std::string kernels_card(const RunRecord&, size_t) { return ""; }
std::string activations_card(const RunRecord&, size_t) { return ""; }
std::string stimulus_picture(const RunRecord&, size_t, int) { return ""; }
}  // namespace secateur
