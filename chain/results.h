#pragma once
// results.json: the numbers of a run, put together.

#include <nlohmann/json.hpp>

#include "chain/timings.h"
#include "tensor/json_field.h"

namespace secateur {

// Medians over the neurons of a list made by judge_neuron() (judgement.h), per network and number.
nlohmann::json medians_over_neurons(const nlohmann::json& neurons);

// In short, of results with "neurons" and "median": the numbers of the compact model and their
// counterparts, medians when there are several neurons, and a row for each.
nlohmann::json summary_of(const nlohmann::json& results);

// A row for every neuron of a run's results: {"name", "parameters", "bytes", "r2_teacher",
// "r2_raw", "published_parameters", "published_r2_teacher", "published_r2_raw"}, null where there
// is no such number.
nlohmann::json neuron_rows(const nlohmann::json& results);

// The same with "minutes": its own and its part of what all share.
nlohmann::json with_minutes(nlohmann::json rows, const nlohmann::json& results,
                            const Timings& timings);

// What scored, for people: "second half", "60 images that score (split.csv)". Where the record has
// no "split", as those of earlier versions, it was the second half.
std::string scored_words(const nlohmann::json& results);

// Refuses a "split" that scored_words() could not read.
void check_split(const JsonField& results);

// Error(kBadInput) that names the field, unless a file holds all that is said of a finished run.
void check_results(const JsonField& results);

}  // namespace secateur
