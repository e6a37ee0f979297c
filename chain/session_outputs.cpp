#include "chain/session_outputs.h"

#include <algorithm>
#include <array>

#include "chain/neuron_choice.h"
#include "data/published_sessions.h"
#include "tensor/error.h"

namespace secateur {
namespace {

constexpr std::array<int64_t, 4> kPublishedNeurons = {33, 89, 55, 42};
constexpr int64_t kPublishedOutputs = 219;

[[noreturn]] void refuse_other_session(const Subject& subject, int64_t outputs,
                                       const OutputsOf& of) {
  const std::string& session = subject.test.session;
  throw Error(
      ErrorKind::kUsage,
      fmt::format("{}: this {} is of {} of session {}, while session {} has {} of its own: {}, or, "
                  "where some of its outputs do answer for neurons of {}, say which with "
                  "{}=FIRST:LAST",
                  of.origin.file, of.what,
                  outputs == 1 ? "a neuron" : fmt::format("the {} neurons", outputs),
                  sessions_of(of.origin), session, subject.test.neurons, of.instead, session,
                  of.setting));
}

}  // namespace

std::vector<int64_t> session_outputs(const std::string& chosen, const Subject& subject,
                                     int64_t outputs, const OutputsOf& of) {
  if (!chosen.empty()) return parse_range(chosen, outputs, "outputs of the " + of.what);
  if (of_other_session(of.origin, subject.test.session)) {
    refuse_other_session(subject, outputs, of);
  }
  if (outputs == subject.test.neurons) return parse_range("all", outputs, "outputs");
  const auto session = std::find(kTestSessions.begin(), kTestSessions.end(), subject.test.session);
  if (outputs == kPublishedOutputs && session != kTestSessions.end()) {
    const size_t place = static_cast<size_t>(session - kTestSessions.begin());
    int64_t first = 0;
    for (size_t i = 0; i < place; ++i) first += kPublishedNeurons[i];
    return parse_range(fmt::format("{}:{}", first, first + kPublishedNeurons[place]), outputs,
                       "outputs");
  }
  throw Error(
      ErrorKind::kUsage,
      fmt::format("the {} has {} outputs and session {} has {} neurons: say which outputs "
                  "belong to them with {}=FIRST:LAST",
                  of.what, outputs, subject.test.session, subject.test.neurons, of.setting));
}

}  // namespace secateur
