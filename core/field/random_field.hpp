#pragma once
// Random functions of position with a seed: initial values and coefficients. The same function on every grid.

#include <array>
#include <string>
#include <vector>

#include "core/field/case.hpp"
#include "core/field/trigonometric_series.hpp"

namespace eddyline {

/// One draw. A Gaussian field is a sum over the waves of the box with independent normal coefficients, whose variance
/// is the power of the spectrum at |k|; the constant wave is left out, so that `mean` is the mean over the box. Along
/// periodic axes the waves have the box's period and the field is homogeneous. Along an axis with sides they are
/// cos(pi n x / L), as in the Darcy set of Li et al., Fourier Neural Operator (2021), appendix A.3.2: the slope
/// vanishes at the sides, where the variance is twice that of the middle. The random number of a wave depends on the
/// seed, the field's name and the wave alone: more modes or another box size never reshuffle the others.
/// Not thread-safe: copy it.
class RandomField {
 public:
  /// A scalar. @param name  of the channel: each has its own stream of the case's `initial.seed`.
  /// @throws ConfigError when the spectrum has no power in the box or needs too many waves.
  RandomField(const Case& problem, const RandomFieldConfig& config, const std::string& name);
  [[nodiscard]] double operator()(double x, double y = 0, double z = 0);

  /// Component `axis` of a velocity free of divergence: the curl of a random stream function (2D) or vector potential
  /// (3D), whose spectrum is such that the velocity has the spectrum of `config`: with `peak`, E(k) is the kinetic
  /// energy in a shell. Through sides that are not periodic nothing flows.
  /// @throws ConfigError in one dimension, and as above.
  [[nodiscard]] static RandomField velocity(const Case& problem, const RandomFieldConfig& config, int axis);

 private:
  struct Shape {
    std::array<double, 3> center{}, half{};
    double value = 0;
  };
  RandomField(const Case& problem, RandomFieldConfig config);
  void draw_shapes(const Case& problem, const std::string& name);
  [[nodiscard]] double value_of_shapes(const std::array<double, 3>& point) const;

  RandomFieldConfig config_;
  std::vector<TrigonometricSeries> terms_;  // their sum is the Gaussian field, less its mean
  std::vector<Shape> shapes_;
  int dimension_;
  std::array<double, 3> period_{};  // 0: not periodic
};

}  // namespace eddyline
