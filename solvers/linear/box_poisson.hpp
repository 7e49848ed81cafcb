#pragma once
// Direct solution of the seven-point Poisson equation on a tensor-product grid.

#include <cstdint>
#include <functional>
#include <vector>

#include "solvers/grid/padded_field.hpp"
#include "solvers/linear/axis_transform.hpp"

namespace eddyline {

/// Solves sum over the faces of each cell of (face area / distance of centres) * (p_neighbour - p) = f exactly (to
/// round-off): transforms along x and y (Fourier, cosine or matrix, see AxisTransform), elimination along z (Lynch,
/// Rice & Thomas, Numer. Math. 6 (1964) 185; around the corner where z is periodic). Same bits for any number of
/// threads.
class BoxPoisson {
 public:
  /// @throws ConfigError when a periodic axis has a single cell.
  BoxPoisson(const PoissonAxis& x, const PoissonAxis& y, const PoissonAxis& z);

  struct Work {
    AlignedValues modes, scratch;
  };
  /// What is done with planes first..last-1 of the field, in parallel: they are made before they are transformed, and
  /// used when they hold the solution, while they lie in the cache.
  using Planes = std::function<void(std::int64_t first, std::int64_t last)>;
  /// In place: `field` [nz][ny][nx] holds f after `make` and p before `use`. When no end is Dirichlet, f must sum to
  /// zero and p is fixed up to a constant.
  void solve(AlignedValues& field, Work& work, const Planes& make, const Planes& use) const;
  [[nodiscard]] std::size_t cell_count() const { return static_cast<std::size_t>(nx_ * ny_ * nz_); }
  /// Planes that are made and used together; the first of each group is a multiple of it.
  [[nodiscard]] std::int64_t planes_together() const { return planes_together_; }
  /// No end is Dirichlet: p is determined up to a constant.
  [[nodiscard]] bool is_singular() const { return is_singular_; }

 private:
  void eliminate(double* modes) const;
  AxisTransform x_, y_;
  std::int64_t nx_, ny_, nz_, length_, planes_together_;
  bool is_singular_, wraps_;
  std::vector<double> off_diagonal_;       // entry k joins planes k and k + 1
  AlignedValues inverse_pivots_, corner_;  // [nz][ny][length]; corner: factors of the last plane when z is periodic
};

}  // namespace eddyline
