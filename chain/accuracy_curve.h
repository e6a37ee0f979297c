#pragma once
// How good compact models are by their size and by the images that their students were shown: what
// several runs, and the further sizes below them (sizes.h), came to.
//
// Runs that cut to the same size after as many images are one point, whatever session their neurons
// are of, and every neuron counts alike. The centre is the median over neurons; its interval, of
// the bootstrap over neurons (analysis/resampling.h), says how far it would move with other neurons
// of the same kind, and nothing about other images.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "analysis/resampling.h"

namespace secateur {

struct CurveNeuron {
  std::string session, name;
  // Shown to its student in this run and in those whose sizes it is of, repeats counted. A core
  // that all neurons share is not in it.
  double images = 0;
  double parameters = 0, bytes = 0;  // of the compact model
  double r2_teacher = 0, r2_raw = 0;
  double teacher_r2_raw = 0;
  // Of the published model, where the run was compared with one.
  std::optional<double> published_parameters, published_r2_teacher, published_r2_raw;
};

struct PublishedMedians {
  int64_t neurons = 0;
  double parameters = 0, r2_teacher = 0, r2_raw = 0;
  // Of the compact models of these same neurons.
  double compact_parameters = 0, compact_r2_teacher = 0, compact_r2_raw = 0;
};

struct AccuracyPoint {
  std::string cut;                // "12500 parameters", "threshold 0.9"
  std::vector<std::string> runs;  // folders, as they were given
  std::vector<CurveNeuron> neurons;
  double images = 0, bytes = 0, teacher_r2_raw = 0;  // medians
  OverNeurons parameters, r2_teacher, r2_raw;
  std::optional<PublishedMedians> published;
};

struct AccuracyCurve {
  std::vector<AccuracyPoint> points;  // the largest first; of one size by images
  // results.json that is not what lineage.json records, a sentence each.
  std::vector<std::string> doubts;
};

// Of finished runs. Throws Error(kUsage) for a run that is not finished, or a neuron that is in one
// point twice; Error(kBadInput) for damaged files.
AccuracyCurve accuracy_curve(const std::vector<std::filesystem::path>& runs);

nlohmann::json to_json(const AccuracyCurve& curve);

// A line a neuron of each point: cut, session, neuron, images, parameters, bytes, r2_teacher,
// r2_raw, teacher_r2_raw, published_parameters, published_r2_teacher, published_r2_raw.
std::string accuracy_csv(const AccuracyCurve& curve);

}  // namespace secateur
