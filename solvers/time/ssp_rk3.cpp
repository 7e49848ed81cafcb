// Three stages, third order, strong-stability-preserving: Shu & Osher, J. Comput. Phys. 77 (1988) 439, eq. 2.18.

#include "solvers/time/runge_kutta.hpp"

namespace eddyline {
namespace {
const RungeKuttaSchemes::Registration registration{
    {"ssp_rk3",
     "three stages, third order",
     {{{1}, 1, 0}, {{0.75, 0.25}, 0.25, 1}, {{1.0 / 3, 0, 2.0 / 3}, 2.0 / 3, 0.5}}}};
}  // namespace
}  // namespace eddyline
