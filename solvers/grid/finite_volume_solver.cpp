#include "solvers/grid/finite_volume_solver.hpp"

#include "solvers/grid/finite_volume_engine.hpp"

namespace eddyline {

void FiniteVolumeConfig::fields(FieldVisitor& visit) {
  visit("flux", flux, rule::any(),
        "rusanov, hll, hllc or roe, as far as it fits the equation; empty is its own choice");
  visit("reconstruction", reconstruction, rule::any(),
        "piecewise_constant, minmod, van_leer, monotonized_central, weno5z or, for gases, weno5z_characteristic");
  visit("time", time, rule::any(), "ssp_rk2, ssp_rk3 or rk4");
  visit("cfl", cfl, rule::between(0.01, 1), "Courant number, of the sum over the axes");
  visit("precision", precision, rule::one_of({"double", "float"}), "of the cells and of all that is done with them");
  visit("points", points, rule::between(1, 3), "Gauss points an axis for the cell averages at t = 0");
  visit("max_steps_per_frame", max_steps_per_frame, rule::at_least(1), "more steps between two frames stop the run");
}

FiniteVolumeSolver::FiniteVolumeSolver(const FiniteVolumeConfig& config, std::shared_ptr<const Case> problem) {
  if (config.precision == "float") {
    engine_ = std::make_unique<FiniteVolumeEngine<float>>(config, std::move(problem));
  } else {
    engine_ = std::make_unique<FiniteVolumeEngine<double>>(config, std::move(problem));
  }
}
FiniteVolumeSolver::~FiniteVolumeSolver() = default;
FiniteVolumeSolver::FiniteVolumeSolver(FiniteVolumeSolver&&) noexcept = default;

std::vector<State> FiniteVolumeSolver::advance(std::span<const State> past, double dt, int frames) const {
  return engine_->advance(past, dt, frames);
}
State FiniteVolumeSolver::advance_steps(const State& start, std::int64_t steps) const {
  return engine_->advance_steps(start, steps);
}
State FiniteVolumeSolver::initial_state() const { return engine_->initial_state(); }
double FiniteVolumeSolver::stable_dt(const State& now) const { return engine_->stable_dt(now); }
at::Tensor FiniteVolumeSolver::residual(const State& before, const State& after) const {
  return engine_->residual(before, after);
}
at::Tensor FiniteVolumeSolver::to_cells(const State& state) const { return engine_->to_cells(state); }
State FiniteVolumeSolver::from_cells(const at::Tensor& cells, double time) const {
  return engine_->from_cells(cells, time);
}
at::Tensor FiniteVolumeSolver::fluid_fraction() const { return engine_->fluid_fraction(); }
Diagnostics FiniteVolumeSolver::diagnostics(const State& state) const { return engine_->diagnostics(state); }

namespace {
const SolverRegistry::Registration<FiniteVolumeSolver, FiniteVolumeConfig> registration{
    "finite_volume",
    "explicit finite volumes on Cartesian grids: gases, shallow water, Burgers, advection, waves in 1D to 3D"};
}  // namespace

}  // namespace eddyline
