#pragma once
// Bodies in a box solver: a Poisson equation whose coefficients differ from the box's on few faces, solved exactly.

#include <cstdint>
#include <vector>

#include "solvers/linear/tensor_product_poisson.hpp"

namespace eddyline {

/// A face between two cells (flat indices; -1 is the outside of a Dirichlet end) whose coefficient is `reduction`
/// smaller than the box's, 0 < reduction <= box coefficient.
struct ReducedFace {
  std::int64_t low = -1, high = -1;
  double reduction = 0;
};

/// The capacitance matrix method (Buzbee, Dorr, George & Golub, SIAM J. Numer. Anal. 8 (1971) 722; Proskurowski &
/// Widlund, Math. Comp. 30 (1976) 433), which is the Woodbury identity: two box solutions and one small dense product a
/// solution, no iteration; the two share their transforms but on the lines of the faces. The dense matrix is made once:
/// one box solve a face. Regions that closed faces cut off keep any constant.
class CapacitanceCorrection {
 public:
  /// @throws ResourceError for over 6000 faces (the dense matrix would take over 288 MB).
  CapacitanceCorrection(const TensorProductPoisson& box, std::vector<ReducedFace> faces, std::size_t cells);
  struct Work {
    AlignedValues modes, correction;
    std::vector<double> near, jumps, strengths;
  };
  /// In place, as TensorProductPoisson::solve.
  void solve(const TensorProductPoisson& box, std::vector<double>& field, Work& work) const;

 private:
  [[nodiscard]] double jump(const ReducedFace& face, const std::vector<double>& field) const;
  std::vector<ReducedFace> faces_;
  TensorProductPoisson::LineRange lines_{0, 0};  // that hold cells of the faces
  std::vector<double> inverse_;                  // [m][m], scaled pseudo-inverse, symmetric
};

}  // namespace eddyline
