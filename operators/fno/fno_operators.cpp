// The FNO family as trainable operators.

#include "core/training/operator.hpp"
#include "operators/fno/fno_classic.hpp"
#include "operators/fno/fno_model.hpp"

namespace eddyline::fno {
namespace {

/// [B, F*C, ...] to [B, F, C, ...].
torch::Tensor as_frames(const torch::Tensor& y, const OperatorSpec& spec) {
  return y.unflatten(1, {spec.bundle, spec.channels});
}

class FnoOperator final : public Operator {
 public:
  FnoOperator(const FnoConfig& config, const OperatorSpec& spec) : spec_(spec) {
    model_ = register_module(
        "model", FnoModel(config, stacked_channel_count(spec), spec.bundle * spec.channels, spec.dimension));
  }
  torch::Tensor forward(const Batch& batch) override {
    return as_frames(model_(stacked_channels(batch, spec_)), spec_);
  }
  bool resolution_free() const override { return true; }

 private:
  OperatorSpec spec_;
  FnoModel model_{nullptr};
};

/// The grid of the classic form: linspace(0, 1, N) along each axis, end point included.
torch::Tensor unit_grid(const torch::Tensor& x) {
  const auto dimension = x.dim() - 2;
  std::vector<torch::Tensor> lines;
  for (std::int64_t axis = 0; axis < dimension; ++axis)
    lines.push_back(torch::linspace(0, 1, x.size(axis + 2), x.options()));
  auto shape = x.sizes().slice(2).vec();
  shape.insert(shape.begin(), x.size(0));
  shape.push_back(dimension);
  return torch::stack(torch::meshgrid(lines, "ij"), -1).unsqueeze(0).expand(shape);
}

class ClassicFnoOperator final : public Operator {
 public:
  ClassicFnoOperator(const ClassicFnoConfig& config, const OperatorSpec& spec) : spec_(spec) {
    model_ = register_module(
        "model", ClassicFno(config, stacked_channel_count(spec), spec.bundle * spec.channels, spec.dimension));
  }
  torch::Tensor forward(const Batch& batch) override {
    const auto x = stacked_channels(batch, spec_);
    return as_frames(model_(x.movedim(1, -1), unit_grid(x)).movedim(-1, 1), spec_);
  }
  bool resolution_free() const override { return true; }

 private:
  OperatorSpec spec_;
  ClassicFno model_{nullptr};
};

const OperatorRegistry::Registration<FnoOperator, FnoConfig> library_form{
    "fno", "Fourier neural operator, 1D to 3D, as in neuraloperator"};
const OperatorRegistry::Registration<ClassicFnoOperator, ClassicFnoConfig> classic_form{
    "fno_classic", "Fourier neural operator of the paper, as in PDEBench"};

}  // namespace
}  // namespace eddyline::fno
