#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vtkCellData.h>
#include <vtkDataArray.h>
#include <vtkFieldData.h>
#include <vtkImageData.h>
#include <vtkInformation.h>
#include <vtkInformationStringKey.h>
#include <vtkNew.h>
#include <vtkRectilinearGrid.h>
#include <vtkXMLDataElement.h>
#include <vtkXMLDataParser.h>
#include <vtkXMLImageDataReader.h>
#include <vtkXMLRectilinearGridReader.h>

#include <chrono>
#include <locale>
#include <thread>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/safe_name.hpp"
#include "core/io/vtk_writer.hpp"
#include "core/rollout/vtk_sink.hpp"
#include "tests/output/output_fixture.hpp"

namespace eddyline {
namespace {

using output_test::channels;
using output_test::example_case;
using output_test::example_state;
using output_test::ScratchFolder;

vtkSmartPointer<vtkImageData> read_image(const std::filesystem::path& path) {
  vtkNew<vtkXMLImageDataReader> reader;
  reader->SetFileName(path.c_str());
  reader->Update();
  return reader->GetErrorCode() == 0 ? vtkSmartPointer<vtkImageData>(reader->GetOutput()) : nullptr;
}

/// (time, file) of each entry, read with VTK's own XML parser.
std::vector<std::pair<double, std::string>> read_collection(const std::filesystem::path& path) {
  vtkNew<vtkXMLDataParser> parser;
  parser->SetFileName(path.c_str());
  EXPECT_EQ(parser->Parse(), 1) << path;
  std::vector<std::pair<double, std::string>> entries;
  vtkXMLDataElement* list = parser->GetRootElement()->FindNestedElementWithName("Collection");
  for (int i = 0; i < list->GetNumberOfNestedElements(); ++i)
    entries.emplace_back(*parse_number(list->GetNestedElement(i)->GetAttribute("timestep")),
                         list->GetNestedElement(i)->GetAttribute("file"));
  return entries;
}

TEST(VtkWriter, UniformGridReadsBackWithNamesUnitsAndTime) {
  const ScratchFolder folder;
  const auto problem = example_case();
  const State state = example_state(problem, 0.1);
  write_vtk(folder / "a.vti", {&problem->grid(), 0.1, "m", "s", vtk_arrays(state, channels())}, {true});
  const auto image = read_image(folder / "a.vti");
  ASSERT_TRUE(image);
  int extent[6];
  image->GetExtent(extent);
  EXPECT_EQ(std::vector<int>(extent, extent + 6), (std::vector<int>{0, 8, 0, 4, 0, 0}));
  EXPECT_DOUBLE_EQ(image->GetSpacing()[0], 0.5);
  EXPECT_DOUBLE_EQ(image->GetOrigin()[1], -1);
  vtkDataArray* velocity = image->GetCellData()->GetArray("velocity");
  ASSERT_TRUE(velocity);
  EXPECT_EQ(velocity->GetNumberOfComponents(), 3);
  EXPECT_STREQ(velocity->GetInformation()->Get(vtkDataArray::UNITS_LABEL()), "m/s");
  vtkDataArray* pressure = image->GetCellData()->GetArray("pressure");
  ASSERT_TRUE(pressure);
  for (int j = 0; j < 4; ++j)
    for (int i = 0; i < 8; ++i) {
      const int cell = j * 8 + i;
      EXPECT_EQ(velocity->GetComponent(cell, 0), state.fields.at("velocity_x").values[j][i].item<double>());
      EXPECT_EQ(velocity->GetComponent(cell, 1), state.fields.at("velocity_y").values[j][i].item<double>());
      EXPECT_EQ(velocity->GetComponent(cell, 2), 0);
      EXPECT_EQ(pressure->GetTuple1(cell), state.fields.at("pressure").values[j][i].item<double>());
    }
  EXPECT_EQ(image->GetFieldData()->GetArray("TimeValue")->GetTuple1(0), 0.1);
  EXPECT_EQ(image->GetFieldData()->GetAbstractArray("LengthUnit")->GetVariantValue(0).ToString(), "m");
}

TEST(VtkWriter, StretchedGridKeepsItsCoordinatesAndFloats) {
  const ScratchFolder folder;
  const Grid grid({{0, 1, 3, 7}, {0, 0.5, 2}});
  EXPECT_EQ(vtk_extension(grid), ".vtr");
  const at::Tensor values = at::arange(6, at::kFloat).reshape({2, 3}) + 0.1;
  write_vtk(folder / "a.vtr", {&grid, 2, "1", "1", {{"density", "kg/m^3", {values}}}});
  vtkNew<vtkXMLRectilinearGridReader> reader;
  reader->SetFileName((folder / "a.vtr").c_str());
  reader->Update();
  vtkRectilinearGrid* data = reader->GetOutput();
  ASSERT_EQ(data->GetNumberOfCells(), 6);
  EXPECT_EQ(data->GetXCoordinates()->GetTuple1(2), 3);
  EXPECT_EQ(data->GetYCoordinates()->GetTuple1(1), 0.5);
  for (int cell = 0; cell < 6; ++cell)
    EXPECT_EQ(data->GetCellData()->GetArray("density")->GetTuple1(cell), values.flatten()[cell].item<float>());
}

TEST(VtkWriter, StatesStandSideBySide) {
  const auto problem = example_case();
  const State state = example_state(problem, 0);
  auto arrays = vtk_arrays(state, channels(), "prediction_");
  const auto more = vtk_arrays(state, channels(), "reference_");
  arrays.insert(arrays.end(), more.begin(), more.end());
  std::vector<std::string> names;
  for (const auto& array : arrays) names.push_back(array.name);
  EXPECT_EQ(names, (std::vector<std::string>{"prediction_velocity", "prediction_pressure", "reference_velocity",
                                             "reference_pressure"}));
}

TEST(VtkWriter, HostileNamesStayInsideTheirPlaces) {
  const ScratchFolder folder;
  const Grid grid = Grid::uniform({0, 0}, {1, 1}, {2, 2});
  write_vtk(folder / "a.vti", {&grid, 0, "m\x1b[2J", "s", {{"a<b>\"&\n", "<&\x07", {at::ones({2, 2})}}}});
  const auto image = read_image(folder / "a.vti");
  ASSERT_TRUE(image);
  EXPECT_STREQ(image->GetCellData()->GetArrayName(0), "a_b____");
  EXPECT_EQ(safe_file_name("../../etc/passwd"), "_._.._etc_passwd");
  EXPECT_EQ(safe_file_name(""), "_");
  EXPECT_EQ(safe_file_name("wirbel stra\u00dfe\n"), "wirbel stra\u00dfe_");
  EXPECT_LE(safe_file_name(std::string(500, 'x')).size(), 120U);
  PvdCollection collection(folder / "a.pvd");
  collection.add(0.1, "<&>\"'.vti");
  collection.add(1.0 / 3.0, "b.vti");
  const auto entries = read_collection(folder / "a.pvd");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].second, "<&>\"'.vti");
  EXPECT_EQ(entries[1].first, 1.0 / 3.0);
}

TEST(VtkWriter, RefusesAFieldOfAnotherShape) {
  const Grid grid = Grid::uniform({0, 0}, {1, 1}, {2, 2});
  EXPECT_THROW(static_cast<void>(vtk_bytes({&grid, 0, "1", "1", {{"a", "1", {at::ones({2, 3})}}}})), ShapeError);
}

TEST(VtkWriter, BytesDoNotDependOnTheLocale) {
  struct CommaNumbers : std::numpunct<char> {
    [[nodiscard]] char do_decimal_point() const override { return ','; }
    [[nodiscard]] char do_thousands_sep() const override { return '.'; }
    [[nodiscard]] std::string do_grouping() const override { return "\3"; }
  };
  const Grid grid = Grid::uniform({0.25, 0}, {1.5, 1}, {2000, 2});
  const VtkGridFrame frame{&grid, 0.125, "m", "s", {{"a", "1", {at::rand({2, 2000})}}}};
  const std::string plain = vtk_bytes(frame);
  const std::locale before = std::locale::global(std::locale(std::locale(), new CommaNumbers));
  const std::string comma = vtk_bytes(frame);
  std::locale::global(before);
  EXPECT_EQ(plain, comma);
}

TEST(VtkSink, WritesFramesAndTheirCollection) {
  const ScratchFolder folder;
  const auto problem = example_case();
  VtkSink sink(folder / "f\u00fcr alle/new", "wake \u2014 Re=100");
  sink.open(problem, channels());
  for (int i = 0; i < 3; ++i) {
    const State state = example_state(problem, 0.1 * i);
    sink.write({&state, i, 0, 0});
    sink.write({&state, i, 2, 0});
  }
  sink.close(RunStatus::complete);
  for (const std::string name : {"wake \u2014 Re=100", "wake \u2014 Re=100_member002"}) {
    const auto entries = read_collection(folder / "f\u00fcr alle/new" / (name + ".pvd"));
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[2].first, 0.1 * 2);
    EXPECT_EQ(entries[2].second, name + "_000002.vti");
    const auto image = read_image(folder / "f\u00fcr alle/new" / entries[2].second);
    ASSERT_TRUE(image);
    EXPECT_EQ(image->GetCellData()->GetArray("solid")->GetRange()[1], 1);
  }
}

TEST(VtkSink, ReportsAFolderThatCannotBeWrittenBeforeTheRun) {
  const ScratchFolder folder;
  write_atomically(folder / "file", "x");
  VtkSink sink(folder / "file" / "below", "a");
  try {
    sink.open(example_case(), channels());
    FAIL() << "a file was taken for a folder";
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find("below"), std::string::npos) << error.what();
  }
  VtkSink nowhere("/proc/eddyline", "a");
  EXPECT_THROW(nowhere.open(example_case(), channels()), IoError);
}

TEST(VtkSink, AFullDiskAtAnyCallLeavesWholeFiles) {
  const auto problem = example_case();
  const State state = example_state(problem, 0);
  for (int call = 1;; ++call) {
    const ScratchFolder folder;
    bool failed = false;
    {
      const FailureInjection full(call);
      try {
        VtkSink sink(folder.path(), "a");
        sink.open(problem, channels());
        for (int i = 0; i < 2; ++i) sink.write({&state, i, 0, 0});
      } catch (const IoError&) {
        failed = true;
      }
    }
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      EXPECT_TRUE(entry.path().extension() == ".pvd" || entry.path().extension() == ".vti") << entry.path();
    if (std::filesystem::exists(folder / "a.pvd")) {
      for (const auto& [time, file] : read_collection(folder / "a.pvd")) EXPECT_TRUE(read_image(folder / file));
    }
    if (!failed) {
      EXPECT_GT(call, 15);
      break;
    }
  }
}

TEST(VtkSink, KilledAtAnyMomentListsWholeFilesOnly) {
  const auto problem = example_case();
  int listed = 0;
  for (int trial = 0; trial < 12; ++trial) {
    const ScratchFolder folder;
    std::vector<State> states;
    for (int i = 0; i < 200; ++i) states.push_back(example_state(problem, i));
    const pid_t child = ::fork();
    if (child == 0) {
      VtkSink sink(folder.path(), "a");
      sink.open(problem, channels());
      for (std::int64_t i = 0;; ++i) {
        const Frame frame{&states[static_cast<std::size_t>(i % 200)], i, 0, 0};
        sink.write(frame);
      }
    }
    // From its first listed frame on, the child may be killed anywhere, however slow the machine is.
    while (!std::filesystem::exists(folder / "a.pvd") || read_collection(folder / "a.pvd").empty())
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(7 * trial));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    for (const auto& [time, file] : read_collection(folder / "a.pvd")) {
      const auto image = read_image(folder / file);
      ASSERT_TRUE(image) << file;
      ASSERT_TRUE(image->GetCellData()->GetArray("velocity")) << file;
      ++listed;
    }
  }
  EXPECT_GE(listed, 12);
}

}  // namespace
}  // namespace eddyline
