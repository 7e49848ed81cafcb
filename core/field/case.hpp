#pragma once
// One problem: an equation with parameter values, boundaries, bodies, a discretisation and its scales.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "core/domain/grid.hpp"
#include "core/domain/shape.hpp"
#include "core/field/equation.hpp"
#include "core/field/random_field_config.hpp"

namespace eddyline {

/// What happens on one side of the domain.
struct BoundaryConfig final : Config {
  std::string type = "no_slip";
  std::string profile = "uniform";            // inflow: uniform, or parabolic with `velocity` the maximum in the middle
  std::vector<double> velocity;               // inflow, moving_wall: the velocity vector; empty is zero
  std::map<std::string, std::string> values;  // prescribed channels -> formula in x, y, z, t
  void fields(FieldVisitor& visit) override;
};

/// The state at t = 0.
struct InitialConfig final : Config {
  std::string type = "rest";
  std::vector<double> velocity;                     // uniform
  std::map<std::string, std::string> values;        // formula, random: channel -> formula in x, y, z
  std::map<std::string, RandomFieldConfig> random;  // channel, or `velocity` -> added to the formula
  double perturbation = 0;                          // relative amplitude of a smooth random velocity perturbation
  std::int64_t seed = 0;
  void fields(FieldVisitor& visit) override;
  void check(ConfigProblems& problems) const override;
};

/// What acts on the fields everywhere in the domain.
struct ForcingConfig final : Config {
  std::map<std::string, std::string> values;  // channel -> formula, added to the channel's rate of change
  double drag = 0;                            // 1 / time: every velocity component decays at this rate
  void fields(FieldVisitor& visit) override;
};

/// A whole problem as YAML; what is stored beside data so that a solver can take it up again.
struct CaseConfig final : Config {
  std::string name = "case";
  std::string equation = "incompressible_navier_stokes";
  std::vector<AxisConfig> grid;                      // x, y[, z]
  std::map<std::string, double> parameters;          // "viscosity": 0.01
  std::map<std::string, BoundaryConfig> boundaries;  // patch -> boundary
  std::vector<ObstacleConfig> obstacles;
  InitialConfig initial;
  ForcingConfig forcing;
  double length_scale = 1, velocity_scale = 1;  // D and U: frame times and coefficients are made with them
  std::string length_unit = "m", time_unit = "s";
  void fields(FieldVisitor& visit) override;
  void check(ConfigProblems& problems) const override;
};

/// Immutable, shared by every State that belongs to it.
class Case {
 public:
  /// @throws ConfigError when the equation is unknown, a parameter is missing, or a patch has no boundary.
  explicit Case(CaseConfig config);

  [[nodiscard]] const CaseConfig& config() const { return config_; }
  [[nodiscard]] const std::string& name() const { return config_.name; }
  [[nodiscard]] const Equation& equation() const { return *equation_; }
  [[nodiscard]] const Discretisation& discretisation() const { return *grid_; }
  /// @throws DataError when the discretisation is not a grid.
  [[nodiscard]] const Grid& grid() const { return *grid_; }
  [[nodiscard]] std::vector<Channel> channels() const { return equation_->channels(grid_->dimension()); }
  /// @throws ConfigError naming the case when the parameter is missing.
  [[nodiscard]] double parameter(const std::string& name) const;
  /// D / U, the unit in which frame intervals are given.
  [[nodiscard]] double time_scale() const { return config_.length_scale / config_.velocity_scale; }
  /// Resolved YAML; `Case::from_yaml` reads it back.
  [[nodiscard]] std::string to_yaml() const;
  [[nodiscard]] static std::shared_ptr<const Case> from_yaml(const std::string& text, const std::string& source_name);

 private:
  CaseConfig config_;
  std::shared_ptr<const Equation> equation_;
  std::shared_ptr<const Grid> grid_;
};

/// The same problem on another grid (same box).
[[nodiscard]] std::shared_ptr<const Case> on_grid(const Case& problem, const Grid& grid);

}  // namespace eddyline
