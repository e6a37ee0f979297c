#pragma once
// Works out what the page shows of each neuron beyond the run's numbers.

#include "report/report.h"
#include "report/run_record.h"
#include "tensor/observer.h"

namespace secateur {

// Fills run.evidence and, where the images that score cannot be read, run.no_images with the
// reason.
void gather_evidence(RunRecord& run, const ReportOptions& options, Observer& observer);

}  // namespace secateur
