#pragma once
// The explicit finite-volume solver on uniform Cartesian grids.

#include <memory>

#include "core/rollout/solver.hpp"
#include "solvers/grid/finite_volume_config.hpp"

namespace eddyline {

class ExplicitSolver;

/// Cell averages of an equation of `solvers/physics` in one to three dimensions, method of lines: primitive variables
/// are reconstructed along each axis, a Riemann solver gives the fluxes, a Runge-Kutta scheme of Shu & Osher's form the
/// time step. dt = cfl / max over cells of the sum over axes of (fastest signal / cell width). A step that leaves the
/// admissible states (density, pressure or depth not positive, not finite) is repeated with first-order reconstruction
/// in those cells and their neighbours, then with half the step, at most 8 times. The same bits for any number of
/// threads. State: the channels of the equation, and the conserved averages [C, ...] as auxiliary block `conserved`,
/// which make a restart exact; in single precision both are float.
class FiniteVolumeSolver final : public Solver {
 public:
  /// @throws ConfigError when the grid is stretched, the case has bodies, a side, the forcing or a scheme does not fit
  /// the equation.
  FiniteVolumeSolver(const FiniteVolumeConfig& config, std::shared_ptr<const Case> problem);
  ~FiniteVolumeSolver() override;
  FiniteVolumeSolver(FiniteVolumeSolver&&) noexcept;

  [[nodiscard]] std::vector<State> advance(std::span<const State> past, double dt, int frames) const override;
  /// Exactly `steps` steps of the stable length (unless a step had to be halved): what benchmarks time.
  [[nodiscard]] State advance_steps(const State& start, std::int64_t steps) const;
  [[nodiscard]] State initial_state() const override;
  [[nodiscard]] double stable_dt(const State& now) const override;
  /// Rows are the conserved components: (after - before)/dt less the rate of change of their mean.
  [[nodiscard]] at::Tensor residual(const State& before, const State& after) const override;
  [[nodiscard]] at::Tensor to_cells(const State& state) const override;
  [[nodiscard]] State from_cells(const at::Tensor& cells, double time) const override;
  [[nodiscard]] at::Tensor fluid_fraction() const override;
  /// stable_dt; the integral of each conserved component over the domain (total_mass, total_momentum_x, total_energy,
  /// or total_ and the channel); the least value of each channel that must stay positive (least_density ..).
  [[nodiscard]] Diagnostics diagnostics(const State& state) const override;

 private:
  std::unique_ptr<const ExplicitSolver> engine_;
};

}  // namespace eddyline
