#pragma once
// Numerical fluxes and reconstructions by name, for the equations they fit. Each registers itself at the end of its own
// file, for both precisions:
//   const FluxTable::Registration<CompressibleEuler<2>, Hllc> registration;

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <typeindex>
#include <vector>

#include "solvers/grid/row_physics.hpp"

namespace eddyline {

/// Products (RowFlux, RowReconstruction) made for one equation (`typeid` of its rows) or for any (`any_equation`).
template <template <class> class Product, class Element>
class SchemeTable {
 public:
  using Made = std::shared_ptr<const Product<Element>>;
  using Factory = std::function<Made(const RowPhysics<Element>&)>;
  [[nodiscard]] static SchemeTable& instance();
  void add(std::type_index equation, const std::string& name, Factory factory) {
    factories_[{equation, name}] = std::move(factory);
  }
  [[nodiscard]] static std::type_index any_equation() { return typeid(void); }
  /// @throws ConfigError naming the nearest scheme that fits the equation.
  [[nodiscard]] Made create(const std::string& name, const RowPhysics<Element>& physics) const;
  /// Names of what fits the equation.
  [[nodiscard]] std::vector<std::string> names(const RowPhysics<Element>& physics) const;

 private:
  std::map<std::pair<std::type_index, std::string>, Factory> factories_;
};

struct FluxTable {
  template <class Physics, class NumericalFlux>
  struct Registration {
    Registration() {
      add<double>();
      add<float>();
    }

   private:
    template <class Element>
    static void add() {
      using Table = SchemeTable<RowFlux, Element>;
      Table::instance().add(typeid(PhysicsRows<Physics, Element>), NumericalFlux::name,
                            [](const RowPhysics<Element>& rows) -> typename Table::Made {
                              return std::make_shared<FluxRows<Physics, NumericalFlux, Element>>(
                                  dynamic_cast<const PhysicsRows<Physics, Element>&>(rows).physics());
                            });
    }
  };
};

struct ReconstructionTable {
  /// A scheme that treats every component by itself fits any equation.
  template <class Scheme>
  struct Registration {
    Registration() {
      add<double>();
      add<float>();
    }

   private:
    template <class Element>
    static void add() {
      using Table = SchemeTable<RowReconstruction, Element>;
      Table::instance().add(Table::any_equation(), Scheme::name,
                            [](const RowPhysics<Element>&) ->
                            typename Table::Made { return std::make_shared<ComponentRows<Scheme, Element>>(); });
    }
  };

  /// A scheme along the characteristics of one equation, as `<scheme>_characteristic`.
  template <class Physics, class Scheme>
  struct CharacteristicRegistration {
    CharacteristicRegistration() {
      add<double>();
      add<float>();
    }

   private:
    template <class Element>
    static void add() {
      using Table = SchemeTable<RowReconstruction, Element>;
      Table::instance().add(typeid(PhysicsRows<Physics, Element>), std::string(Scheme::name) + "_characteristic",
                            [](const RowPhysics<Element>& rows) -> typename Table::Made {
                              return std::make_shared<CharacteristicRows<Physics, Scheme, Element>>(
                                  dynamic_cast<const PhysicsRows<Physics, Element>&>(rows).physics());
                            });
    }
  };
};

}  // namespace eddyline
