#pragma once
// The reference solver for -div(a grad p) = f with a discontinuous coefficient.

#include <memory>
#include <vector>

#include "core/config/formula.hpp"
#include "core/rollout/solver.hpp"
#include "solvers/linear/network_multigrid.hpp"

namespace eddyline {

struct DarcyConfig final : Config {
  double tolerance = 1e-10;
  std::int64_t max_iterations = 200;
  void fields(FieldVisitor& visit) override;
};

/// Second-order finite volumes on tensor-product grids in one to three dimensions: a (`permeability`) is constant in a
/// cell, the flux through a face is that of two resistances in series (harmonic mean), exact for layers along the faces
/// however large their jump. Solved by conjugate gradients with a multigrid cycle to |residual| <= tolerance |f|.
/// The problem is steady: the state at t = 0 holds the coefficient and the pressure as given (zero without), every
/// later state the solution for the forcing and sides of its time. Sides: periodic; prescribed with a formula for
/// `pressure` or for `flux`, the outflow -a dp/dn per area; free_slip, through which nothing flows. Where no side
/// prescribes the pressure, it has mean zero and what flows in must flow out. The same bits for any number of threads.
class DarcySolver final : public Solver {
 public:
  /// @throws ConfigError when the equation is not darcy, there are bodies, or a side does not fit.
  DarcySolver(const DarcyConfig& config, std::shared_ptr<const Case> problem);

  /// @throws NumericalError when the permeability is not positive in a cell or the system does not converge,
  /// ConfigError when no side gives the pressure and source and sides do not balance.
  [[nodiscard]] std::vector<State> advance(std::span<const State> past, double dt, int frames) const override;
  [[nodiscard]] State initial_state() const override;
  /// Infinite: the problem is steady.
  [[nodiscard]] double stable_dt(const State& now) const override;
  /// Rows: change of the permeability per time; -div(a grad p) - f of the second state.
  [[nodiscard]] at::Tensor residual(const State& before, const State& after) const override;
  [[nodiscard]] at::Tensor to_cells(const State& state) const override;
  [[nodiscard]] State from_cells(const at::Tensor& cells, double time) const override;
  [[nodiscard]] at::Tensor fluid_fraction() const override;
  /// equation_residual, |-div(a grad p) - f| / |f|; total_source; outflow through all sides; mean_pressure, least_ and
  /// largest_pressure.
  [[nodiscard]] Diagnostics diagnostics(const State& state) const override;

 private:
  struct Side {
    int axis = 0;
    bool is_high = false, gives_pressure = false;
    std::shared_ptr<const Formula> formula;  // of pressure or outflow; null: nothing flows
  };
  struct System {
    ConductanceNetwork network;
    std::vector<double> source, sides;  // integrals over cells; their sum is the right-hand side
  };
  [[nodiscard]] System assembled(const std::vector<double>& permeability, double time) const;
  void add_sides(const std::vector<double>& permeability, double time, System& system) const;
  [[nodiscard]] std::vector<double> net_outflow(const System& system, const std::vector<double>& pressure) const;
  [[nodiscard]] std::vector<double> values(const State& state, const std::string& channel) const;
  [[nodiscard]] State state_of(const std::vector<double>& permeability, const std::vector<double>& pressure,
                               double time) const;

  DarcyConfig config_;
  std::shared_ptr<const Case> problem_;
  std::array<std::int64_t, 3> cells_ = {1, 1, 1};
  std::array<std::vector<double>, 3> centers_, widths_, nodes_;
  std::array<bool, 3> periodic_{};
  std::vector<Side> sides_;
  std::shared_ptr<const Formula> source_;
};

}  // namespace eddyline
