#include "chain/metrics_log.h"

#include <algorithm>

#include "formats/atomic_file.h"
#include "tensor/error.h"
#include "tensor/json_field.h"
#include "tensor/json_text.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int64_t kLogCap = int64_t{1} << 28;

json to_json(const CurvePoint& row) {
  return {{"stage", row.stage},
          {"neuron", row.neuron},
          {"step", row.step},
          {"images", row.images},
          {"loss", row.loss},
          {"learning_rate", row.learning_rate},
          {"r2_validation", row.r2_validation}};
}

CurvePoint row_of(const JsonField& j) {
  return {.stage = j.at("stage").text(),
          .neuron = j.at("neuron").text(),
          .step = j.at("step").whole(),
          .images = j.at("images").whole(),
          .loss = j.at("loss").number(),
          .learning_rate = j.at("learning_rate").number(),
          .r2_validation = j.at("r2_validation").number()};
}

class MetricsHook : public Hook {
 public:
  MetricsHook(MetricsLog& log, ChainObserver& observer, std::string stage, std::string neuron,
              int64_t every_steps, Score score)
      : log_(log),
        observer_(observer),
        stage_(std::move(stage)),
        neuron_(std::move(neuron)),
        every_(every_steps),
        score_(std::move(score)) {}

  std::string name() const override { return "metrics"; }

  void after_step(StepContext& context) override {
    loss_sum_ += context.loss;
    ++losses_;
    if (context.step % every_ != 0 && context.step != context.total_steps) return;
    rows_.push_back({.stage = stage_,
                     .neuron = neuron_,
                     .step = context.step,
                     .images = context.images_seen,
                     .loss = loss_sum_ / static_cast<double>(losses_),
                     .learning_rate = context.learning_rate,
                     .r2_validation = score_(context.model)});
    loss_sum_ = 0;
    losses_ = 0;
    log_.set(stage_, neuron_, rows_);
    observer_.point(rows_.back());
  }

  json state() const override {
    json rows = json::array();
    for (const CurvePoint& row : rows_) rows.push_back(to_json(row));
    return {{"rows", rows}, {"loss_sum", loss_sum_}, {"losses", losses_}};
  }

  void restore_state(const JsonField& state) override {
    rows_.clear();
    for (const JsonField& row : state.at("rows").elements()) rows_.push_back(row_of(row));
    loss_sum_ = state.at("loss_sum").number();
    losses_ = state.at("losses").whole();
    log_.set(stage_, neuron_, rows_);
  }

 private:
  MetricsLog& log_;
  ChainObserver& observer_;
  std::string stage_;
  std::string neuron_;
  int64_t every_;
  Score score_;
  std::vector<CurvePoint> rows_;
  double loss_sum_ = 0;
  int64_t losses_ = 0;
};

}  // namespace

MetricsLog::MetricsLog(fs::path folder) : folder_(std::move(folder)) {
  const fs::path path = folder_ / "metrics.jsonl";
  if (!fs::exists(path)) return;
  const std::string text = read_file(path, kLogCap);
  size_t line = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string source = fmt::format("{}: line {}", path.string(), ++line);
    const json parsed = parse_json(std::string_view(text).substr(begin, end - begin), source);
    rows_.push_back(row_of(JsonField(parsed, "metrics", source)));
    begin = end + 1;
  }
}

void MetricsLog::set(const std::string& stage, const std::string& neuron,
                     const std::vector<CurvePoint>& rows) {
  std::erase_if(rows_,
                [&](const CurvePoint& row) { return row.stage == stage && row.neuron == neuron; });
  rows_.insert(rows_.end(), rows.begin(), rows.end());
  std::string lines;
  std::string table = "stage,neuron,step,images,loss,learning_rate,r2_validation\n";
  for (const CurvePoint& row : rows_) {
    lines += to_json(row).dump() + "\n";
    table += fmt::format("{},{},{},{},{},{},{}\n", row.stage, row.neuron, row.step, row.images,
                         row.loss, row.learning_rate, row.r2_validation);
  }
  write_file_atomically(folder_ / "metrics.jsonl", lines);
  write_file_atomically(folder_ / "metrics.csv", table);
}

std::unique_ptr<Hook> metrics_hook(MetricsLog& log, ChainObserver& observer,
                                   const std::string& stage, const std::string& neuron,
                                   int64_t every_steps, Score score) {
  return std::make_unique<MetricsHook>(log, observer, stage, neuron, every_steps, std::move(score));
}

}  // namespace secateur
