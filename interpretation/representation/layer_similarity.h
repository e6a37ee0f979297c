#pragma once
// How alike the layers of several models are, pair by pair, beside what models of the same
// architectures with random parameters give.

#include <span>
#include <string>
#include <vector>

#include "interpretation/representation/layer_patterns.h"
#include "interpretation/representation/measured_rdms.h"
#include "interpretation/representation/rdm_comparison.h"
#include "tensor/observer.h"

namespace secateur {

// Gram matrices of one model over some images, and of a network of its architecture that was not
// trained; layer_grams() makes them, the pixels first.
struct ModelGrams {
  std::vector<LayerGram> trained;
  std::vector<LayerGram> untrained;
};

// Of the pairs of images those in this share are neighbours, the others are not: the
// geo-topological RDM (rdm.h) with both thresholds there keeps the topology alone.
inline constexpr double kNearQuantile = 0.25;

// Matrices [models, models], symmetric. What is compared with itself has 1.
struct LayerSimilarity {
  std::string name;
  std::vector<int64_t> features;       // of each model
  std::vector<double> cka;             // linear_cka()
  std::vector<double> debiased;        // debiased_cka()
  std::vector<double> one_untrained;   // debiased, mean of (a, untrained b) and (untrained a, b)
  std::vector<double> both_untrained;  // debiased
  std::vector<double> rdm;             // Spearman of correlation_rdm()
  std::vector<double> topology;        // the same of which pairs are near
};

// Of every layer but the pixels. On the diagonal of the untrained matrices stands the model with
// its own untrained network. Throws Error(kBadInput) without models, for fewer than 4 images, and
// for models of other layers or images than the first.
std::vector<LayerSimilarity> layer_similarity(std::span<const ModelGrams> models,
                                              Observer& observer);

// [layers, layers], pixels first: debiased CKA of every layer with every other, the mean over
// ordered pairs of different models, or of the model with itself where there is one only.
std::vector<double> similarity_of_layers(std::span<const ModelGrams> models);

// The models 0 .. models - 1 so that alike ones stand side by side: average linkage (Sokal and
// Michener, 1958) of a matrix of similarities, where two groups are joined by the ends that are
// more alike.
std::vector<size_t> similarity_order(std::span<const double> similarity, size_t models);

// A layer beside what was recorded: means over the parts of MeasuredRdms.
struct MeasuredSimilarity {
  double rdm = 0;
  double topology = 0;
  double untrained_rdm = 0;
  double untrained_topology = 0;
};
struct MeasuredCeilings {
  RdmCeiling rdm;
  RdmCeiling topology;
};
MeasuredCeilings measured_ceilings(const MeasuredRdms& measured);
// Of every layer, the pixels first; the Gram matrices are of measured.images, in their order.
std::vector<MeasuredSimilarity> similarity_to_measured(const ModelGrams& model,
                                                       const MeasuredRdms& measured);

}  // namespace secateur
