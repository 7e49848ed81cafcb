#pragma once
// A classical reference solver: a Stepper that knows its case and how far it can be trusted.

#include <memory>
#include <utility>

#include "core/rollout/stepper.hpp"

namespace eddyline {

/// Named scalars of one instant, in a fixed order: CFL number, divergence, drag coefficient.
using Diagnostics = std::vector<std::pair<std::string, double>>;

class Solver : public Stepper {
 public:
  static constexpr const char* registry_kind = "solvers";

  /// The case's state at t = 0, made consistent with its boundaries (projected where the equation needs it).
  [[nodiscard]] virtual State initial_state() const = 0;
  /// Largest step that is stable from this state, in time units. @throws NumericalError when it is not finite.
  [[nodiscard]] virtual double stable_dt(const State& now) const = 0;
  /// Cell-wise residual [C, ...] of the given transition: (after - before)/dt minus the discrete right-hand side.
  [[nodiscard]] virtual at::Tensor residual(const State& before, const State& after) const = 0;
  /// Cell-centred channels [C, ...] of a state, in the order of the equation, double.
  [[nodiscard]] virtual at::Tensor to_cells(const State& state) const = 0;
  /// The solver's own state from cell-centred channels, projected where the equation needs it.
  [[nodiscard]] virtual State from_cells(const at::Tensor& cells, double time) const = 0;
  /// Fluid fraction of every cell, 1 in the fluid, 0 in a solid: [...] double.
  [[nodiscard]] virtual at::Tensor fluid_fraction() const = 0;
  /// Quantities for logs and CSV; coefficients are made with the case's scales.
  [[nodiscard]] virtual Diagnostics diagnostics(const State& state) const = 0;
};

/// Factories take the case: create(name, config, problem).
using SolverRegistry = Registry<Solver, std::shared_ptr<const Case>>;

}  // namespace eddyline
