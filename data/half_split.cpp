#include "data/half_split.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "data/published_sessions.h"
#include "tensor/error.h"
#include "tensor/json_field.h"

namespace secateur {
namespace {

// More than any model can honestly have; keeps a hostile file from costing time.
constexpr size_t kMaxEntries = 1000;

std::string_view use_name(SplitGuard::Use use) {
  return use == SplitGuard::Use::kFit ? "fit" : "score";
}

bool before(const SplitGuard::Entry& a, const SplitGuard::Entry& b) {
  return std::tie(a.session, a.use, a.order, a.images.begin) <
         std::tie(b.session, b.use, b.order, b.images.begin);
}

// Joins ranges of the same session and use that overlap or touch.
std::vector<SplitGuard::Entry> joined(std::vector<SplitGuard::Entry> entries) {
  std::stable_sort(entries.begin(), entries.end(), before);
  std::vector<SplitGuard::Entry> result;
  for (const auto& entry : entries) {
    const bool extends = !result.empty() && result.back().session == entry.session &&
                         result.back().use == entry.use && result.back().order == entry.order &&
                         entry.images.begin <= result.back().images.end;
    if (extends) {
      result.back().images.end = std::max(result.back().images.end, entry.images.end);
    } else {
      result.push_back(entry);
    }
  }
  return result;
}

SplitGuard::Use use_of(const JsonField& use) {
  const std::string name = use.text();
  if (name != "fit" && name != "score") use.refuse("'fit' or 'score'");
  return name == "fit" ? SplitGuard::Use::kFit : SplitGuard::Use::kScore;
}

void read_item(const JsonField& item, SplitGuard& guard) {
  const std::string session = item.at("session").name();
  if (session.empty()) item.at("session").refuse("the name of a session");
  if (item.at("test").truth()) guard.declare_test_session(session);
  if (!item.has("use")) return;
  const ImageRange images = {item.at("begin").whole(), item.at("end").whole()};
  const std::string order = item.has("order") ? item.at("order").name() : "";
  if (use_of(item.at("use")) == SplitGuard::Use::kFit) {
    guard.fitted(session, images, order);
  } else {
    guard.scored(session, images, order);
  }
}

}  // namespace

ImageRange half_range(Half half, int64_t images) {
  require(images >= 0, "half_split", "wanted a number of images of at least 0, got {}", images);
  if (half == Half::kFirst) return {0, images / 2};
  if (half == Half::kSecond) return {images / 2, images};
  return {0, images};
}

std::string_view half_name(Half half) {
  if (half == Half::kFirst) return "first";
  return half == Half::kSecond ? "second" : "all";
}

Half parse_half(std::string_view name) {
  for (Half half : {Half::kFirst, Half::kSecond, Half::kAll}) {
    if (half_name(half) == name) return half;
  }
  fail(ErrorKind::kUsage, "half_split",
       "wanted \"first\", \"second\" or \"all\" as the half of the images, got \"{}\"", name);
}

bool is_published_test_session(std::string_view session) {
  return std::find(kTestSessions.begin(), kTestSessions.end(), session) != kTestSessions.end();
}

bool SplitGuard::is_test_session(std::string_view session) const {
  return is_published_test_session(session) ||
         std::binary_search(declared_.begin(), declared_.end(), session);
}

void SplitGuard::declare_test_session(std::string_view session) {
  require(!session.empty(), "half_split", "wanted a session name, got an empty one");
  if (is_test_session(session)) return;
  SplitGuard next = *this;
  const auto place = std::lower_bound(next.declared_.begin(), next.declared_.end(), session);
  next.declared_.insert(place, std::string(session));
  for (auto& entry : next.entries_) {
    if (entry.session != session) continue;
    entry.test = true;
    next.refuse_overlap(entry);
  }
  *this = std::move(next);
}

void SplitGuard::refuse_overlap(const Entry& entry) const {
  if (!is_test_session(entry.session)) return;
  for (const auto& other : entries_) {
    if (other.session != entry.session || other.use == entry.use) continue;
    if (other.order != entry.order) {
      fail(
          ErrorKind::kUsage, "half_split",
          "wanted session {} scored under the split that its readout was fitted under, got another "
          "split.csv, fold or images.csv: images that score now may have been fitted",
          entry.session);
    }
    const bool overlaps =
        other.images.begin < entry.images.end && entry.images.begin < other.images.end;
    if (!overlaps) continue;
    const ImageRange fit = entry.use == Use::kFit ? entry.images : other.images;
    const ImageRange score = entry.use == Use::kFit ? other.images : entry.images;
    fail(ErrorKind::kUsage, "half_split",
         "images {} to {} of session {} would score a model that was fitted on images {} to {} of "
         "it; the second half scores what was fitted on the first",
         score.begin, score.end - 1, entry.session, fit.begin, fit.end - 1);
  }
}

void SplitGuard::record(const Entry& entry) {
  require(!entry.session.empty(), "half_split", "wanted a session name, got an empty one");
  require(entry.images.begin >= 0 && entry.images.begin < entry.images.end, "half_split",
          "wanted images [begin, end) with 0 <= begin < end for the {} of session {}, got [{}, {})",
          use_name(entry.use), entry.session, entry.images.begin, entry.images.end);
  refuse_overlap(entry);
  entries_.push_back(entry);
  entries_.back().test = is_test_session(entry.session);
  entries_ = joined(std::move(entries_));
}

void SplitGuard::fitted(std::string_view session, ImageRange images, const std::string& order) {
  record({std::string(session), images, Use::kFit, false, order});
}

void SplitGuard::scored(std::string_view session, ImageRange images, const std::string& order) {
  record({std::string(session), images, Use::kScore, false, order});
}

void SplitGuard::merge(const SplitGuard& other) {
  SplitGuard next = *this;
  for (const auto& session : other.declared_) next.declare_test_session(session);
  for (const auto& entry : other.entries_) next.record(entry);
  *this = std::move(next);
}

nlohmann::json SplitGuard::to_json() const {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& entry : entries_) {
    list.push_back({{"session", entry.session},
                    {"begin", entry.images.begin},
                    {"end", entry.images.end},
                    {"use", use_name(entry.use)},
                    {"test", entry.test}});
    if (!entry.order.empty()) list.back()["order"] = entry.order;
  }
  for (const auto& session : declared_) {
    const bool used = std::any_of(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.session == session; });
    if (!used) list.push_back({{"session", session}, {"test", true}});
  }
  return list;
}

SplitGuard SplitGuard::from_json(const nlohmann::json& json, std::string_view where) {
  const JsonField record(json, where, "split record");
  SplitGuard guard;
  for (const JsonField& item : record.elements(kMaxEntries)) read_item(item, guard);
  return guard;
}

}  // namespace secateur
