#pragma once
// The half-split rule: of a test session's images, the first half may fit a readout and only the
// second half scores it. SplitGuard remembers what was fitted and scored, refuses a score on images
// that were fitted, and travels in a model's metadata so that a later program can refuse it too.
//
// The published split is by place: images are in the order of their file numbers.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace secateur {

enum class Half { kFirst, kSecond, kAll };

struct ImageRange {  // images [begin, end)
  int64_t begin = 0;
  int64_t end = 0;
  int64_t count() const { return end - begin; }
  friend bool operator==(const ImageRange&, const ImageRange&) = default;
};

// First half [0, M/2), second half [M/2, M): with an odd M the second half has the extra image.
// Throws Error(kBadInput) when images < 0.
ImageRange half_range(Half half, int64_t images);

// "first", "second", "all". parse_half() throws Error(kUsage) for anything else.
std::string_view half_name(Half half);
Half parse_half(std::string_view name);

// True for the four published test sessions, 190923, 201025, 210225 and 211022.
bool is_published_test_session(std::string_view session);

class SplitGuard {
 public:
  enum class Use { kFit, kScore };
  struct Entry {
    std::string session;
    ImageRange images;
    Use use;
    bool test;  // the rule applies to this session
    // Places of images mean the same ones only in the same order of them (session_split.h,
    // order_digest()); empty for the usual order.
    std::string order = {};
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  // The published test sessions are under the rule always; others (simulated ones) once declared,
  // before or after their entries were made. Declaring a session whose entries already overlap
  // throws Error(kUsage).
  void declare_test_session(std::string_view session);
  bool is_test_session(std::string_view session) const;

  // Record a use. For a test session both throw Error(kUsage), and record nothing, when the images
  // overlap those of the other use, or are counted in another order, so that nobody can tell: a fit
  // after a score spoils that score as much as before it.
  // Throw Error(kBadInput) for an empty session name or a range that is empty, negative or
  // reversed.
  void fitted(std::string_view session, ImageRange images, const std::string& order = "");
  void scored(std::string_view session, ImageRange images, const std::string& order = "");

  // Takes over the entries and declared sessions of another guard, for a model built from parts
  // (a teacher and a readout). Throws as fitted() and scored() do, and then changes nothing.
  void merge(const SplitGuard& other);

  // Touching or overlapping ranges of one use are one entry; sorted by session, use and place.
  const std::vector<Entry>& entries() const { return entries_; }

  // A list of {"session", "begin", "end", "use": "fit" or "score", "test"}, with "order" where it
  // is not the usual one, plus one
  // {"session", "test": true} for a session declared without entries.
  nlohmann::json to_json() const;
  // Throws Error(kBadInput) for anything else than such a list, and Error(kUsage) when its entries
  // already break the rule. `where` names the file.
  static SplitGuard from_json(const nlohmann::json& json, std::string_view where);

  friend bool operator==(const SplitGuard&, const SplitGuard&) = default;

 private:
  void record(const Entry& entry);
  void refuse_overlap(const Entry& entry) const;

  std::vector<Entry> entries_;
  std::vector<std::string> declared_;  // sorted
};

}  // namespace secateur
