#include "benchmarks/solvers/roofline.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <experimental/simd>
#include <vector>

#include "benchmarks/solvers/measurement.hpp"
#include "core/base/error.hpp"

namespace eddyline::benchmarks {
namespace {

double triad_bandwidth() {
  const std::size_t count = std::size_t{1} << 24;
  std::vector<double> a(count, 0.0), b(count, 1.0), c(count, 2.0);
  const Timing time = timed(7, [&] {
    double* out = a.data();
    const double *first = b.data(), *second = c.data();
#pragma omp simd
    for (std::size_t i = 0; i < count; ++i) out[i] = first[i] + 3.0 * second[i];
  });
  if (a[count / 2] != 7) throw NumericalError("the triad is wrong");
  return 24.0 * static_cast<double>(count) / time.least;
}

template <class Real>
double multiply_add_peak() {
  using Pack = std::experimental::native_simd<Real>;
  constexpr int chains = 12;
  constexpr long rounds = 20'000'000;
  std::array<Pack, chains> sums;
  for (int k = 0; k < chains; ++k) sums[static_cast<std::size_t>(k)] = static_cast<Real>(1 + k);
  const Pack factor = static_cast<Real>(0.999999), term = static_cast<Real>(1e-7);
  const Timing time = timed(5, [&] {
    std::array<Pack, chains> here = sums;  // in registers: nobody else can see them
    for (long r = 0; r < rounds; ++r)
      for (auto& sum : here) sum = sum * factor + term;
    sums = here;
  });
  double check = 0;
  for (const auto& sum : sums) check += static_cast<double>(std::experimental::reduce(sum));
  if (!std::isfinite(check)) throw NumericalError("the multiply-adds are wrong");
  return 2.0 * chains * rounds * static_cast<double>(Pack::size()) / time.least;
}

}  // namespace

double Roofline::limit(double operations, double bytes, bool is_single) const {
  return std::min((is_single ? peak_single : peak) / operations, bandwidth / bytes);
}

Roofline measure_roofline() { return {triad_bandwidth(), multiply_add_peak<double>(), multiply_add_peak<float>()}; }

}  // namespace eddyline::benchmarks
