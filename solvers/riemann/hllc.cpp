#include "solvers/riemann/hllc.hpp"

#include "solvers/grid/scheme_tables.hpp"

namespace eddyline {
namespace {
const FluxTable::Registration<CompressibleEuler<1>, Hllc> one_dimension;
const FluxTable::Registration<CompressibleEuler<2>, Hllc> two_dimensions;
const FluxTable::Registration<CompressibleEuler<3>, Hllc> three_dimensions;
}  // namespace
}  // namespace eddyline
