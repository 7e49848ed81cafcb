#pragma once
// A contiguous two-dimensional array with ghost layers on every side; i runs along x and is contiguous.

#include <cstdint>
#include <vector>

namespace eddyline {

class Array2 {
 public:
  Array2() = default;
  Array2(std::int64_t nx, std::int64_t ny, double value = 0, std::int64_t ghosts = 1)
      : nx_(nx),
        ny_(ny),
        ghosts_(ghosts),
        values_(static_cast<std::size_t>((nx + 2 * ghosts) * (ny + 2 * ghosts)), value) {}
  [[nodiscard]] std::int64_t nx() const { return nx_; }
  [[nodiscard]] std::int64_t ny() const { return ny_; }
  /// i in -ghosts..nx-1+ghosts, j likewise.
  double& operator()(std::int64_t i, std::int64_t j) { return values_[index(i, j)]; }
  double operator()(std::int64_t i, std::int64_t j) const { return values_[index(i, j)]; }
  /// Pointer to entry (0, j): row(j)[-1] and row(j)[nx] are ghosts.
  [[nodiscard]] double* row(std::int64_t j) { return values_.data() + index(0, j); }
  [[nodiscard]] const double* row(std::int64_t j) const { return values_.data() + index(0, j); }

 private:
  [[nodiscard]] std::size_t index(std::int64_t i, std::int64_t j) const {
    return static_cast<std::size_t>((j + ghosts_) * (nx_ + 2 * ghosts_) + i + ghosts_);
  }
  std::int64_t nx_ = 0, ny_ = 0, ghosts_ = 1;
  std::vector<double> values_;
};

}  // namespace eddyline
