#pragma once
// An equation as the explicit grid solver sees it. An equation in `solvers/physics` registers three things at the end
// of its file: what it is (EquationRegistry), its rows (GridModels), and the fluxes that fit any equation
// (CommonFluxes).

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "core/field/case.hpp"
#include "solvers/grid/random_waves.hpp"
#include "solvers/grid/scheme_tables.hpp"
#include "solvers/riemann/hll.hpp"
#include "solvers/riemann/rusanov.hpp"

namespace eddyline {

/// The rows of one equation in either precision.
struct EquationRows {
  std::shared_ptr<const RowPhysics<double>> in_double;
  std::shared_ptr<const RowPhysics<float>> in_float;
  template <class Element>
  [[nodiscard]] const std::shared_ptr<const RowPhysics<Element>>& in() const {
    if constexpr (std::is_same_v<Element, double>) {
      return in_double;
    } else {
      return in_float;
    }
  }
};
template <class Physics>
[[nodiscard]] EquationRows rows_of(const Physics& physics) {
  return {std::make_shared<PhysicsRows<Physics, double>>(physics),
          std::make_shared<PhysicsRows<Physics, float>>(physics)};
}

struct GridModel {
  /// Rows of the equation with the parameters of a case, in its number of dimensions.
  std::function<EquationRows(const Case&)> rows;
  std::string default_flux = "hll";
  /// Random waves added to the rate of the first component, tabulated at points of the x axis; null is none.
  std::function<RandomWaves(const Case&, const std::vector<double>& x)> forcing = nullptr;
};

class GridModels {
 public:
  struct Registration {
    Registration(const std::string& equation, GridModel model);
  };
  /// @throws ConfigError when the equation of the case is not one for the explicit solver.
  [[nodiscard]] static const GridModel& find(const Case& problem);

 private:
  static std::map<std::string, GridModel>& all();
};

/// Registers the fluxes that need nothing but fluxes and signal speeds.
template <class... Physics>
struct CommonFluxes {
  std::tuple<FluxTable::Registration<Physics, Rusanov>...> rusanov;
  std::tuple<FluxTable::Registration<Physics, Hll>...> hll;
};

/// Rows of an equation that exists in one, two and three dimensions: `make` is called with the dimension as template
/// argument and returns the equation.
template <class Make>
[[nodiscard]] EquationRows rows_in_dimension(int dimension, const Make& make) {
  if (dimension == 1) return rows_of(make.template operator()<1>());
  if (dimension == 2) return rows_of(make.template operator()<2>());
  return rows_of(make.template operator()<3>());
}

}  // namespace eddyline
