#include "tests/faults/small_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <vtkCellData.h>
#include <vtkDataArray.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkXMLImageDataReader.h>

#include <filesystem>
#include <sstream>

#include "core/io/atomic_file.hpp"

namespace eddyline::test {

namespace fs = std::filesystem;

std::string small_config(const std::string& folder) {
  return "generate:\n  name: tiny\n  folder: '" + folder +
         "/data'\n  seed: 3\n  splits: {train: 3, valid: 1, test: 1}\n  problem:\n    name: wake\n"
         "    grid: [{to: 8, cells: 48}, {to: 4, cells: 24}]\n    parameters: {viscosity: 0.01}\n"
         "    boundaries: {x_low: {type: inflow, velocity: [1, 0]}, x_high: {type: outflow}, y_low: {type: free_slip}, "
         "y_high: {type: free_slip}}\n    obstacles: [{center: [2, 2], radius: 0.5}]\n"
         "    initial: {type: uniform, velocity: [1, 0], perturbation: 0.3}\n"
         "  draw: {radius: {from: 0.4, to: 0.6}}\n"
         "  derive: {obstacles.0.radius: radius}\n  parameters: [{name: radius, unit: m, value: radius}]\n"
         "  spin_up: 0.5\n  frame_interval: 0.25\n  frames: 7\n  average: [2, 2]\n  threads: 1\n"
         "train:\n  run: '" +
         folder + "/run'\n  data: {path: '" + folder +
         "/data'}\n  operator: {name: fno, n_modes: [4, 4], hidden_channels: 4, n_layers: 1}\n"
         "  task: {name: next_step, bundle: 2, rollout_frames: 4}\n"
         "  training: {epochs: 1, batch_size: 4, learning_rate: 1e-3, warmup_epochs: 0.5, validate_every: 1, threads: "
         "1}\ncompare:\n  run: '" +
         folder + "/run'\n  data: '" + folder +
         "/data'\n  frames: 3\n  resolutions: [{cells: [24, 12]}]\n  threads: 1\n  folder: '" + folder + "/card'\n";
}

std::string small_simulation(const std::string& output) {
  return "problem:\n  name: wake\n  grid: [{to: 6, cells: 48}, {to: 2, cells: 24}]\n  parameters: {viscosity: 0.01}\n"
         "  boundaries: {x_low: {type: inflow, velocity: [1, 0]}, x_high: {type: outflow}, y_low: {type: free_slip}, "
         "y_high: {type: free_slip}}\n  obstacles: [{center: [2, 1], radius: 0.25}]\n"
         "  initial: {type: uniform, velocity: [1, 0], perturbation: 0.2}\n  length_scale: 0.5\n"
         "time: {end: 0.5, frame_interval: 0.05}\noutput: {folder: '" +
         output + "'}\nthreads: 1\n";
}

SmallRun::SmallRun(bool trained) {
  static_cast<void>(file("small.yaml", small_config(path())));
  const auto generated = run_program({"generate", config()});
  EXPECT_EQ(generated.exit_code, 0) << generated.output;
  if (!trained) return;
  const auto result = run_program({"train", config()});
  EXPECT_EQ(result.exit_code, 0) << result.output;
}

bool is_root() { return ::geteuid() == 0; }

int check_vtk_files(const std::string& folder) {
  const auto is_whole = [](const fs::path& path) {
    vtkNew<vtkXMLImageDataReader> reader;
    reader->SetFileName(path.c_str());
    reader->Update();
    const vtkImageData* image = reader->GetOutput();
    return reader->GetErrorCode() == 0 && const_cast<vtkImageData*>(image)->GetNumberOfCells() > 0 &&
           const_cast<vtkImageData*>(image)->GetCellData()->GetNumberOfArrays() > 0;
  };
  int listed = 0;
  if (!fs::exists(folder)) return 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".vti") {
      EXPECT_TRUE(is_whole(entry.path())) << entry.path();
    }
    if (entry.path().extension() != ".pvd") continue;
    std::istringstream text(read_file(entry.path()));
    std::string line, last;
    while (std::getline(text, line)) {
      last = line;
      const auto begin = line.find("file=\"");
      if (begin == std::string::npos) continue;
      const std::string name = line.substr(begin + 6, line.find('"', begin + 6) - begin - 6);
      EXPECT_TRUE(fs::exists(entry.path().parent_path() / name)) << name;
      ++listed;
    }
    EXPECT_EQ(last, "</VTKFile>") << entry.path();
  }
  return listed;
}

void expect_refusal(const ProgramResult& result, int exit_code, const std::string& part) {
  EXPECT_EQ(result.exit_code, exit_code) << result.output;
  EXPECT_THAT(result.output, testing::HasSubstr(part));
  EXPECT_THAT(result.output,
              testing::AllOf(testing::HasSubstr("eddyline: "), testing::Not(testing::HasSubstr("terminate called")),
                             testing::Not(testing::HasSubstr("unexpected:")),
                             testing::Not(testing::HasSubstr("Exception raised"))));
}

std::vector<std::string> with(std::vector<std::string> command, const std::vector<std::string>& more) {
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

}  // namespace eddyline::test
