#pragma once
// Numerical fluxes and reconstructions by name, for the equations they fit. Each registers itself at the end of its own
// file:
//   const FluxTable::Registration<CompressibleEuler<2>, Hllc> registration;

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <typeindex>
#include <vector>

#include "solvers/grid/row_physics.hpp"

namespace eddyline {

/// Products made for one equation (`typeid` of its rows) or for any (`any_equation`).
template <class Product>
class SchemeTable {
 public:
  using Factory = std::function<std::shared_ptr<const Product>(const RowPhysics&)>;
  [[nodiscard]] static SchemeTable& instance();
  void add(std::type_index equation, const std::string& name, Factory factory) {
    factories_[{equation, name}] = std::move(factory);
  }
  [[nodiscard]] static std::type_index any_equation() { return typeid(void); }
  /// @throws ConfigError naming the nearest scheme that fits the equation.
  [[nodiscard]] std::shared_ptr<const Product> create(const std::string& name, const RowPhysics& physics) const;
  /// Names of what fits the equation.
  [[nodiscard]] std::vector<std::string> names(const RowPhysics& physics) const;

 private:
  std::map<std::pair<std::type_index, std::string>, Factory> factories_;
};

struct FluxTable {
  template <class Physics, class NumericalFlux>
  struct Registration {
    Registration() {
      SchemeTable<RowFlux>::instance().add(typeid(PhysicsRows<Physics>), NumericalFlux::name,
                                           [](const RowPhysics& rows) -> std::shared_ptr<const RowFlux> {
                                             return std::make_shared<FluxRows<Physics, NumericalFlux>>(
                                                 dynamic_cast<const PhysicsRows<Physics>&>(rows).physics());
                                           });
    }
  };
};

struct ReconstructionTable {
  /// A scheme that treats every component by itself fits any equation.
  template <class Scheme>
  struct Registration {
    Registration() {
      using Table = SchemeTable<RowReconstruction>;
      Table::instance().add(Table::any_equation(), Scheme::name, [](const RowPhysics&) {
        return std::shared_ptr<const RowReconstruction>(std::make_shared<ComponentRows<Scheme>>());
      });
    }
  };
};

}  // namespace eddyline
