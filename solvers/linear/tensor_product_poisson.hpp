#pragma once
// Direct solution of the five-point Poisson equation on a tensor-product grid.

#include <cstdint>
#include <memory>
#include <vector>

namespace eddyline {

/// What the solution does at one end of an axis. Dirichlet: zero on the boundary itself, half a cell from the centre.
enum class PoissonEnd { periodic, neumann, dirichlet };

struct PoissonAxis {
  std::vector<double> widths;  // cell widths
  PoissonEnd low = PoissonEnd::neumann, high = PoissonEnd::neumann;
};

/// Solves sum over the faces of each cell of (face length / distance of centres) * (p_neighbour - p) = f exactly (to
/// round-off) by diagonalisation along x (matrix products) and elimination along y; along both axes when y is periodic.
/// Lynch, Rice & Thomas, Numer. Math. 6 (1964) 185. Work 4 nx^2 ny; same bits for any number of threads.
class TensorProductPoisson {
 public:
  TensorProductPoisson(PoissonAxis x, PoissonAxis y);
  ~TensorProductPoisson();
  TensorProductPoisson(TensorProductPoisson&&) noexcept;
  TensorProductPoisson& operator=(TensorProductPoisson&&) noexcept;

  /// In place: `field` holds f on entry and p on exit, row-major [ny][nx]. When no end is Dirichlet, f must sum to zero
  /// and p is fixed up to a constant. `work` is scratch of any size.
  void solve(std::vector<double>& field, std::vector<double>& work) const;
  /// No end is Dirichlet: p is determined up to a constant.
  [[nodiscard]] bool is_singular() const;

 private:
  struct Factors;
  std::unique_ptr<Factors> factors_;
};

}  // namespace eddyline
