#pragma once
// Explicit Runge-Kutta schemes as sums of earlier stages and one new rate (Shu & Osher, J. Comput. Phys. 77 (1988)
// 439):
//   u_s = sum_p weights[p] u_p + step dt L(u_{s-1}),  u_0 the state at the start of the step.

#include <map>
#include <string>
#include <vector>

namespace eddyline {

struct RungeKutta {
  struct Stage {
    std::vector<double> weights;  // of u_0 .. u_{s-1}
    double step;                  // part of dt
    double time;                  // of u_{s-1}, in dt after the start
  };
  std::string name;
  std::string help;
  std::vector<Stage> stages;
};

/// The schemes by name; each registers itself at the end of its own file.
class RungeKuttaSchemes {
 public:
  struct Registration {
    explicit Registration(RungeKutta scheme);
  };
  /// @throws ConfigError naming the nearest scheme.
  [[nodiscard]] static const RungeKutta& find(const std::string& name);

 private:
  static std::map<std::string, RungeKutta>& all();
};

}  // namespace eddyline
