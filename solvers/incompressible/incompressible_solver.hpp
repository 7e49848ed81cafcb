#pragma once
// The reference solver for two-dimensional incompressible flow.

#include <memory>
#include <optional>
#include <string>

#include "core/rollout/solver.hpp"
#include "solvers/incompressible/body_force.hpp"
#include "solvers/incompressible/scalar_transport.hpp"
#include "solvers/linear/capacitance_correction.hpp"
#include "solvers/physics/incompressible_equation.hpp"

namespace eddyline {

struct IncompressibleConfig final : Config {
  double cfl = 0.8;
  std::string scalar_flux = "automatic";
  std::int64_t max_steps_per_frame = 1000000;
  void fields(FieldVisitor& visit) override;
};

/// Incompressible Navier-Stokes on a staggered tensor-product grid (Harlow & Welch 1965), uniform or stretched, with
/// solid bodies as cut cells, forcing, linear drag and a transported scalar that may be buoyant. Second order in space:
/// energy-conserving central convection, central diffusion. Time: three-stage Runge-Kutta of Shu & Osher with an exact
/// projection in every stage, which keeps its order for the velocity (Sanderse & Koren, J. Comput. Phys. 231 (2012)
/// 3041); wall friction of cut cells is implicit. Pressure: direct (fast transforms or diagonalisation, capacitance
/// matrix for bodies), so the divergence vanishes to round-off in every stage. Sides: periodic, inflow, outflow
/// (pressure zero, velocity convected out), no_slip, moving_wall, free_slip, prescribed. State: cell fields velocity_x,
/// velocity_y, pressure (kinematic) and the scalar; auxiliary blocks face_velocity_x [ny, nx+1] and face_velocity_y
/// [ny+1, nx], which make a restart exact.
class IncompressibleSolver final : public Solver {
 public:
  /// @throws ConfigError when the case is not two-dimensional or has another equation, its sides or forcing contradict
  /// it, or a body does not fit.
  IncompressibleSolver(const IncompressibleConfig& config, std::shared_ptr<const Case> problem);
  ~IncompressibleSolver() override;

  [[nodiscard]] std::vector<State> advance(std::span<const State> past, double dt, int frames) const override;
  [[nodiscard]] State initial_state() const override;
  [[nodiscard]] double stable_dt(const State& now) const override;
  [[nodiscard]] at::Tensor residual(const State& before, const State& after) const override;
  [[nodiscard]] at::Tensor to_cells(const State& state) const override;
  [[nodiscard]] State from_cells(const at::Tensor& cells, double time) const override;
  [[nodiscard]] at::Tensor fluid_fraction() const override;
  /// cfl (of the last stable step's limit), divergence (largest, of the cell's outflow over its area), kinetic_energy,
  /// enstrophy (integrals of u^2 / 2 and of the squared vorticity / 2), mass_in, mass_out; with bodies
  /// drag_coefficient, lift_coefficient = 2 F / (U^2 D); with a scalar mean_ and its name; for a temperature prescribed
  /// on two sides nusselt: mean of -dT/dn over the hottest side times D over the difference of the sides.
  [[nodiscard]] Diagnostics diagnostics(const State& state) const override;

 private:
  struct Work;
  [[nodiscard]] std::unique_ptr<Work> work() const;
  [[nodiscard]] std::string scalar_name() const { return scalar_ ? scalar_->channel : std::string(); }
  [[nodiscard]] std::unique_ptr<Work> load(const State& state) const;
  [[nodiscard]] State save(Work& work) const;
  void project(Work& work, double factor) const;
  void fill_ghosts(Work& work) const;
  [[nodiscard]] Sources sources(Work& work) const;
  void accelerate(Work& work) const;
  void stage(Work& work, const Stage& stage, double time) const;
  void update_pressure(Work& work) const;
  /// The cell that allows the smallest step, or the first that is not finite.
  struct FastestCell {
    std::int64_t i = 0, j = 0;
    double rate = 0;  // 1 / time
  };
  [[nodiscard]] FastestCell fastest_cell(const Work& work) const;
  [[nodiscard]] double stable_dt(const Work& work) const;
  [[nodiscard]] std::string description(const Work& work, std::int64_t i, std::int64_t j) const;
  void check(const Work& work, std::int64_t step, double dt) const;
  void move_outflow(const Work& work, FaceVelocity& acceleration) const;
  [[nodiscard]] double enstrophy(const Work& work) const;
  [[nodiscard]] std::optional<double> nusselt(const Work& work) const;

  IncompressibleConfig config_;
  std::shared_ptr<const Case> problem_;
  std::optional<TransportedScalar> scalar_;
  Sides sides_;
  CutCells cells_;
  double viscosity_;
  std::shared_ptr<const MomentumBalance> balance_;
  std::shared_ptr<const ScalarTransport> transport_;  // null without a scalar
  BodyForce force_;
  double buoyancy_ = 0, drag_ = 0;
  std::shared_ptr<const TensorProductPoisson> poisson_;
  std::shared_ptr<const CapacitanceCorrection> correction_;
};

}  // namespace eddyline
