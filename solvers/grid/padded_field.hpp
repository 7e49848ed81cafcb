#pragma once
// Components of a state on a Cartesian grid, each a block of rows along x with ghost cells on every side.

#include <sys/mman.h>

#include <array>
#include <cstdint>
#include <new>
#include <vector>

namespace eddyline {

/// Size of a grid in cells; axes that it does not have are one cell long and have no ghosts.
struct BlockShape {
  int dimension = 1;
  std::array<int, 3> cells{1, 1, 1};
  int ghosts = 2;
  [[nodiscard]] int ghosts_along(int axis) const { return axis < dimension ? ghosts : 0; }
  [[nodiscard]] std::int64_t cell_count() const { return std::int64_t{cells[0]} * cells[1] * cells[2]; }
};

/// Memory that starts on a cache line; what is larger than a huge page lies on huge pages where the system has them.
template <class T>
struct CacheLineAllocator {
  using value_type = T;
  CacheLineAllocator() = default;
  template <class U>
  explicit CacheLineAllocator(const CacheLineAllocator<U>&) {}
  [[nodiscard]] T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    void* memory = ::operator new(bytes, alignment(bytes));
    if (bytes >= huge_page) static_cast<void>(::madvise(memory, bytes, MADV_HUGEPAGE));  // advice: may be refused
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t count) { ::operator delete(memory, alignment(count * sizeof(T))); }
  bool operator==(const CacheLineAllocator&) const { return true; }

 private:
  static constexpr std::size_t huge_page = std::size_t{1} << 21;
  static std::align_val_t alignment(std::size_t bytes) { return std::align_val_t{bytes >= huge_page ? huge_page : 64}; }
};
template <class Element>
using AlignedArray = std::vector<Element, CacheLineAllocator<Element>>;
using AlignedValues = AlignedArray<double>;

template <class Element>
class PaddedArray {
 public:
  PaddedArray() = default;
  PaddedArray(int components, const BlockShape& shape, Element value = 0) : shape_(shape) {
    // The first cell of every row starts a cache line.
    lead_ = (shape.ghosts + line - 1) / line * line;
    row_stride_ = lead_ + (shape.cells[0] + shape.ghosts + line - 1) / line * line;
    plane_stride_ = row_stride_ * (shape.cells[1] + 2 * shape.ghosts_along(1));
    component_stride_ = plane_stride_ * (shape.cells[2] + 2 * shape.ghosts_along(2));
    values_.assign(static_cast<std::size_t>(component_stride_ * components), value);
  }
  [[nodiscard]] const BlockShape& shape() const { return shape_; }
  [[nodiscard]] bool exists() const { return !values_.empty(); }
  /// Pointer to cell (0, j, k); ghosts have negative indices or indices past the end.
  [[nodiscard]] Element* row(int component, int j, int k) { return values_.data() + offset(component, j, k); }
  [[nodiscard]] const Element* row(int component, int j, int k) const {
    return values_.data() + offset(component, j, k);
  }

 private:
  static constexpr int line = 64 / sizeof(Element);
  [[nodiscard]] std::int64_t offset(int component, int j, int k) const {
    return component * component_stride_ + (k + shape_.ghosts_along(2)) * plane_stride_ +
           (j + shape_.ghosts_along(1)) * row_stride_ + lead_;
  }
  BlockShape shape_;
  std::int64_t lead_ = 0, row_stride_ = 0, plane_stride_ = 0, component_stride_ = 0;
  AlignedArray<Element> values_;
};

using PaddedField = PaddedArray<double>;

}  // namespace eddyline
