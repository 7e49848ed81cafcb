#pragma once
// The explicit finite-volume solver on uniform Cartesian grids.

#include <memory>

#include "core/rollout/solver.hpp"
#include "solvers/grid/grid_sides.hpp"
#include "solvers/grid/random_waves.hpp"
#include "solvers/grid/sweep.hpp"
#include "solvers/time/runge_kutta.hpp"

namespace eddyline {

struct FiniteVolumeConfig final : Config {
  std::string flux;  // empty: the equation's own choice
  std::string reconstruction = "van_leer";
  std::string time = "ssp_rk3";
  double cfl = 0.4;         // of the sum over the axes
  std::int64_t points = 2;  // Gauss points an axis of the cell averages at t = 0
  std::int64_t max_steps_per_frame = 1000000;
  void fields(FieldVisitor& visit) override;
};

/// Cell averages of an equation of `solvers/physics` in one to three dimensions, method of lines: primitive variables
/// are reconstructed along each axis, a Riemann solver gives the fluxes, a Runge-Kutta scheme of Shu & Osher's form the
/// time step. dt = cfl / max over cells of the sum over axes of (fastest signal / cell width). A step that leaves the
/// admissible states (density, pressure or depth not positive, not finite) is repeated with first-order reconstruction
/// in those cells and their neighbours, then with half the step, at most 8 times. The same bits for any number of
/// threads. State: the channels of the equation, and the conserved averages [C, ...] as auxiliary block `conserved`,
/// which make a restart exact.
class FiniteVolumeSolver final : public Solver {
 public:
  /// @throws ConfigError when the grid is stretched, the case has bodies, a side or a scheme does not fit the equation.
  FiniteVolumeSolver(const FiniteVolumeConfig& config, std::shared_ptr<const Case> problem);
  ~FiniteVolumeSolver() override;

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
  struct Work;
  [[nodiscard]] std::unique_ptr<Work> load(const State& state) const;
  [[nodiscard]] State save(const Work& work) const;
  [[nodiscard]] PaddedField field(int components) const { return PaddedField(components, shape_); }
  void evaluate_forcing(double time, PaddedField& rates) const;
  void check_admissible(const PaddedField& conserved, const std::string& where) const;
  [[nodiscard]] double take_step(Work& work, double dt, std::int64_t number) const;
  /// The Runge-Kutta stages from work.stages[0]; null when all is well, else the field with inadmissible cells.
  [[nodiscard]] const PaddedField* try_step(Work& work, double dt) const;
  [[nodiscard]] std::vector<std::array<int, 3>> bad_cells(const PaddedField& conserved) const;
  [[nodiscard]] std::string describe(const PaddedField& conserved, const std::array<int, 3>& cell) const;

  FiniteVolumeConfig config_;
  std::shared_ptr<const Case> problem_;
  BlockShape shape_;
  std::unique_ptr<const Sweep> sweep_;
  std::unique_ptr<const GridSides> sides_;
  RandomWaves forcing_;
  const RungeKutta& scheme_;
  PaddedField bed_;
};

}  // namespace eddyline
