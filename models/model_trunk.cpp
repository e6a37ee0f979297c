#include "models/model_trunk.h"

#include "models/fingerprint.h"
#include "ops/avg_pool/avg_pool.h"
#include "tensor/error.h"

namespace secateur {
namespace {

class ModelTrunk : public Trunk {
 public:
  ModelTrunk(const Model& model, size_t blocks)
      : model_(model.frozen()), fingerprint_(fingerprint(model)), blocks_(blocks) {}

  const InputSpec& input() const override { return model_.architecture().input; }
  Shape maps() const override { return model_.architecture().shape_before(blocks_); }
  std::string identity() const override { return fmt::format("{}/{}", fingerprint_, blocks_); }

  Tensor operator()(const Tensor& images) const override {
    const InputSpec& in = input();
    require(images.rank() == 4 && images.dim(1) == in.channels && images.dim(2) == in.height &&
                images.dim(3) == in.width,
            "trunk", "wanted images [n, {}, {}, {}], got {}", in.channels, in.height, in.width,
            images.shape());
    return model_.forward_blocks(Variable(images), 0, blocks_, Mode::kEvaluation).value();
  }

 private:
  Model model_;
  std::string fingerprint_;
  size_t blocks_;
};

int64_t pooled(int64_t extent, int64_t side) { return (extent + side - 1) / side; }

class PooledTrunk : public Trunk {
 public:
  PooledTrunk(std::unique_ptr<Trunk> trunk, int64_t side) : trunk_(std::move(trunk)), side_(side) {}

  const InputSpec& input() const override { return trunk_->input(); }
  Shape maps() const override {
    const Shape whole = trunk_->maps();
    return {whole[0], pooled(whole[1], side_), pooled(whole[2], side_)};
  }
  std::string identity() const override {
    return fmt::format("{}/mean {}", trunk_->identity(), side_);
  }

  Tensor operator()(const Tensor& images) const override {
    const Shape whole = trunk_->maps();
    const Padding padding{.bottom = pooled(whole[1], side_) * side_ - whole[1],
                          .right = pooled(whole[2], side_) * side_ - whole[2]};
    return avg_pool(Variable((*trunk_)(images)),
                    {.window = {.kernel = side_, .stride = side_, .padding = padding}})
        .value();
  }

 private:
  std::unique_ptr<Trunk> trunk_;
  int64_t side_;
};

}  // namespace

std::unique_ptr<Trunk> trunk_of_model(const Model& model, size_t blocks) {
  const size_t most = model.architecture().blocks.size();
  if (blocks < 1 || blocks > most) {
    fail(ErrorKind::kUsage, "trunk", "wanted 1 to {} layers of the model, got {}", most, blocks);
  }
  return std::make_unique<ModelTrunk>(model, blocks);
}

std::unique_ptr<Trunk> with_pooled_maps(std::unique_ptr<Trunk> trunk, int64_t most_pixels) {
  const Shape maps = trunk->maps();
  int64_t side = 1;
  while (pooled(maps[1], side) * pooled(maps[2], side) > most_pixels) ++side;
  if (side == 1) return trunk;
  return std::make_unique<PooledTrunk>(std::move(trunk), side);
}

}  // namespace secateur
