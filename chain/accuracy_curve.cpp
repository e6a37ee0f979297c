#include "chain/accuracy_curve.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "analysis/metrics_json.h"
#include "chain/lineage_log.h"
#include "chain/results.h"
#include "chain/sizes.h"
#include "formats/csv.h"
#include "formats/input_file.h"
#include "provenance/lineage.h"
#include "tensor/error.h"
#include "tensor/json_text.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int64_t kCurveCap = int64_t{1} << 28;
constexpr uint64_t kBootstrapSeed = 1;
constexpr const char* kResults = "results.json";

// A run of the road to some size.
struct Station {
  fs::path folder;
  std::string cut;
  int64_t images = 0;  // by its settings, with those of the runs before it
  std::vector<CurveNeuron> neurons;
  std::map<std::string, double> shown;  // by label
  std::string doubt;
};

int64_t whole(const JsonField& recipe, const char* key) {
  return recipe.has(key) ? recipe.at(key).whole(0) : 0;
}

std::string cut_of(const JsonField& recipe) {
  if (recipe.at("prune.criterion").text() == "variance") {
    return fmt::format("threshold {}", recipe.at("prune.threshold").number());
  }
  return fmt::format("{} parameters", recipe.at("prune.parameters").whole());
}

std::optional<double> number(const JsonField& network, const char* key) {
  if (!network.has(key) || network.at(key).value().is_null()) return std::nullopt;
  return network.at(key).number();
}

CurveNeuron neuron_of(const JsonField& neuron, const std::string& session) {
  const JsonField stages = neuron.at("stages");
  const JsonField compact = stages.at("compact");
  CurveNeuron one{.session = session,
                  .name = neuron.at("name").text(),
                  .parameters = compact.at("parameters").number(1),
                  .bytes = compact.at("bytes").number(0),
                  .r2_teacher = compact.at("r2_teacher").number(0, 1),
                  .r2_raw = compact.at("r2_raw").number(0, 1),
                  .teacher_r2_raw = stages.at("teacher").at("r2_raw").number(0, 1)};
  if (!stages.has("published")) return one;
  const JsonField published = stages.at("published");
  one.published_parameters = number(published, "parameters");
  one.published_r2_teacher = number(published, "r2_teacher");
  one.published_r2_raw = number(published, "r2_raw");
  return one;
}

std::string doubt_about(const fs::path& run, const Lineage& lineage) {
  const auto recorded = std::ranges::find(lineage.subject, kResults, &FileDigest::name);
  const std::string file = (run / kResults).string();
  if (recorded == lineage.subject.end()) return file + " is not in the record of its run";
  if (recorded->sha256 == digest_in_run(run, kResults)) return "";
  return file + " is not what the record of its run says that it was";
}

Station station_of(const fs::path& run, const Station* before) {
  if (!fs::exists(run / kResults)) {
    throw Error(ErrorKind::kUsage, fmt::format("{} is no finished run: there is no {}",
                                               run.string(), (run / kResults).string()));
  }
  const Lineage lineage = read_lineage(run / "lineage.json");
  const std::string file = (run / kResults).string();
  const json results = parse_json(read_file(run / kResults, kCurveCap), file);
  check_results(JsonField(results, "results", file));
  const JsonField recipe(lineage.recipe, "lineage", (run / "lineage.json").string());
  Station station{.folder = run, .cut = cut_of(recipe), .doubt = doubt_about(run, lineage)};
  const int64_t trained = whole(recipe, "distill.images") + whole(recipe, "retrain.images");
  station.images = trained + whole(recipe, "prune.tune_images");
  if (before != nullptr) station.images += before->images;
  const JsonField all(results, "results", file);
  for (const JsonField& neuron : all.at("neurons").elements()) {
    CurveNeuron one = neuron_of(neuron, all.at("session").text());
    const std::string label = neuron.at("label").text();
    one.images = static_cast<double>(trained);
    if (neuron.has("cuts")) {
      const std::vector<JsonField> cuts = neuron.at("cuts").elements();
      if (!cuts.empty()) one.images += cuts.back().at("images").number(0);
    }
    if (before != nullptr && before->shown.contains(label)) one.images += before->shown.at(label);
    station.shown[label] = one.images;
    station.neurons.push_back(std::move(one));
  }
  return station;
}

std::vector<Station> stations_of(const fs::path& run) {
  std::vector<Station> stations = {station_of(run, nullptr)};
  for (const fs::path& size : size_runs(run)) {
    if (!fs::exists(size / kResults)) continue;  // not made yet
    stations.push_back(station_of(size, &stations.back()));
  }
  return stations;
}

template <class Number>
std::vector<double> values_of(const std::vector<CurveNeuron>& neurons, Number number) {
  std::vector<double> values;
  for (const CurveNeuron& neuron : neurons) values.push_back(neuron.*number);
  return values;
}

template <class Number>
double median(const std::vector<CurveNeuron>& neurons, Number number) {
  return median_of(values_of(neurons, number));
}

template <class Number>
OverNeurons median_with_interval(const std::vector<CurveNeuron>& neurons, Number number) {
  const std::vector<double> values = values_of(neurons, number);
  return {median_of(values), median_interval(values, kBootstrapSeed)};
}

std::optional<PublishedMedians> published_of(const std::vector<CurveNeuron>& neurons) {
  std::vector<CurveNeuron> both;
  std::vector<double> parameters, r2_teacher, r2_raw;
  for (const CurveNeuron& neuron : neurons) {
    if (!neuron.published_parameters || !neuron.published_r2_teacher || !neuron.published_r2_raw) {
      continue;
    }
    both.push_back(neuron);
    parameters.push_back(*neuron.published_parameters);
    r2_teacher.push_back(*neuron.published_r2_teacher);
    r2_raw.push_back(*neuron.published_r2_raw);
  }
  if (both.empty()) return std::nullopt;
  return PublishedMedians{.neurons = std::ssize(both),
                          .parameters = median_of(parameters),
                          .r2_teacher = median_of(r2_teacher),
                          .r2_raw = median_of(r2_raw),
                          .compact_parameters = median(both, &CurveNeuron::parameters),
                          .compact_r2_teacher = median(both, &CurveNeuron::r2_teacher),
                          .compact_r2_raw = median(both, &CurveNeuron::r2_raw)};
}

void refuse_twice(const AccuracyPoint& point) {
  std::set<std::string> names;
  for (const CurveNeuron& neuron : point.neurons) {
    if (names.insert(neuron.session + ": " + neuron.name).second) continue;
    throw Error(ErrorKind::kUsage,
                fmt::format("{} of session {} is in two of the runs cut to {} after as many "
                            "images: {}",
                            neuron.name, neuron.session, point.cut, fmt::join(point.runs, ", ")));
  }
}

void summarise(AccuracyPoint& point) {
  refuse_twice(point);
  const std::vector<CurveNeuron>& n = point.neurons;
  point.images = median(n, &CurveNeuron::images);
  point.bytes = median(n, &CurveNeuron::bytes);
  point.teacher_r2_raw = median(n, &CurveNeuron::teacher_r2_raw);
  point.parameters = median_with_interval(n, &CurveNeuron::parameters);
  point.r2_teacher = median_with_interval(n, &CurveNeuron::r2_teacher);
  point.r2_raw = median_with_interval(n, &CurveNeuron::r2_raw);
  point.published = published_of(n);
}

json to_json(const OverNeurons& over) {
  json object = {{"median", over.value}, {"low", nullptr}, {"high", nullptr}};
  if (over.interval) object.update({{"low", over.interval->low}, {"high", over.interval->high}});
  return object;
}

json to_json(const AccuracyPoint& point) {
  json object = {{"cut", point.cut},
                 {"runs", point.runs},
                 {"neurons", point.neurons.size()},
                 {"images", point.images},
                 {"bytes", point.bytes},
                 {"teacher_r2_raw", point.teacher_r2_raw},
                 {"parameters", to_json(point.parameters)},
                 {"r2_teacher", to_json(point.r2_teacher)},
                 {"r2_raw", to_json(point.r2_raw)},
                 {"published", nullptr}};
  if (const auto& p = point.published) {
    object["published"] = {{"neurons", p->neurons},
                           {"parameters", p->parameters},
                           {"r2_teacher", p->r2_teacher},
                           {"r2_raw", p->r2_raw},
                           {"compact_parameters", p->compact_parameters},
                           {"compact_r2_teacher", p->compact_r2_teacher},
                           {"compact_r2_raw", p->compact_r2_raw}};
  }
  return object;
}

std::string cell(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "";
}

}  // namespace

AccuracyCurve accuracy_curve(const std::vector<fs::path>& runs) {
  AccuracyCurve curve;
  std::map<std::pair<std::string, int64_t>, AccuracyPoint> points;
  for (const fs::path& run : runs) {
    for (Station& station : stations_of(run)) {
      AccuracyPoint& point = points[{station.cut, station.images}];
      point.cut = station.cut;
      point.runs.push_back(station.folder.string());
      point.neurons.insert(point.neurons.end(), station.neurons.begin(), station.neurons.end());
      if (!station.doubt.empty()) curve.doubts.push_back(station.doubt);
    }
  }
  for (auto& [key, point] : points) {
    summarise(point);
    curve.points.push_back(std::move(point));
  }
  const auto place = [](const AccuracyPoint& point) {
    return std::tuple(-point.parameters.value, point.images);
  };
  std::ranges::stable_sort(curve.points, {}, place);
  return curve;
}

json to_json(const AccuracyCurve& curve) {
  json points = json::array();
  for (const AccuracyPoint& point : curve.points) points.push_back(to_json(point));
  return {{"points", points}, {"doubts", curve.doubts}};
}

std::string accuracy_csv(const AccuracyCurve& curve) {
  std::string text =
      "cut,session,neuron,images,parameters,bytes,r2_teacher,r2_raw,teacher_r2_raw,"
      "published_parameters,published_r2_teacher,published_r2_raw\n";
  for (const AccuracyPoint& point : curve.points) {
    for (const CurveNeuron& n : point.neurons) {
      text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_cell(point.cut),
                          csv_cell(n.session), csv_cell(n.name), n.images, n.parameters, n.bytes,
                          n.r2_teacher, n.r2_raw, n.teacher_r2_raw, cell(n.published_parameters),
                          cell(n.published_r2_teacher), cell(n.published_r2_raw));
    }
  }
  return text;
}

}  // namespace secateur
