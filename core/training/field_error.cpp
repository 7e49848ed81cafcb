#include "core/training/field_error.hpp"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>

namespace eddyline {

at::Tensor sum_of_squares(const at::Tensor& fields, const at::Tensor& mask) {
  at::Tensor squares = fields.to(at::kDouble).square();
  // A product with the mask would keep a NaN of the solids.
  if (mask.defined()) squares = at::where(mask.unsqueeze(1).unsqueeze(1) > 0, squares, at::zeros({}, at::kDouble));
  return squares.flatten(3).sum(3);
}

at::Tensor frame_error(const at::Tensor& prediction, const at::Tensor& reference, const at::Tensor& mask,
                       const at::Tensor& deviation) {
  const at::Tensor weight = deviation.square().reciprocal();
  const at::Tensor error = (sum_of_squares(prediction.to(at::kDouble) - reference, mask) * weight).sum(2);
  const at::Tensor ratio = (error / (sum_of_squares(reference, mask) * weight).sum(2)).sqrt();
  return at::nan_to_num(ratio, std::numeric_limits<double>::infinity());
}

double mean_or_infinity(const at::Tensor& values) {
  const double mean = values.to(at::kDouble).mean().item<double>();
  return std::isfinite(mean) ? mean : std::numeric_limits<double>::infinity();
}

}  // namespace eddyline
