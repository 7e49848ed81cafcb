#pragma once
// Discrete Fourier transforms of many complex columns at once.

#include <cstdint>
#include <vector>

namespace eddyline {

/// Stockham's self-sorting transform (Van Loan, Computational Frameworks for
/// the Fast Fourier Transform (1992), section 1.7) whose elements are whole
/// rows, so that neighbouring columns share the lanes of a register. LibTorch's
/// transforms work along lines: for columns it turns the array around twice,
/// which takes longer than the transform. Radices 4 and 2, and every other
/// prime factor as a small matrix. Serial; the same bits for the same columns
/// on any thread.
class ColumnFourier {
 public:
  explicit ColumnFourier(std::int64_t points);

  /// out_k = sum over j of exp(-2 pi i j k / n) in_j for every column. All
  /// arrays are [points][length] with pairs of real and imaginary part, length
  /// even; no two of them overlap.
  void forward(const double* in, double* out, std::int64_t length, double* scratch) const;
  /// With exp(+2 pi i j k / n): backward after forward multiplies by the number
  /// of points.
  void backward(const double* in, double* out, std::int64_t length, double* scratch) const;

 private:
  struct Stage {
    std::int64_t radix, blocks,
        stride;  // blocks * radix * stride is the number of points
    std::vector<double> cosine,
        sine;                                    // of 2 pi p j / (blocks radix), entry p radix + j
    std::vector<double> root_cosine, root_sine;  // of 2 pi j / radix
  };
  template <bool Back>
  void transform(const double* in, double* out, std::int64_t length, double* scratch) const;
  std::int64_t points_;
  std::vector<Stage> stages_;
};

}  // namespace eddyline
