#pragma once
// Works out what the page shows of each neuron beyond the run's numbers.

#include "chain/scored_session.h"
#include "report/report.h"
#include "report/run_record.h"
#include "tensor/observer.h"

namespace secateur {

// Fills run.evidence. What cannot be worked out, because a file is not there, is left empty.
void gather_evidence(RunRecord& run, const ReportOptions& options, Observer& observer);

// Fills as_recorded and not_as_recorded.
void compare_digests(RunRecord& run);

// Its parts, for one neuron; `session` may be null.

// Predicted and recorded responses, and the five best and worst images.
void gather_images(const RunRecord& run, size_t neuron, const ScoredSession* session,
                   NeuronEvidence& found);
// The preferred stimulus, and maps for the best image, or for the stimulus.
void gather_stimulus(const RunRecord& run, size_t neuron, NeuronEvidence& found,
                     Observer& observer);
// The circuit, and tuning in sentences: some ten seconds.
void gather_circuit(const RunRecord& run, size_t neuron, const ScoredSession* session,
                    NeuronEvidence& found, Observer& observer);
// As many filters removed at random: some predictions of all images that score.
void gather_random_removal(const RunRecord& run, size_t neuron, const ScoredSession& session,
                           NeuronEvidence& found, Observer& observer);
// The planted parts of a simulated neuron and what matches them; `deep`: groups of filters too.
void gather_planted(const RunRecord& run, size_t neuron, const ScoredSession* session, bool deep,
                    NeuronEvidence& found, Observer& observer);

}  // namespace secateur
