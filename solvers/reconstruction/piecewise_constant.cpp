#include "solvers/reconstruction/piecewise_constant.hpp"

#include "solvers/grid/scheme_tables.hpp"

namespace eddyline {
namespace {
const ReconstructionTable::Registration<PiecewiseConstant> registration;
}  // namespace
}  // namespace eddyline
