// Predictors without parameters, the least that a trained operator has to beat. Each is an operator like any other: a
// training ends at once with a run that evaluate, predict and compare open.

#include "core/base/error.hpp"
#include "core/config/config.hpp"
#include "core/training/operator.hpp"

namespace eddyline {
namespace {

/// [B, F, C, ...] from one frame [B, 1, C, ...].
torch::Tensor repeated(const torch::Tensor& frame, const OperatorSpec& spec) {
  auto shape = frame.sizes().vec();
  shape[1] = spec.bundle;
  return frame.expand(shape);
}

/// Past frames, checked against the spec.
const torch::Tensor& past_frames(const Batch& batch, const OperatorSpec& spec) {
  static_cast<void>(stacked_channels(batch, spec));
  return batch.inputs;
}

void check_has_past(const OperatorSpec& spec) {
  if (!spec.forecasts()) throw ConfigError("this operator predicts from past frames; the task has none");
}

/// u(t + j dt) = u(t).
class Persistence final : public Operator {
 public:
  Persistence(const EmptyConfig&, const OperatorSpec& spec) : spec_(spec) { check_has_past(spec); }
  torch::Tensor forward(const Batch& batch) override {
    const auto& past = past_frames(batch, spec_);
    return repeated(past.narrow(1, spec_.history - 1, 1), spec_);
  }
  [[nodiscard]] Output output() const override { return Output::frames; }

 private:
  OperatorSpec spec_;
};

/// u(t + j dt) = u(t) + j (u(t) - u(t - dt)).
class LinearExtrapolation final : public Operator {
 public:
  LinearExtrapolation(const EmptyConfig&, const OperatorSpec& spec) : spec_(spec) {
    if (spec.history < 2)
      throw ConfigError("operator linear_extrapolation needs two past frames; set task.history to 2 or more");
  }
  torch::Tensor forward(const Batch& batch) override {
    const auto& past = past_frames(batch, spec_);
    const auto last = past.narrow(1, spec_.history - 1, 1), before = past.narrow(1, spec_.history - 2, 1);
    std::vector<std::int64_t> shape(static_cast<std::size_t>(past.dim()), 1);
    shape[1] = spec_.bundle;
    return last + (last - before) * torch::arange(1, spec_.bundle + 1, past.options()).view(shape);
  }
  [[nodiscard]] Output output() const override { return Output::frames; }

 private:
  OperatorSpec spec_;
};

/// The mean of each channel over the training split, which is what a normalised zero stands for.
class Mean final : public Operator {
 public:
  Mean(const EmptyConfig&, const OperatorSpec& spec) : spec_(spec) { check_has_past(spec); }
  torch::Tensor forward(const Batch& batch) override {
    return torch::zeros_like(repeated(past_frames(batch, spec_).narrow(1, 0, 1), spec_));
  }
  [[nodiscard]] Output output() const override { return Output::frames; }

 private:
  OperatorSpec spec_;
};

const OperatorRegistry::Registration<Persistence, EmptyConfig> persistence{"persistence", "the last frame stays"};
const OperatorRegistry::Registration<LinearExtrapolation, EmptyConfig> linear{"linear_extrapolation",
                                                                              "the last change goes on"};
const OperatorRegistry::Registration<Mean, EmptyConfig> mean{"mean", "the mean of each channel in the training split"};

}  // namespace
}  // namespace eddyline
