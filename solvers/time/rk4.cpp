// The classical fourth-order scheme (Kutta, Z. Math. Phys. 46 (1901) 435), its last sum written with the stages:
// u + dt (k1 + 2 k2 + 2 k3 + k4) / 6 = (-u + u_1 + 2 u_2 + u_3) / 3 + dt k4 / 6.

#include "solvers/time/runge_kutta.hpp"

namespace eddyline {
namespace {
const RungeKuttaSchemes::Registration registration{
    {"rk4",
     "four stages, fourth order",
     {{{1}, 0.5, 0}, {{1}, 0.5, 0.5}, {{1}, 1, 0.5}, {{-1.0 / 3, 1.0 / 3, 2.0 / 3, 1.0 / 3}, 1.0 / 6, 1}}}};
}  // namespace
}  // namespace eddyline
