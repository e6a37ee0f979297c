#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "interpretation/representation/model_comparison.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using Sentences = std::vector<std::string>;

double median_pair(const ModelComparison& all, const std::vector<double>& matrix) {
  return median_of(above_diagonal(matrix, all.names.size()));
}

const char* of_models(const ModelComparison& all) {
  return all.names.size() > 1 ? ", median of models" : "";
}

// A number of every layer, joined: "layer0 0.89, layer1 0.83".
std::string by_layer(const ModelComparison& all, size_t first,
                     const std::function<std::string(size_t)>& text) {
  std::string joined;
  for (size_t l = first; l < all.numbers[0].size(); ++l) {
    if (!joined.empty()) joined += ", ";
    joined += all.numbers[0][l].name + " " + text(l);
  }
  return joined;
}

double median_over_models(const ModelComparison& all,
                          const std::function<double(const std::vector<LayerNumbers>&)>& number) {
  std::vector<double> values;
  for (const std::vector<LayerNumbers>& model : all.numbers) values.push_back(number(model));
  return median_of(values);
}

std::string cka_sentence(const ModelComparison& all) {
  const size_t n = all.names.size();
  int64_t least = all.numbers[0].back().features, most = 0;
  for (const std::vector<LayerNumbers>& model : all.numbers) {
    for (size_t l = 1; l < model.size(); ++l) {
      least = std::min(least, model[l].features);
      most = std::max(most, model[l].features);
    }
  }
  const std::string pairs =
      n == 2 ? "" : fmt::format(" (median of {} pairs of models)", n * (n - 1) / 2);
  const auto debiased = [&](size_t l) {
    const LayerSimilarity& layer = all.similarity[l - 1];
    return fmt::format("{:.2f} ({:.2f}, {:.2f})", median_pair(all, layer.debiased),
                       median_pair(all, layer.one_untrained),
                       median_pair(all, layer.both_untrained));
  };
  const auto plain = [&](size_t l) {
    return fmt::format("{:.2f}", median_pair(all, all.similarity[l - 1].cka));
  };
  return fmt::format(
      "Layers, by debiased CKA{} and, in brackets, where one of the two is an untrained network, "
      "and where both are: {}. There are {} images and {} to {} features in a layer: plain CKA, "
      "too high where images are fewer, is {}.",
      pairs, by_layer(all, 1, debiased), all.images, least, most, by_layer(all, 1, plain));
}

// The share of pairs in which trained models are more alike than those of a control; of a single
// pair the layers.
std::string above_control(const ModelComparison& all,
                          const std::vector<double> LayerSimilarity::*control) {
  const size_t n = all.names.size();
  Sentences layers;
  for (const LayerSimilarity& layer : all.similarity) {
    const std::vector<double> trained = above_diagonal(layer.debiased, n);
    const std::vector<double> by_control = above_diagonal(layer.*control, n);
    size_t above = 0;
    for (size_t i = 0; i < trained.size(); ++i) above += trained[i] > by_control[i];
    if (n == 2 && above == 0) continue;
    layers.push_back(n == 2 ? layer.name
                            : fmt::format("{} {:.0f} %", layer.name,
                                          100.0 * static_cast<double>(above) /
                                              static_cast<double>(trained.size())));
  }
  if (layers.empty()) return "no layer";
  return fmt::format("{}{}", fmt::join(layers, ", "), n == 2 ? "" : " of the pairs");
}

std::string more_than_untrained(const ModelComparison& all) {
  return fmt::format("More alike than where one is untrained: {}; than two untrained ones: {}.",
                     above_control(all, &LayerSimilarity::one_untrained),
                     above_control(all, &LayerSimilarity::both_untrained));
}

std::string most_alike(const ModelComparison& all) {
  const size_t n = all.names.size();
  std::vector<double> mean(n * n, 0.0);
  for (const LayerSimilarity& layer : all.similarity) {
    for (size_t i = 0; i < mean.size(); ++i) {
      mean[i] += layer.debiased[i] / static_cast<double>(all.similarity.size());
    }
  }
  size_t first = 0, second = 1, lonely = 0;
  double least = 2;
  for (size_t a = 0; a < n; ++a) {
    double to_others = 0;
    for (size_t b = 0; b < n; ++b) {
      if (a == b) continue;
      to_others += mean[a * n + b] / static_cast<double>(n - 1);
      if (mean[a * n + b] > mean[first * n + second])
        first = std::min(a, b), second = std::max(a, b);
    }
    if (to_others < least) least = to_others, lonely = a;
  }
  return fmt::format(
      "Most alike over all layers are {} and {} (mean {:.2f}); least like the others is {} "
      "({:.2f}).",
      all.names[first], all.names[second], mean[first * n + second], all.names[lonely], least);
}

std::string kernels_sentence(const ModelComparison& all) {
  Sentences layers;
  for (const KernelSimilarity& one : all.kernels) {
    layers.push_back(fmt::format("{} {:.2f} ({:.2f})", one.name, median_pair(all, one.similarity),
                                 median_pair(all, one.chance)));
  }
  return fmt::format(
      "Kernels, matched one to one, are alike by a |cosine| of, and by chance in brackets: {}.",
      fmt::join(layers, ", "));
}

std::string rdm_sentence(const ModelComparison& all) {
  return "Dissimilarities of images agree between models by a rank correlation of, and by who is "
         "near and who is far alone in brackets: " +
         by_layer(all, 1,
                  [&](size_t l) {
                    const LayerSimilarity& layer = all.similarity[l - 1];
                    return fmt::format("{:.2f} ({:.2f})", median_pair(all, layer.rdm),
                                       median_pair(all, layer.topology));
                  }) +
         ".";
}

std::string measured_sentence(const ModelComparison& all) {
  if (!all.measured) {
    return "No model was compared with a recorded population, and no noise ceiling computed: that "
           "takes --recorded, with repeats.";
  }
  const MeasuredComparison& measured = *all.measured;
  const auto median = [&](size_t l, double MeasuredSimilarity::*number) {
    std::vector<double> values;
    for (const auto& model : measured.models) values.push_back(model[l].*number);
    return median_of(values);
  };
  return fmt::format(
      "Over {} images of the second half, from number {} to {} of {} (the other sentences are "
      "over those named first), dissimilarities to {} recorded neurons, in {} parts of the "
      "repeats, "
      "agree with one another by a rank correlation of {:.2f} to {:.2f} (noise ceiling), and "
      "with{}, untrained in brackets: {}; by which are the nearest quarter alone, ceiling {:.2f} "
      "to {:.2f}: {}.",
      measured.images.size(), measured.images.front() + 1, measured.images.back() + 1,
      fmt::group_digits(measured.available), measured.neurons, measured.parts,
      measured.ceilings.rdm.lower, measured.ceilings.rdm.upper,
      all.names.size() > 1 ? " the models' layers (median)" : " the model's layers",
      by_layer(all, 0,
               [&](size_t l) {
                 return fmt::format("{:.2f} ({:.2f})", median(l, &MeasuredSimilarity::rdm),
                                    median(l, &MeasuredSimilarity::untrained_rdm));
               }),
      measured.ceilings.topology.lower, measured.ceilings.topology.upper,
      by_layer(all, 0, [&](size_t l) {
        return fmt::format("{:.2f} ({:.2f})", median(l, &MeasuredSimilarity::topology),
                           median(l, &MeasuredSimilarity::untrained_topology));
      }));
}

// Of models for which these images are too few the dimension is above that of all others.
std::string two_nn_text(const ModelComparison& all, size_t layer) {
  std::vector<double> found;
  for (const auto& model : all.numbers) {
    const LayerNumbers& numbers = model[layer];
    if (numbers.two_nn) {
      found.push_back(*numbers.two_nn);
    } else if (numbers.two_nn_images >= kFewestRatios) {
      found.push_back(std::numeric_limits<double>::max());
    }
  }
  if (found.empty()) return "not known";
  const double median = median_of(found);
  return median <= static_cast<double>(all.images - 1)
             ? fmt::format("{:.1f}", median)
             : fmt::format("not measurable with {} images", all.images);
}

std::string dimension_sentence(const ModelComparison& all) {
  return fmt::format(
      "Dimensions that {} images take in a layer (linear by participation ratio, at most {}, and "
      "nonlinear by TwoNN{}): {}.",
      all.images, all.images - 1, of_models(all), by_layer(all, 0, [&](size_t l) {
        const double ratio = median_over_models(all, [l](const auto& m) { return m[l].ratio; });
        return fmt::format("{:.1f} and {}", ratio, two_nn_text(all, l));
      }));
}

std::string nonlinearity_sentence(const ModelComparison& all) {
  const auto relative = [](size_t l) {
    return [l](const std::vector<LayerNumbers>& model) { return model[l].behind.relative; };
  };
  return fmt::format(
      "Nonlinearity, as the spread of Jacobians over {} images (0 linear, 1 none alike{}), of what "
      "comes behind: {}.",
      all.jacobian_images, of_models(all), by_layer(all, 0, [&](size_t l) {
        return fmt::format("{:.2f}", median_over_models(all, relative(l)));
      }));
}

std::string filters_sentence(const ModelComparison& all) {
  const bool many = all.names.size() > 4;
  return fmt::format(
      "Filters{}: {}.",
      many ? ", median (smallest to largest, how many models have the smallest)" : "",
      by_layer(all, 1, [&](size_t l) {
        const LayerFilters& layer = all.filters.layers[l - 1];
        if (!many) return fmt::format("{}", fmt::join(layer.filters, " and "));
        return fmt::format("{:g} ({:g} to {:g}, {})", layer.quantiles[2], layer.quantiles[0],
                           layer.quantiles[4], layer.at_least);
      }));
}

std::string shared_sentence(const ModelComparison& all) {
  if (!all.shared) {
    return "No shared filters were sought: the first layers have no kernels of one shape.";
  }
  const KernelDictionary& dictionary = all.shared->dictionary;
  const std::vector<double>& users = dictionary.share_of_models;
  const auto by_half = std::ranges::count_if(users, [](double share) { return share >= 0.5; });
  std::string text =
      fmt::format("{} filters explain {:.1f} % of the squares of {} kernels of the first layer",
                  users.size(), 100 * dictionary.parts.explained, all.shared->table.items.items);
  if (all.names.size() == 1) return text + ".";
  return text + fmt::format(
                    "; {} of them are the largest part of a kernel in at least half of the models.",
                    by_half);
}

}  // namespace

std::vector<std::string> comparison_sentences(const ModelComparison& all) {
  Sentences sentences;
  if (all.names.size() > 1) {
    sentences = {cka_sentence(all), more_than_untrained(all)};
    if (all.names.size() > 2) sentences.push_back(most_alike(all));
    if (!all.kernels.empty()) sentences.push_back(kernels_sentence(all));
    sentences.push_back(rdm_sentence(all));
  }
  sentences.push_back(measured_sentence(all));
  sentences.push_back(dimension_sentence(all));
  sentences.push_back(nonlinearity_sentence(all));
  sentences.push_back(filters_sentence(all));
  sentences.push_back(shared_sentence(all));
  return sentences;
}

}  // namespace secateur
