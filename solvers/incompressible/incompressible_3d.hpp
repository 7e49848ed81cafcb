#pragma once
// The reference solver for three-dimensional incompressible flow in boxes without bodies.

#include <memory>
#include <string>

#include "core/rollout/solver.hpp"
#include "solvers/incompressible/box_forces.hpp"
#include "solvers/incompressible/box_scalar.hpp"
#include "solvers/linear/box_poisson.hpp"

namespace eddyline {

struct Incompressible3dConfig final : Config {
  double cfl = 0.8;
  std::string scalar_flux = "automatic";
  std::int64_t max_steps_per_frame = 1000000;
  void fields(FieldVisitor& visit) override;
};

/// Incompressible Navier-Stokes on a staggered tensor-product grid (Harlow & Welch 1965), uniform or stretched along
/// every axis, alone or with a scalar (tracer, Boussinesq, smoke). Second order in space, third in time for the
/// velocity: Runge-Kutta of Shu & Osher with an exact projection in every stage (Sanderse & Koren, J. Comput. Phys. 231
/// (2012) 3041). Pressure: direct, see BoxPoisson; the divergence vanishes to round-off in every stage. Sides:
/// periodic, inflow (uniform, parabolic, formulas), outflow (pressure zero, velocity carried out), no_slip,
/// moving_wall, free_slip, prescribed; values of the scalar on every side through which it does not flow out. State:
/// cell fields of the equation's channels; auxiliary blocks face_velocity_x [nz, ny, nx+1], _y [nz, ny+1, nx], _z
/// [nz+1, ny, nx], which make a restart exact.
class Incompressible3d final : public Solver {
 public:
  /// @throws ConfigError when the case is not a box in three dimensions or its settings contradict each other.
  Incompressible3d(const Incompressible3dConfig& config, std::shared_ptr<const Case> problem);
  ~Incompressible3d() override;

  [[nodiscard]] std::vector<State> advance(std::span<const State> past, double dt, int frames) const override;
  [[nodiscard]] State initial_state() const override;
  [[nodiscard]] double stable_dt(const State& now) const override;
  [[nodiscard]] at::Tensor residual(const State& before, const State& after) const override;
  [[nodiscard]] at::Tensor to_cells(const State& state) const override;
  [[nodiscard]] State from_cells(const at::Tensor& cells, double time) const override;
  [[nodiscard]] at::Tensor fluid_fraction() const override;
  /// cfl (of the largest stable step), divergence (largest), kinetic_energy (integral over the faces' control volumes,
  /// which convection conserves), enstrophy (integral of half the squared vorticity), dissipation (viscosity times the
  /// integral of the squared velocity gradient), mass_in, mass_out; with a scalar its mean, least and largest value.
  [[nodiscard]] Diagnostics diagnostics(const State& state) const override;

 private:
  struct Work;
  /// What a cell allows: rate = 1 / largest stable step.
  struct FastestCell {
    int i = 0, j = 0, k = 0;
    double rate = 0;
  };
  [[nodiscard]] std::unique_ptr<Work> work() const;
  [[nodiscard]] std::unique_ptr<Work> load(const State& state) const;
  [[nodiscard]] State save(Work& work) const;
  void set_initial_fields(Work& work) const;
  void step(Work& work, double dt) const;
  void stage(Work& work, BoxFields& from, BoxFields& start, BoxFields& to, const StageWeights& weights,
             double time) const;
  void project(Work& work, PaddedField& velocity) const;
  void rates(Work& work, BoxFields& rate) const;
  void move_outflow(const PaddedField& from, const PaddedField& start, const StageWeights& weights,
                    PaddedField& to) const;
  /// Rates with the pressure that makes them free of divergence, which is returned [nz, ny, nx].
  [[nodiscard]] AlignedValues balanced_rates(Work& work, BoxFields& rate) const;
  void set_divergence(const PaddedField& velocity, std::int64_t first, std::int64_t last, double* out) const;
  void subtract_gradient(const AlignedValues& potential, PaddedField& velocity, std::int64_t first, std::int64_t last,
                         std::int64_t group) const;
  [[nodiscard]] double row_rate(const PaddedField& velocity, int j, int k) const;
  [[nodiscard]] double stable_dt(Work& work) const;
  [[nodiscard]] FastestCell fastest_cell(const Work& work) const;
  [[nodiscard]] std::string description(const Work& work, const FastestCell& cell) const;
  void check(const Work& work, std::int64_t step, double dt) const;

  Incompressible3dConfig config_;
  std::shared_ptr<const Case> problem_;
  std::optional<TransportedScalar> scalar_;
  std::array<AxisMetrics, 3> axes_;
  BoxSides sides_;
  BoxForces forces_;
  BoxMomentum momentum_;
  std::optional<BoxScalar> transport_;
  std::shared_ptr<const BoxPoisson> poisson_;
};

}  // namespace eddyline
