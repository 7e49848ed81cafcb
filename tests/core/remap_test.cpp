#include "core/field/remap.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/base/error.hpp"

namespace eddyline {
namespace {

TEST(ConservativeRemap, KeepsTheIntegralAtAnyRatio) {
  const Grid fine = Grid::uniform({0, 0}, {3, 2}, {15, 8}), coarse = Grid::uniform({0, 0}, {3, 2}, {4, 3});
  const at::Tensor field = at::rand({2, 8, 15}, at::kDouble);
  const at::Tensor moved = conservative_remap(field, fine, coarse);
  ASSERT_EQ(moved.sizes(), (std::vector<std::int64_t>{2, 3, 4}));
  EXPECT_NEAR((moved.sum() * 6.0 / 12).item<double>(), (field.sum() * 6.0 / 120).item<double>(), 1e-12);
}

TEST(ConservativeRemap, AveragesWholeBlocks) {
  const Grid fine = Grid::uniform({0, 0}, {4, 2}, {4, 2}), coarse = Grid::uniform({0, 0}, {4, 2}, {2, 1});
  const at::Tensor field = at::arange(8, at::kDouble).reshape({2, 4});
  EXPECT_TRUE(
      at::allclose(conservative_remap(field, fine, coarse), at::tensor({2.5, 4.5}, at::kDouble).reshape({1, 2})));
}

TEST(InterpolatedRemap, IsExactForLinearFieldsInside) {
  const Grid coarse = Grid::uniform({0}, {1}, {10}), fine = Grid::uniform({0}, {1}, {40});
  const auto from = at::tensor(coarse.centers(0), at::kDouble), to = at::tensor(fine.centers(0), at::kDouble);
  const at::Tensor moved = interpolated_remap(3 * from + 1, coarse, fine);
  EXPECT_TRUE(at::allclose(moved.slice(0, 2, 38), (3 * to + 1).slice(0, 2, 38), 1e-12, 1e-12));
}

TEST(Remap, RefusesAnotherBoxAndAnotherShape) {
  const Grid a = Grid::uniform({0}, {1}, {4}), b = Grid::uniform({0}, {2}, {4});
  EXPECT_THROW(static_cast<void>(conservative_remap(at::ones({4}), a, b)), DataError);
  EXPECT_THROW(static_cast<void>(conservative_remap(at::ones({5}), a, a)), ShapeError);
}

}  // namespace
}  // namespace eddyline
