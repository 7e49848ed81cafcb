#include "solvers/linear/capacitance_correction.hpp"

#include <ATen/ATen.h>

#include <algorithm>
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
  if (count == 0) return;
  lines_ = {box.all_lines().last, 0};
  for (const ReducedFace& face : faces_)
    for (const std::int64_t cell : {face.low, face.high})
      if (cell >= 0) lines_ = {std::min(lines_.first, box.line_of(cell)), std::max(lines_.last, box.line_of(cell) + 1)};
  at::Tensor matrix = at::zeros({count, count}, at::kDouble);
  double* entry = matrix.data_ptr<double>();
  std::vector<double> source(cells);
  AlignedValues scratch;
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
  if (count == 0) return box.solve(field, work.modes);
  box.to_modes(field, work.modes, box.all_lines());
  box.eliminate(work.modes);
  // The box's solution beside the faces.
  work.near.resize(field.size());
  box.from_modes(work.modes, work.near, lines_);
  work.jumps.resize(count);
  for (std::size_t k = 0; k < count; ++k) work.jumps[k] = jump(faces_[k], work.near);
  // A_cut p = f  <=>  A_box p = f - G^T y with y = D G p.
  work.strengths.assign(count, 0.0);
  double* strength = work.strengths.data();
  for (std::size_t k = 0; k < count; ++k) {  // inverse_ is symmetric: its rows are its columns
    const double* row = inverse_.data() + k * count;
    const double factor = work.jumps[k];
#pragma omp simd
    for (std::size_t l = 0; l < count; ++l) strength[l] += factor * row[l];
  }
  std::fill(work.near.begin(), work.near.end(), 0.0);
  for (std::size_t k = 0; k < count; ++k) {
    if (faces_[k].high >= 0) work.near[static_cast<std::size_t>(faces_[k].high)] -= strength[k];
    if (faces_[k].low >= 0) work.near[static_cast<std::size_t>(faces_[k].low)] += strength[k];
  }
  work.correction.assign(box.mode_count(), 0.0);
  box.to_modes(work.near, work.correction, lines_);
  box.eliminate(work.correction);
  for (std::size_t k = 0; k < work.modes.size(); ++k) work.modes[k] += work.correction[k];
  box.from_modes(work.modes, field, box.all_lines());
}

}  // namespace eddyline
