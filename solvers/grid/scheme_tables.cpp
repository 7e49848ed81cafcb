#include "solvers/grid/scheme_tables.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace eddyline {

template <class Product>
SchemeTable<Product>& SchemeTable<Product>::instance() {
  static SchemeTable table;
  return table;
}

template <class Product>
std::vector<std::string> SchemeTable<Product>::names(const RowPhysics& physics) const {
  std::vector<std::string> out;
  for (const auto& [key, factory] : factories_)
    if (key.first == std::type_index(typeid(physics)) || key.first == any_equation()) out.push_back(key.second);
  return out;
}

template <class Product>
std::shared_ptr<const Product> SchemeTable<Product>::create(const std::string& name, const RowPhysics& physics) const {
  for (const std::type_index equation : {std::type_index(typeid(physics)), any_equation()}) {
    const auto found = factories_.find({equation, name});
    if (found != factories_.end()) return found->second(physics);
  }
  const std::string key = std::is_same_v<Product, RowFlux> ? "solver.flux" : "solver.reconstruction";
  throw ConfigError(key + ": '" + printable(name) + "' does not fit this equation" + suggestion(name, names(physics)));
}

template class SchemeTable<RowFlux>;
template class SchemeTable<RowReconstruction>;

}  // namespace eddyline
