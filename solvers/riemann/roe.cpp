#include "solvers/riemann/roe.hpp"

#include "solvers/grid/scheme_tables.hpp"

namespace eddyline {
namespace {
const FluxTable::Registration<CompressibleEuler<1>, Roe> one_dimension;
const FluxTable::Registration<CompressibleEuler<2>, Roe> two_dimensions;
const FluxTable::Registration<CompressibleEuler<3>, Roe> three_dimensions;
}  // namespace
}  // namespace eddyline
