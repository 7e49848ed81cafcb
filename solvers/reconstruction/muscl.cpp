#include "solvers/reconstruction/muscl.hpp"

#include "solvers/grid/scheme_tables.hpp"

namespace eddyline {
namespace {
const ReconstructionTable::Registration<Muscl<Minmod>> minmod;
const ReconstructionTable::Registration<Muscl<VanLeer>> van_leer;
const ReconstructionTable::Registration<Muscl<MonotonizedCentral>> monotonized_central;
}  // namespace
}  // namespace eddyline
