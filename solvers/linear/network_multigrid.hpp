#pragma once
// Multigrid for networks of conductances, with jumps of the coefficients and stretched cells.

#include <vector>

#include "solvers/linear/conductance_network.hpp"

namespace eddyline {

/// One V-cycle from zero as an approximate inverse. Every level has half the cells along the axis with the strongest
/// links (semicoarsening), as in Ashby & Falgout, Nucl. Sci. Eng. 124 (1996) 145, section III. Every other cell is
/// eliminated from its line by the star-mesh transformation of electrical networks, which is exact along the line and
/// follows the jumps of the coefficient: its value is the mean of its line neighbours weighted with the conductances,
/// two links in series become one, and its links across the line are shared among the neighbours with the same weights.
/// Smoothing: one red-black Gauss-Seidel sweep before, one in reverse after. In one dimension the cycle is an exact
/// solution (cyclic reduction). The same bits for any number of threads.
class NetworkMultigrid {
 public:
  explicit NetworkMultigrid(ConductanceNetwork network);
  [[nodiscard]] const ConductanceNetwork& network() const { return levels_.front().network; }
  /// Scratch of a cycle; one for each thread that solves.
  struct Work {
    std::vector<std::vector<double>> solution, source, residual;  // a level each
  };
  /// z = M r, M the cycle.
  void precondition(const std::vector<double>& r, std::vector<double>& z, Work& work) const;

 private:
  struct Level {
    ConductanceNetwork network;
    std::vector<double> inverse_diagonal;
    int axis = -1;                        // halved towards the next level; -1: the last
    bool can_split = false;               // rows of one colour do not depend on each other
    std::vector<double> to_low, to_high;  // weights of the line neighbours in each eliminated cell
  };
  [[nodiscard]] static Level level_of(ConductanceNetwork network);
  [[nodiscard]] static ConductanceNetwork coarsened(Level& level);
  static void smooth(const Level& level, const std::vector<double>& b, std::vector<double>& x, bool reverse);
  static void restrict_to(const Level& level, const std::vector<double>& fine, std::vector<double>& coarse);
  static void add_prolonged(const Level& level, const std::vector<double>& coarse, std::vector<double>& fine);
  void cycle(std::size_t number, Work& work) const;
  std::vector<Level> levels_;
};

struct ConjugateGradientReport {
  int iterations = 0;
  double residual = 0;  // |b - A p| / |b|
};

/// Conjugate gradients preconditioned by the multigrid cycle, in the form of Polak & Ribiere, which tolerates a cycle
/// that is not exactly symmetric. `p` holds a first guess on entry; of a singular network p has mean zero.
/// @param right_hand_side  of a singular network must sum to zero.
/// @throws NumericalError naming residual and iterations when it has not converged after `most_iterations` or b is not
/// finite; DataError when the right-hand side of a singular network does not sum to zero to 1e-9 of its absolute sum.
ConjugateGradientReport solve(const NetworkMultigrid& multigrid, const std::vector<double>& right_hand_side,
                              std::vector<double>& p, double tolerance, int most_iterations);

}  // namespace eddyline
