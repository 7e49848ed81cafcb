#pragma once
// Discrete Fourier transform of real values on a periodic line: LibTorch's, behind plain arrays.

#include <complex>
#include <cstdint>
#include <vector>

namespace eddyline {

/// n values u_j at x_0 + j L/n and their coefficients, u_j = sum over m of c_m exp(2 pi i m j / n), of which the first
/// n/2 + 1 are kept. Call it from `serially`: the same bits whatever the number of threads.
class FourierLine {
 public:
  /// @param length  L, of the period.
  FourierLine(std::int64_t points, double length);
  [[nodiscard]] std::int64_t points() const { return points_; }
  [[nodiscard]] double length() const { return length_; }
  [[nodiscard]] std::int64_t modes() const { return points_ / 2 + 1; }
  /// 2 pi m / L.
  [[nodiscard]] double wavenumber(std::int64_t mode) const;
  void forward(const std::vector<double>& values, std::vector<std::complex<double>>& coefficients) const;
  void backward(const std::vector<std::complex<double>>& coefficients, std::vector<double>& values) const;

 private:
  std::int64_t points_;
  double length_;
};

}  // namespace eddyline
