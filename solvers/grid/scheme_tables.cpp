#include "solvers/grid/scheme_tables.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace eddyline {
namespace {

template <template <class> class Product>
constexpr const char* key = "solver.reconstruction";
template <>
constexpr const char* key<RowFlux> = "solver.flux";

}  // namespace

template <template <class> class Product, class Element>
SchemeTable<Product, Element>& SchemeTable<Product, Element>::instance() {
  static SchemeTable table;
  return table;
}

template <template <class> class Product, class Element>
std::vector<std::string> SchemeTable<Product, Element>::names(const RowPhysics<Element>& physics) const {
  std::vector<std::string> out;
  for (const auto& [at, factory] : factories_)
    if (at.first == std::type_index(typeid(physics)) || at.first == any_equation()) out.push_back(at.second);
  return out;
}

template <template <class> class Product, class Element>
typename SchemeTable<Product, Element>::Made SchemeTable<Product, Element>::create(
    const std::string& name, const RowPhysics<Element>& physics) const {
  for (const std::type_index equation : {std::type_index(typeid(physics)), any_equation()}) {
    const auto found = factories_.find({equation, name});
    if (found != factories_.end()) return found->second(physics);
  }
  throw ConfigError(std::string(key<Product>) + ": '" + printable(name) + "' does not fit this equation" +
                    suggestion(name, names(physics)));
}

template class SchemeTable<RowFlux, double>;
template class SchemeTable<RowFlux, float>;
template class SchemeTable<RowReconstruction, double>;
template class SchemeTable<RowReconstruction, float>;

}  // namespace eddyline
