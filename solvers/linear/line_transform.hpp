#pragma once
// Diagonalisation of the second difference along one axis of a grid.

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

/// The operator (T p)_i = sum over both ends of (p_neighbour - p_i) / distance as its three diagonals; `wrap` joins the
/// two ends of a periodic axis.
struct LineOperator {
  explicit LineOperator(const PoissonAxis& axis);
  std::vector<double> lower, diagonal, upper;  // lower[i] multiplies p_{i-1}
  double wrap = 0;
};

/// A line of values p_i = first[line * between_lines + i * between_points].
struct Lines {
  std::int64_t count, between_lines, between_points;
};

/// Modes q of T q = lambda X q with X = diag(widths): forward gives c = Q^T f, backward p = Q c of every line, with
/// Q^T X Q = scale(). A mode's coefficient is kept in one slot, or in two where the fast transform has it twice.
/// Uniform axes that are periodic or have two equal ends go through fast Fourier and cosine transforms, all others
/// through matrix products.
class LineTransform {
 public:
  [[nodiscard]] static std::unique_ptr<const LineTransform> of(const PoissonAxis& axis);
  virtual ~LineTransform() = default;
  /// Coefficients a line.
  [[nodiscard]] std::int64_t slots() const { return static_cast<std::int64_t>(eigenvalues_.size()); }
  /// lambda of each slot, <= 0.
  [[nodiscard]] const std::vector<double>& eigenvalues() const { return eigenvalues_; }
  [[nodiscard]] double scale() const { return scale_; }
  /// Nanoseconds a line, estimated: what the choice between two axes is made by.
  [[nodiscard]] virtual double cost() const = 0;
  /// Coefficients [count][slots()], which begin at a multiple of 64 bytes. The same bits for the same lines on any
  /// thread of a parallel region; LibTorch itself stays serial there.
  virtual void forward(const double* first, const Lines& lines, double* coefficients) const = 0;
  /// Destroys the coefficients.
  virtual void backward(double* coefficients, double* first, const Lines& lines) const = 0;

 protected:
  std::vector<double> eigenvalues_;
  double scale_ = 1;
};

}  // namespace eddyline
