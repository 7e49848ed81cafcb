#include "solvers/reconstruction/weno5z.hpp"

#include "solvers/grid/scheme_tables.hpp"
#include "solvers/physics/compressible_euler.hpp"

namespace eddyline {
namespace {
const ReconstructionTable::Registration<Weno5z> registration;
const ReconstructionTable::CharacteristicRegistration<CompressibleEuler<1>, Weno5z> one_dimension;
const ReconstructionTable::CharacteristicRegistration<CompressibleEuler<2>, Weno5z> two_dimensions;
const ReconstructionTable::CharacteristicRegistration<CompressibleEuler<3>, Weno5z> three_dimensions;
}  // namespace
}  // namespace eddyline
