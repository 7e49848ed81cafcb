// Heun's scheme as strong-stability-preserving: Shu & Osher, J. Comput. Phys. 77 (1988) 439, eq. 2.16.

#include "solvers/time/runge_kutta.hpp"

namespace eddyline {
namespace {
const RungeKuttaSchemes::Registration registration{
    {"ssp_rk2", "two stages, second order", {{{1}, 1, 0}, {{0.5, 0.5}, 0.5, 1}}}};
}  // namespace
}  // namespace eddyline
