#pragma once
// What acts on the fields everywhere: forcing of the case, drag, buoyancy.

#include <array>
#include <optional>
#include <vector>

#include "solvers/incompressible/box_momentum.hpp"

namespace eddyline {

class BoxForces {
 public:
  /// The forcing at one time: a field for every channel that has a formula.
  struct Values {
    std::array<PaddedField, 3> velocity;  // one component each
    PaddedField scalar;
    double time = 0;
    bool are_known = false;
  };

  /// @throws ConfigError when the forcing names a channel that does not exist or is the pressure, or on a formula.
  BoxForces(const Case& problem, const std::array<AxisMetrics, 3>& axes);

  /// Evaluates the formulas that depend on time, all of them the first time.
  void update(Values& values, double time) const;
  /// to += rate * (force - drag * from + buoyancy of the scalar) on planes first..last-1, as BoxMomentum::advance; the
  /// scalar gets its own forcing. Rates of `from` at the time of `values`.
  void add(const BoxFields& from, const Values& values, double rate, BoxFields& to, int first, int last) const;
  /// 1 / time.
  [[nodiscard]] double drag() const { return drag_; }
  [[nodiscard]] bool acts() const;
  /// Largest acceleration by forcing and buoyancy.
  [[nodiscard]] double largest_acceleration(const BoxFields& fields, const Values& values) const;

 private:
  void evaluate(int component, double time, PaddedField& out) const;
  std::array<AxisMetrics, 3> axes_;
  std::array<std::optional<SpaceTimeFormula>, 4> formulas_;  // velocity components, the scalar
  double drag_, buoyancy_ = 0;
};

}  // namespace eddyline
