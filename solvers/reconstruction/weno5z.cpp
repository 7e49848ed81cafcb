#include "solvers/reconstruction/weno5z.hpp"

#include "solvers/grid/scheme_tables.hpp"

namespace eddyline {
namespace {
const ReconstructionTable::Registration<Weno5z> registration;
}  // namespace
}  // namespace eddyline
