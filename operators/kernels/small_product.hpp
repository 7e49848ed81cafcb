#pragma once
// Products of small matrices, compiled for their shape while the program runs (LIBXSMM).

#include <cstdint>

namespace eddyline {

/// C [m, n] = A [m, k] B [k, n] + beta C with beta 0 or 1, all column by column with the given distances between
/// columns. Made once for a shape, called for many blocks; the call does not check anything.
template <class Real>
class SmallProduct {
 public:
  struct Shape {
    std::int64_t m, n, k;
    std::int64_t a_stride, b_stride, c_stride;  // elements from column to column
    bool adds;                                  // beta is 1
  };
  explicit SmallProduct(const Shape& shape);
  /// False where the processor or the system does not allow it; use LibTorch's product then.
  [[nodiscard]] explicit operator bool() const { return kernel_ != nullptr; }
  void operator()(const Real* a, const Real* b, Real* c) const { kernel_(a, b, c); }

 private:
  void (*kernel_)(const Real*, const Real*, Real*, ...) = nullptr;
};

/// A [rows, columns] to its transpose [columns, rows], both row by row without gaps.
template <class Real>
void transpose(const Real* matrix, Real* transposed, std::int64_t rows, std::int64_t columns);

}  // namespace eddyline
