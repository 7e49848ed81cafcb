#pragma once
// The reference solver for stiff and dispersive equations on a periodic line.

#include <memory>
#include <optional>

#include "core/rollout/solver.hpp"
#include "solvers/linear/fourier_line.hpp"
#include "solvers/spectral/exponential_runge_kutta.hpp"
#include "solvers/spectral/semilinear.hpp"

namespace eddyline {

struct SpectralConfig final : Config {
  double cfl = 0.5;
  double largest_step = 0;  // time units; 0: no limit of its own
  bool dealias = true;
  std::int64_t max_steps_per_frame = 10'000'000;
  void fields(FieldVisitor& visit) override;
};

/// Fourier pseudo-spectral in space: the state holds point values at the cell centres; products are formed at the
/// points, with the upper third of the wavenumbers cut ("2/3 rule", Orszag 1971). Fourth order in time, the linear part
/// exact (ETDRK4): dt = cfl * cell width / max |convection u|. Keeps the mean to round-off. The same bits for any
/// number of threads; a restart from a written frame is exact.
class SpectralSolver final : public Solver {
 public:
  /// @throws ConfigError when the grid is not one periodic, uniform axis or the equation is not a semilinear one.
  SpectralSolver(const SpectralConfig& config, std::shared_ptr<const Case> problem);

  [[nodiscard]] std::vector<State> advance(std::span<const State> past, double dt, int frames) const override;
  [[nodiscard]] State initial_state() const override;
  [[nodiscard]] double stable_dt(const State& now) const override;
  [[nodiscard]] at::Tensor residual(const State& before, const State& after) const override;
  [[nodiscard]] at::Tensor to_cells(const State& state) const override;
  [[nodiscard]] State from_cells(const at::Tensor& cells, double time) const override;
  [[nodiscard]] at::Tensor fluid_fraction() const override;
  /// stable_dt; total_u, the integral; mean_square; mean_square_gradient.
  [[nodiscard]] Diagnostics diagnostics(const State& state) const override;

 private:
  [[nodiscard]] std::vector<double> values_of(const State& state) const;
  [[nodiscard]] State state_of(std::vector<double> values, double time) const;
  [[nodiscard]] double stable_dt(const std::vector<double>& values, double time) const;
  /// -d/dx (convection u^2 / 2) in wavenumber space.
  void convect(const Coefficients& v, Coefficients& out, std::vector<double>& work) const;

  SpectralConfig config_;
  std::shared_ptr<const Case> problem_;
  FourierLine line_;
  Semilinear equation_;
  Coefficients linear_;
  std::int64_t kept_;  // modes from here on are cut in products
};

}  // namespace eddyline
