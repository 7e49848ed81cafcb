#pragma once
// Time stepping of stiff systems with a diagonal linear part, which is integrated exactly.

#include <complex>
#include <functional>
#include <vector>

namespace eddyline {

using Coefficients = std::vector<std::complex<double>>;

/// ETDRK4 for dv/dt = L v + N(v): Cox & Matthews, J. Comput. Phys. 176 (2002) 430, eqs. 26-29; the coefficients by
/// contour integrals as in Kassam & Trefethen, SIAM J. Sci. Comput. 26 (2005) 1214, which keeps them exact near L = 0.
class ExponentialRungeKutta {
 public:
  /// @param linear  L, an entry a component. @param dt  time step.
  ExponentialRungeKutta(const Coefficients& linear, double dt);
  /// @param nonlinear  N(v), writes its second argument.
  void step(Coefficients& v, const std::function<void(const Coefficients&, Coefficients&)>& nonlinear);

 private:
  Coefficients whole_, half_, stage_;   // exp(dt L), exp(dt L/2), dt (exp(dt L/2) - 1) / (dt L)
  Coefficients first_, middle_, last_;  // weights of N(v), of both N(a) and N(b), of N(c)
  Coefficients a_, b_, c_, n_v_, n_a_, n_b_, n_c_;
};

}  // namespace eddyline
