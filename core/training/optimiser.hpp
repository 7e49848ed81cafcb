#pragma once
// AdamW, its learning rate, gradient clipping and the running average of the weights. All state is plain tensors by
// parameter name, so that a checkpoint restores it to the bit.

#include <map>
#include <string>
#include <vector>

#include "core/base/tensor.hpp"

namespace eddyline {

using NamedState = std::map<std::string, at::Tensor>;

/// Linear warm-up, then a cosine from `peak` to `last`. Loshchilov & Hutter, SGDR (2017), eq. 5, without restarts. The
/// rate changes every `stride` steps; `warmup` and `length` count such strides.
struct LearningRateSchedule {
  double peak = 1e-3, last = 1e-5;
  std::int64_t warmup = 0;
  std::int64_t length = 1;  // of the cosine, from `peak` to `last`; the rate stays there
  std::int64_t stride = 1;
  /// Of step 0, 1, ...
  [[nodiscard]] double operator()(std::int64_t step) const;
};

/// Scales all gradients so that their joint norm is at most `limit`; 0 leaves them. Complex gradients count as pairs.
/// @return the norm before; not finite when a gradient is not.
double clip_gradients(const std::vector<torch::Tensor>& parameters, double limit);

struct AdamWOptions {
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double weight_decay = 1e-5;
  bool decays_all = false;   // false: only parameters with two axes or more; biases and scales keep their size
  bool joins_parts = false;  // complex parameters: one second moment, of |g|^2, for real and imaginary part
};

/// Decoupled weight decay: Loshchilov & Hutter (2019), arXiv:1711.05101, algorithm 2. Complex parameters are updated as
/// pairs of real ones, or with `joins_parts` as neuraloperator 2.0.0 does it (neuralop/training/adamw.py), so that a
/// step does not depend on the direction in the complex plane.
class AdamW {
 public:
  AdamW(torch::nn::Module& module, AdamWOptions options);
  /// One update from the gradients; parameters without a gradient stay.
  void step(double learning_rate);
  /// `<parameter>.first_moment`, `.second_moment`, `.steps`.
  [[nodiscard]] NamedState state() const;
  /// @throws DataError naming what is missing or misshapen.
  void restore(const NamedState& state, const std::string& source);

 private:
  struct Slot {
    std::string name;
    torch::Tensor parameter;                           // shares the module's storage
    torch::Tensor first_moment, second_moment, steps;  // real
    bool decays;
  };
  void step_joined(const Slot& slot, double learning_rate) const;

  std::vector<Slot> slots_;
  AdamWOptions options_;
};

/// Exponential moving average of parameters (Polyak & Juditsky, 1992); buffers are copied. The decay grows from 0.1
/// as (1 + n) / (10 + n), so that early weights are forgotten.
class WeightAverage {
 public:
  /// @param decay  0 keeps the latest weights.
  WeightAverage(torch::nn::Module& module, double decay);
  void update(std::int64_t step);
  [[nodiscard]] const NamedState& state() const { return average_; }
  void restore(const NamedState& state, const std::string& source);

  /// The module holds the average while this lives, and its own weights again after.
  class Applied {
   public:
    explicit Applied(WeightAverage& average);
    ~Applied();
    Applied(const Applied&) = delete;
    Applied& operator=(const Applied&) = delete;

   private:
    WeightAverage& average_;
    NamedState own_;
  };

 private:
  torch::nn::Module& module_;
  double decay_;
  NamedState average_;
};

/// Parameters and buffers by name, complex ones as pairs of real numbers [..., 2]; shares storage.
[[nodiscard]] NamedState weights_of(const torch::nn::Module& module);
/// A copy that later steps leave alone.
[[nodiscard]] NamedState copied(const NamedState& state);
/// Copies the values. @throws DataError listing missing, unexpected and misshapen names with the nearest ones.
void load_weights(torch::nn::Module& module, const NamedState& weights, const std::string& source);

}  // namespace eddyline
