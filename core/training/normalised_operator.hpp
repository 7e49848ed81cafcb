#pragma once
// An operator with its normaliser: what forecasting and regression have in common.

#include <memory>

#include "core/base/tensor.hpp"
#include "core/training/normaliser.hpp"
#include "core/training/operator.hpp"

namespace eddyline {

/// Cheap to copy; the operator and the normaliser are shared.
class NormalisedOperator {
 public:
  /// @param mask_channel  static channel that marks the fluid, -1 when there is none.
  NormalisedOperator(std::shared_ptr<Operator> model, OperatorSpec spec, std::shared_ptr<const Normaliser> normaliser,
                     std::int64_t mask_channel)
      : model_(std::move(model)), spec_(spec), normaliser_(std::move(normaliser)), mask_channel_(mask_channel) {}

  /// What the operator gives, [B, F, C, ...], with its graph. @throws ShapeError when it has another shape.
  [[nodiscard]] torch::Tensor output(const Batch& batch) const;
  /// Solids at physical zero. @param frames [B, F, C, ...] normalised.
  [[nodiscard]] torch::Tensor with_solids(const torch::Tensor& frames, const Batch& batch) const;
  /// Physical units, solids at exactly zero. @param frames [B, F, C, ...] normalised.
  [[nodiscard]] at::Tensor physical(const at::Tensor& frames, const Batch& batch) const;
  /// The part of a batch that does not change in time: statics, mask and parameters.
  /// @param statics [B, S, ...], S may be 0. @param parameters [B, P] physical, double. @throws ShapeError.
  [[nodiscard]] Batch conditions(const at::Tensor& statics, const at::Tensor& parameters) const;

  [[nodiscard]] Operator& model() const { return *model_; }
  [[nodiscard]] const OperatorSpec& spec() const { return spec_; }
  [[nodiscard]] const Normaliser& normaliser() const { return *normaliser_; }
  [[nodiscard]] const std::shared_ptr<const Normaliser>& shared_normaliser() const { return normaliser_; }

 private:
  std::shared_ptr<Operator> model_;
  OperatorSpec spec_;
  std::shared_ptr<const Normaliser> normaliser_;
  std::int64_t mask_channel_;
};

/// Evaluation mode for a scope.
class EvaluationMode {
 public:
  explicit EvaluationMode(torch::nn::Module& module) : module_(module), was_training_(module.is_training()) {
    if (was_training_) module_.eval();
  }
  ~EvaluationMode() {
    if (was_training_) module_.train();
  }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  torch::nn::Module& module_;
  bool was_training_;
};

/// "[2, 3, 16]".
[[nodiscard]] std::string shape_text(const at::Tensor& tensor);

}  // namespace eddyline
