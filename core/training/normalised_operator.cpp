#include "core/training/normalised_operator.hpp"

#include <sstream>

#include "core/base/error.hpp"

namespace eddyline {

std::string shape_text(const at::Tensor& tensor) {
  std::ostringstream text;
  text << tensor.sizes();
  return text.str();
}

torch::Tensor NormalisedOperator::output(const Batch& batch) const {
  torch::Tensor output = model_->forward(batch);
  const auto& inputs = batch.inputs;
  if (output.dim() != inputs.dim() || output.size(1) != spec_.bundle || output.size(2) != spec_.channels ||
      output.sizes().slice(3) != inputs.sizes().slice(3))
    throw ShapeError("the operator gave " + shape_text(output) + " for inputs " + shape_text(inputs) + "; expected " +
                     std::to_string(spec_.bundle) + " frames of " + std::to_string(spec_.channels) + " channels");
  return output;
}

torch::Tensor NormalisedOperator::with_solids(const torch::Tensor& frames, const Batch& batch) const {
  if (!batch.mask.defined()) return frames;
  return torch::where(batch.mask.unsqueeze(1).unsqueeze(1) > 0, frames, normaliser_->solid_value(frames));
}

at::Tensor NormalisedOperator::physical(const at::Tensor& frames, const Batch& batch) const {
  const at::Tensor fields = normaliser_->invert(frames);
  // The solids' zero survives the rounding of the round trip.
  return batch.mask.defined() ? fields * batch.mask.unsqueeze(1).unsqueeze(1) : fields;
}

Batch NormalisedOperator::conditions(const at::Tensor& statics, const at::Tensor& parameters) const {
  if (statics.dim() != spec_.dimension + 2 || statics.size(1) != spec_.static_channels)
    throw ShapeError("the model takes " + std::to_string(spec_.static_channels) + " static channels on " +
                     std::to_string(spec_.dimension) + " axes of space, got " + shape_text(statics));
  if (parameters.size(1) != spec_.parameters)
    throw ShapeError("the model takes " + std::to_string(spec_.parameters) + " parameters, got " +
                     std::to_string(parameters.size(1)));
  Batch batch;
  batch.statics = statics.to(at::kFloat);
  if (mask_channel_ >= 0) batch.mask = (batch.statics.select(1, mask_channel_) > 0).to(at::kFloat);
  batch.parameters = normaliser_->parameters(parameters);
  return batch;
}

}  // namespace eddyline
