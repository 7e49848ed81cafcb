#include "solvers/linear/capacitance_correction.hpp"

#include <ATen/ATen.h>

#include <cmath>

#include "core/base/error.hpp"
#include "solvers/linear/serially.hpp"

namespace eddyline {

CapacitanceCorrection::CapacitanceCorrection(const TensorProductPoisson& box, std::vector<ReducedFace> faces,
                                             std::size_t cells)
    : faces_(std::move(faces)) {
  constexpr std::size_t max_faces = 6000;
  if (faces_.size() > max_faces)
    throw ResourceError("the bodies cut " + std::to_string(faces_.size()) +
                        " faces; the direct pressure solver takes at most " + std::to_string(max_faces) +
                        ": use a coarser grid or fewer bodies");
  // -A_cut = -A_box - G^T D G with D the reductions and G the jumps across the faces. With S = G (-A_box)^-1 G^T the
  // matrix is I - D^1/2 S D^1/2, positive semi-definite; its null modes are regions that the closed faces isolate.
  const auto count = static_cast<std::int64_t>(faces_.size());
  at::Tensor matrix = at::zeros({count, count}, at::kDouble);
  double* entry = matrix.data_ptr<double>();
  std::vector<double> source(cells), scratch;
  for (std::int64_t k = 0; k < count; ++k) {
    const ReducedFace& face = faces_[static_cast<std::size_t>(k)];
    std::fill(source.begin(), source.end(), 0.0);
    if (face.high >= 0) source[static_cast<std::size_t>(face.high)] = -1;  // -G^T of face k: the box solves A p = f
    if (face.low >= 0) source[static_cast<std::size_t>(face.low)] = 1;
    box.solve(source, scratch);
    for (std::int64_t l = 0; l < count; ++l) {
      const ReducedFace& other = faces_[static_cast<std::size_t>(l)];
      entry[l * count + k] = (k == l ? 1 : 0) - std::sqrt(face.reduction * other.reduction) * jump(other, source);
    }
  }
  at::Tensor scale = at::empty({count}, at::kDouble), pseudo_inverse;
  for (std::int64_t k = 0; k < count; ++k)
    scale.data_ptr<double>()[k] = std::sqrt(faces_[static_cast<std::size_t>(k)].reduction);
  serially([&] {
    const auto [values, vectors] = at::linalg_eigh(0.5 * (matrix + matrix.t()));
    const at::Tensor inverted = at::where(values > 1e-10, values.reciprocal(), at::zeros_like(values));
    pseudo_inverse = (scale.unsqueeze(1) * at::mm(vectors * inverted, vectors.t()) * scale).contiguous();
  });
  inverse_.assign(pseudo_inverse.data_ptr<double>(), pseudo_inverse.data_ptr<double>() + count * count);
}

double CapacitanceCorrection::jump(const ReducedFace& face, const std::vector<double>& field) const {
  const double high = face.high >= 0 ? field[static_cast<std::size_t>(face.high)] : 0;
  const double low = face.low >= 0 ? field[static_cast<std::size_t>(face.low)] : 0;
  return high - low;
}

void CapacitanceCorrection::solve(const TensorProductPoisson& box, std::vector<double>& field, Work& work) const {
  const std::size_t count = faces_.size();
  if (count == 0) return box.solve(field, work.box);
  work.source = field;
  box.solve(field, work.box);
  work.jumps.resize(count);
  for (std::size_t k = 0; k < count; ++k) work.jumps[k] = jump(faces_[k], field);
  // A_cut p = f  <=>  A_box p = f - G^T y with y = D G p.
  for (std::size_t k = 0; k < count; ++k) {
    double strength = 0;
    const double* row = inverse_.data() + k * count;
    for (std::size_t l = 0; l < count; ++l) strength += row[l] * work.jumps[l];
    if (faces_[k].high >= 0) work.source[static_cast<std::size_t>(faces_[k].high)] -= strength;
    if (faces_[k].low >= 0) work.source[static_cast<std::size_t>(faces_[k].low)] += strength;
  }
  std::swap(field, work.source);
  box.solve(field, work.box);
}

}  // namespace eddyline
