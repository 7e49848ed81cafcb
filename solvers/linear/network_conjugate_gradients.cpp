#include <algorithm>
#include <cmath>
#include <cstddef>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "solvers/linear/network_multigrid.hpp"

namespace eddyline {
namespace {

constexpr std::size_t block = 4096;

/// In blocks, so that the bits do not depend on the number of threads.
template <class Term>
double sum_of(std::size_t count, Term term) {
  std::vector<double> parts((count + block - 1) / block, 0.0);
#pragma omp parallel for schedule(static) if (count > 20000)
  for (std::size_t part = 0; part < parts.size(); ++part)
    for (std::size_t i = part * block; i < std::min(count, (part + 1) * block); ++i) parts[part] += term(i);
  double sum = 0;
  for (const double part : parts) sum += part;
  return sum;
}

double product(const std::vector<double>& a, const std::vector<double>& b) {
  return sum_of(a.size(), [&](std::size_t i) { return a[i] * b[i]; });
}

void subtract_mean(std::vector<double>& values) {
  const double mean =
      sum_of(values.size(), [&](std::size_t i) { return values[i]; }) / static_cast<double>(values.size());
  for (double& value : values) value -= mean;
}

}  // namespace

ConjugateGradientReport solve(const NetworkMultigrid& multigrid, const std::vector<double>& right_hand_side,
                              std::vector<double>& p, double tolerance, int most_iterations) {
  const ConductanceNetwork& network = multigrid.network();
  const bool singular = network.is_singular();
  std::vector<double> b = right_hand_side;
  if (singular) {
    const double sum = sum_of(b.size(), [&](std::size_t i) { return b[i]; }),
                 size = sum_of(b.size(), [&](std::size_t i) { return std::abs(b[i]); });
    if (std::abs(sum) > 1e-9 * size)
      throw DataError("the right-hand side sums to " + format_number(sum, 6) + " (its absolute values to " +
                      format_number(size, 6) + "): without a side where the solution is given it must sum to zero");
    subtract_mean(b);
    subtract_mean(p);
  }
  const double norm = std::sqrt(product(b, b));
  if (!std::isfinite(norm)) throw NumericalError("the right-hand side of the linear system is not finite");
  if (norm == 0) {
    p.assign(b.size(), 0.0);
    return {};
  }
  NetworkMultigrid::Work work;
  std::vector<double> r, z, direction, image, old;
  network.apply(p, r);
  for (std::size_t i = 0; i < r.size(); ++i) r[i] = b[i] - r[i];
  double rho = 0;
  for (int iteration = 0;; ++iteration) {
    const double residual = std::sqrt(product(r, r)) / norm;
    if (residual <= tolerance) {
      if (singular) subtract_mean(p);
      return {iteration, residual};
    }
    if (iteration == most_iterations || !std::isfinite(residual))
      throw NumericalError("the linear system has not converged: relative residual " + format_number(residual, 3) +
                           " after " + std::to_string(iteration) + " iterations, wanted " +
                           format_number(tolerance, 3));
    multigrid.precondition(r, z, work);
    if (singular) subtract_mean(z);
    const double next = product(r, z);
    const double beta = iteration == 0 ? 0 : (next - product(old, z)) / rho;
    rho = next;
    if (iteration == 0) {
      direction = z;
    } else {
#pragma omp parallel for schedule(static) if (z.size() > 20000)
      for (std::size_t i = 0; i < z.size(); ++i) direction[i] = z[i] + beta * direction[i];
    }
    network.apply(direction, image);
    const double alpha = rho / product(direction, image);
    old = r;
#pragma omp parallel for schedule(static) if (z.size() > 20000)
    for (std::size_t i = 0; i < z.size(); ++i) {
      p[i] += alpha * direction[i];
      r[i] -= alpha * image[i];
    }
  }
}

}  // namespace eddyline
