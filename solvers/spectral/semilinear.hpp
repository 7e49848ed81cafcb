#pragma once
// Equations on a line whose stiff part is linear: du/dt = L u - d/dx (convection u^2 / 2). An equation in
// `solvers/physics` registers itself here beside EquationRegistry.

#include <complex>
#include <functional>
#include <map>
#include <string>

#include "core/field/case.hpp"

namespace eddyline {

struct Semilinear {
  std::function<std::complex<double>(double wavenumber)> symbol;  // of L
  double convection = 0;
};

class SemilinearEquations {
 public:
  using Make = std::function<Semilinear(const Case&)>;
  struct Registration {
    Registration(const std::string& equation, Make make);
  };
  /// With the parameters of the case. @throws ConfigError when its equation is not one of these.
  [[nodiscard]] static Semilinear of(const Case& problem);

 private:
  static std::map<std::string, Make>& all();
};

}  // namespace eddyline
