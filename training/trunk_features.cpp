#include "training/trunk_features.h"

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>

#include "data/image_batches.h"
#include "formats/atomic_file.h"
#include "formats/npy.h"
#include "ops/backend/onednn.h"
#include "ops/backend/reproducibility.h"
#include "tensor/error.h"
#include "tensor/json_field.h"
#include "tensor/json_text.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFeatures = "trunk_features";
constexpr const char* kFeaturesFormat = "secateur trunk features 1";
constexpr int64_t kFeatureBatch = 32;
constexpr int64_t kFeatureFactsCap = 1 << 16;  // bytes

using MapsBody = std::function<void(const Tensor&, int64_t)>;

// With `threads` the bits are those of a library and an instruction set.
std::string how_computed() {
  const bool portable = reproducibility() == Reproducibility::kPortable;
  return portable ? "portable" : "threads, " + onednn_description();
}

// What maps are of: all of KEY.json but the digest.
nlohmann::json facts_of(const Trunk& trunk, const ImageSource& images) {
  const Shape maps = trunk.maps();
  return {{"format", kFeaturesFormat},
          {"trunk", trunk.identity()},
          {"images", images.identity()},
          {"computed", how_computed()},
          {"shape", {images.count(), maps[0], maps[1], maps[2]}}};
}

struct FeatureFiles {
  fs::path maps;
  fs::path facts;
};

FeatureFiles files_of(const nlohmann::json& facts, const fs::path& cache) {
  constexpr size_t kDigits = 32;
  const std::string key = sha256_of(facts.dump()).substr(0, kDigits);
  return {cache / (key + ".npy"), cache / (key + ".json")};
}

// What is wrong with files that should have these maps; empty: nothing.
std::string fault_of(const FeatureFiles& files, const nlohmann::json& wanted) {
  try {
    nlohmann::json facts =
        parse_json(read_file(files.facts, kFeatureFactsCap), files.facts.string());
    const std::string digest =
        JsonField(facts, kFeatures, files.facts.string()).at("sha256").text();
    facts.erase("sha256");
    if (facts != wanted) return "is of something else";
    if (sha256_of_file(files.maps) != digest) return "is damaged: its SHA-256 is another";
    return "";
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kBadInput) throw;
    return std::string("cannot be read: ") + error.what();
  }
}

// Both files are there and hold the maps wanted.
bool is_kept(const FeatureFiles& files, const nlohmann::json& wanted, Observer& observer) {
  std::error_code unreadable;
  const bool maps = fs::exists(files.maps, unreadable);
  const bool facts = fs::exists(files.facts, unreadable);
  if (!maps && !facts) return false;
  std::string fault = fault_of(files, wanted);
  if (fault.empty()) return true;
  observer.say(fmt::format("{} {}; its maps are computed again", files.maps.string(), fault));
  return false;
}

// Says how far it is, and asks.
class Steps {
 public:
  Steps(const char* what, int64_t total, Observer& observer)
      : what_(what), total_(total), observer_(observer) {}
  void done(int64_t images) {
    observer_.progress({.what = what_,
                        .unit = "images",
                        .done = static_cast<double>(images),
                        .total = static_cast<double>(total_),
                        .detail = ""});
    if (images < total_) stop_if_asked(observer_);
  }

 private:
  const char* what_;
  int64_t total_;
  Observer& observer_;
};

Shape batch_shape(const Trunk& trunk, int64_t images) {
  const Shape maps = trunk.maps();
  return {images, maps[0], maps[1], maps[2]};
}

void read_kept(const FeatureFiles& files, const Trunk& trunk, int64_t count, const MapsBody& body,
               Observer& observer) {
  const NpyReader reader(files.maps);
  require(reader.shape() == batch_shape(trunk, count) && reader.type() == "f4", kFeatures,
          "{} holds {} of {}, wanted {} of f4", files.maps.string(), reader.shape(), reader.type(),
          batch_shape(trunk, count));
  Steps steps("reading the trunk's maps", count, observer);
  for (int64_t first = 0; first < count; first += kFeatureBatch) {
    const int64_t end = std::min(count, first + kFeatureBatch);
    Tensor maps(batch_shape(trunk, end - first));
    reader.read_rows(first, end, maps.values());
    body(maps, first);
    steps.done(end);
  }
}

void compute(const Trunk& trunk, const ImageSource& images, const MapsBody& body,
             Observer& observer) {
  Steps steps("looking through the trunk", images.count(), observer);
  const auto batch = [&](const Tensor& pixels, int64_t first) {
    const Tensor maps = trunk(pixels);
    require(maps.all_finite(), kFeatures, "the trunk's maps of images {} to {} are not finite",
            first, first + maps.dim(0) - 1);
    body(maps, first);
    steps.done(first + maps.dim(0));
  };
  for_each_image_batch(images, trunk.input().mean, kFeatureBatch, batch);
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    fail(ErrorKind::kResource, kFeatures, "cannot make the folder {}: {}", folder.string(),
         error.message());
  }
}

void compute_and_keep(const Trunk& trunk, const ImageSource& images, nlohmann::json facts,
                      const FeatureFiles& files, const MapsBody& body, Observer& observer) {
  make_folder(files.maps.parent_path());
  AtomicFile file(files.maps);
  file.append(npy_header_text("<f4", batch_shape(trunk, images.count())));
  const auto keep = [&](const Tensor& maps, int64_t first) {
    file.append({reinterpret_cast<const char*>(maps.data()), maps.values().size_bytes()});
    body(maps, first);
  };
  compute(trunk, images, keep, observer);
  file.commit();
  facts["sha256"] = sha256_of_file(files.maps);
  write_file_atomically(files.facts, facts.dump(2) + "\n");
}

}  // namespace

void require_readable(const Trunk& trunk, const ImageSource& images) {
  const InputSpec& in = trunk.input();
  if (in.height != images.height() || in.width != images.width()) {
    fail(ErrorKind::kUsage, "readout", "the trunk reads images of {} x {}, these have {} x {}",
         in.height, in.width, images.height(), images.width());
  }
}

void for_each_trunk_batch(const Trunk& trunk, const ImageSource& images, const fs::path& cache,
                          const MapsBody& body, Observer& observer) {
  require_readable(trunk, images);
  if (cache.empty()) return compute(trunk, images, body, observer);
  const nlohmann::json facts = facts_of(trunk, images);
  const FeatureFiles files = files_of(facts, cache);
  if (is_kept(files, facts, observer)) {
    return read_kept(files, trunk, images.count(), body, observer);
  }
  compute_and_keep(trunk, images, facts, files, body, observer);
}

Tensor maps_of(const Trunk& trunk, const ImageSource& images, const fs::path& cache,
               Observer& observer) {
  Tensor maps(batch_shape(trunk, images.count()));
  const int64_t one = trunk.maps().numel();
  for_each_trunk_batch(
      trunk, images, cache,
      [&](const Tensor& batch, int64_t first) {
        std::copy_n(batch.data(), batch.numel(), maps.data() + first * one);
      },
      observer);
  return maps;
}

}  // namespace secateur
