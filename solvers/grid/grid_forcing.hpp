#pragma once
// What acts on the cells of the explicit solvers everywhere: the forcing of the case and the random waves of E1-E3.

#include <vector>

#include "core/field/space_time_formula.hpp"
#include "solvers/grid/padded_field.hpp"
#include "solvers/grid/random_waves.hpp"

namespace eddyline {

/// Rates of change of the channels at the cell centres. A channel's formula adds to the rate of that channel alone: one
/// for a velocity is an acceleration a, which gives momentum rho a and energy rho u . a; one for the pressure heats,
/// one for density or depth adds mass that moves with the flow. Drag lowers every velocity at the rate drag * velocity.
template <class Element>
class GridForcing {
 public:
  /// @param waves  added to the first channel; an empty object is none.
  /// @throws ConfigError when a channel is unknown or the equation has no velocity that drag could act on.
  GridForcing(const Case& problem, RandomWaves waves);
  [[nodiscard]] bool has_rates() const { return waves_.exist() || !formulas_.empty(); }
  [[nodiscard]] double drag() const { return drag_; }
  /// Makes `rates` those at a time; it is sized at the first call and left alone when nothing depends on time.
  void evaluate(double time, const BlockShape& shape, PaddedArray<Element>& rates) const;

 private:
  struct ChannelFormula {
    int channel;
    SpaceTimeFormula formula;
  };
  std::vector<ChannelFormula> formulas_;
  RandomWaves waves_;
  double drag_ = 0;
  int channels_ = 1;
  bool depends_on_time_ = false;
  std::array<std::vector<double>, 3> centers_;
};

}  // namespace eddyline
