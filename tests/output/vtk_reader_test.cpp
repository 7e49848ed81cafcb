#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/vtk_reader.hpp"
#include "core/rollout/vtk_sink.hpp"
#include "tests/output/output_fixture.hpp"

namespace eddyline {
namespace {

using output_test::channels;
using output_test::example_case;
using output_test::example_state;
using output_test::ScratchFolder;

VtkGridFrame frame_of(const Grid& grid, const at::Tensor& values) {
  return {&grid, 1.25, "m", "s", {{"pressure", "Pa", {values}}, {"velocity", "m/s", {values, 2 * values, 0 * values}}}};
}

TEST(VtkReader, ReadsBackWhatIsWritten) {
  const ScratchFolder folder;
  for (const Grid& grid : {Grid::uniform({0, -1}, {4, 1}, {8, 4}), Grid({{0, 1, 1.5, 3}, {-1, 0, 2}}),
                           Grid::uniform({0, 0, 0}, {1, 2, 3}, {3, 4, 5}), Grid::uniform({0}, {1}, {7})}) {
    const at::Tensor values = at::rand(grid.cell_shape(), at::kDouble);
    const auto path = folder / ("a" + vtk_extension(grid));
    write_vtk(path, frame_of(grid, values), {.double_precision = true});
    const VtkGridFile file = read_vtk(path);
    EXPECT_EQ(file.grid->cell_shape(), grid.cell_shape());
    for (int axis = 0; axis < grid.dimension(); ++axis)
      for (std::size_t i = 0; i < grid.nodes(axis).size(); ++i)
        EXPECT_NEAR(file.grid->nodes(axis)[i], grid.nodes(axis)[i], 1e-14);
    EXPECT_EQ(file.time, 1.25);
    EXPECT_EQ(file.length_unit, "m");
    EXPECT_EQ(file.time_unit, "s");
    ASSERT_EQ(file.arrays.size(), 2U);
    EXPECT_EQ(file.arrays[0].name, "pressure");
    EXPECT_EQ(file.arrays[0].unit, "Pa");
    EXPECT_TRUE(at::equal(file.arrays[0].components.at(0), values));
    EXPECT_TRUE(at::equal(file.arrays[1].components.at(1), 2 * values));
  }
}

TEST(VtkReader, DamageIsADataError) {
  const ScratchFolder folder;
  const Grid grid = Grid::uniform({0, 0}, {1, 1}, {40, 30});
  const std::string whole = vtk_bytes(frame_of(grid, at::rand({30, 40}, at::kDouble)));
  for (const std::size_t length : {std::size_t{0}, std::size_t{20}, whole.size() / 2, whole.size() - 200}) {
    write_atomically(folder / "cut.vti", whole.substr(0, length));
    EXPECT_THROW(static_cast<void>(read_vtk(folder / "cut.vti")), DataError) << length;
  }
  std::string lying = whole;
  for (std::size_t at = lying.find("0 40 0 30 0 0"); at != std::string::npos; at = lying.find("0 40 0 30 0 0"))
    lying.replace(at, 13, "0 900000 0 900000 0 0");
  ASSERT_NE(lying, whole);
  write_atomically(folder / "lying.vti", lying);
  EXPECT_THROW(static_cast<void>(read_vtk(folder / "lying.vti")), DataError);
  write_atomically(folder / "text.vti", "no xml at all");
  EXPECT_THROW(static_cast<void>(read_vtk(folder / "text.vti")), DataError);
  EXPECT_THROW(static_cast<void>(read_vtk(folder / "missing.vti")), IoError);
  EXPECT_THROW(static_cast<void>(read_vtk(folder / "text.vti.txt")), IoError);
}

TEST(VtkReader, ListsACollection) {
  const ScratchFolder folder;
  const auto problem = example_case();
  VtkSink sink(folder.path(), "wake & co");
  sink.open(problem, channels());
  for (int i = 0; i < 3; ++i) {
    const State state = example_state(problem, 0.5 * i);
    sink.write({&state, i, 0, 0});
  }
  const auto files = read_pvd(folder / "wake & co.pvd");
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[2].first, 1.0);
  EXPECT_EQ(files[2].second, folder / "wake & co_000002.vti");
  write_atomically(folder / "empty.pvd", "<VTKFile type=\"Collection\"><Collection></Collection></VTKFile>");
  EXPECT_THROW(static_cast<void>(read_pvd(folder / "empty.pvd")), DataError);
  write_atomically(folder / "empty.pvd", "<VTKFile");
  EXPECT_THROW(static_cast<void>(read_pvd(folder / "empty.pvd")), DataError);
}

}  // namespace
}  // namespace eddyline
