#pragma once
// Several opinions on one yes-or-no decision, mixed into one probability.
//
// Each opinion is a probability that was learnt in a context of its own. They are added in the
// logistic domain, each with a weight, and the weights learn which opinions are worth more (Mahoney
// 2005). All in integers, so that encoder and decoder agree on any machine.

#include <array>
#include <cstddef>
#include <cstdint>

namespace secateur {

// The learnt probability of a one. It moves by 1 / (decisions seen + 2) of the surprise, down to
// 1/252.
class Opinion {
 public:
  Opinion() = default;
  // Before anything was seen: `probability` in 1/65536, trusted as if `trust` decisions old.
  Opinion(int32_t probability, int32_t trust) : one_(probability), seen_(trust) {}

  int32_t probability() const { return one_; }  // in 1/65536
  bool fresh() const { return seen_ == 0; }
  void learn(bool bit);
  void start_from(const Opinion& other, int32_t trust);

 private:
  int32_t one_ = 1 << 15;
  int32_t seen_ = 0;
};

inline constexpr size_t kOpinions = 5;
using Opinions = std::array<Opinion*, kOpinions>;

class Mixer {
 public:
  Mixer() { weights_.fill(13763); }  // 0.21 each

  // Of a one, in 1/4096, within [4, 4092].
  uint32_t probability(const Opinions& opinions);
  // Teaches weights and opinions; follows probability() of the same opinions.
  void learn(const Opinions& opinions, bool bit);

 private:
  std::array<int64_t, kOpinions> weights_;   // in 1/65536
  std::array<int32_t, kOpinions> inputs_{};  // of the last probability()
  int32_t mixed_ = 2048;
};

// 4096 / (1 + exp(-x / 256)), from a table, for any x; and its inverse for [0, 4095].
int32_t squash(int64_t x);
int32_t stretch(int32_t probability);

}  // namespace secateur
