#pragma once
// What one core of this machine can do: the bandwidth of STREAM's triad and the peak of multiply-adds.

namespace eddyline::benchmarks {

struct Roofline {
  double bandwidth;          // bytes a second of a[i] = b[i] + s c[i] beyond every cache, 24 bytes an element
  double peak, peak_single;  // operations a second of independent multiply-adds, double and float
  /// Work a second that neither limit allows to be exceeded. @param operations, bytes  of one unit of work.
  [[nodiscard]] double limit(double operations, double bytes, bool is_single = false) const;
};

/// Takes about 3 s.
[[nodiscard]] Roofline measure_roofline();

}  // namespace eddyline::benchmarks
