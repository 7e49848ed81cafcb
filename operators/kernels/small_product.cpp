#include "operators/kernels/small_product.hpp"

#include <libxsmm.h>

#include <initializer_list>
#include <limits>
#include <type_traits>

namespace eddyline {

template <class Real>
SmallProduct<Real>::SmallProduct(const Shape& shape) {
  constexpr auto most = std::numeric_limits<libxsmm_blasint>::max();
  for (const auto value : {shape.m, shape.n, shape.k, shape.a_stride, shape.b_stride, shape.c_stride})
    if (value < 1 || value > most) return;
  const auto size = [](std::int64_t value) { return static_cast<libxsmm_blasint>(value); };
  const auto a = size(shape.a_stride), b = size(shape.b_stride), c = size(shape.c_stride);
  const Real alpha = 1, beta = shape.adds ? 1 : 0;
  const int flags = LIBXSMM_GEMM_FLAG_NONE, prefetch = LIBXSMM_GEMM_PREFETCH_NONE;
  if constexpr (std::is_same_v<Real, float>) {
    kernel_ =
        libxsmm_smmdispatch(size(shape.m), size(shape.n), size(shape.k), &a, &b, &c, &alpha, &beta, &flags, &prefetch);
  } else {
    kernel_ =
        libxsmm_dmmdispatch(size(shape.m), size(shape.n), size(shape.k), &a, &b, &c, &alpha, &beta, &flags, &prefetch);
  }
}

template <class Real>
void transpose(const Real* matrix, Real* transposed, std::int64_t rows, std::int64_t columns) {
  const auto m = static_cast<libxsmm_blasint>(columns), n = static_cast<libxsmm_blasint>(rows);
  libxsmm_otrans(transposed, matrix, sizeof(Real), m, n, m, n);
}

template void transpose(const float*, float*, std::int64_t, std::int64_t);
template void transpose(const double*, double*, std::int64_t, std::int64_t);
template class SmallProduct<float>;
template class SmallProduct<double>;

}  // namespace eddyline
