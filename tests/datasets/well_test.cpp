#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "core/base/error.hpp"
#include "core/io/atomic_file.hpp"
#include "core/rollout/solver.hpp"
#include "datasets/generation/generate.hpp"
#include "datasets/the_well/well_writer.hpp"

namespace eddyline {
namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("eddyline-well-" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

DatasetInfo info() {
  DatasetInfo info;
  info.name = "round_trip";
  info.grid = std::make_shared<Grid>(Grid::uniform({0, 0}, {3, 1}, {6, 4}));
  info.channels = {{"velocity_x", "m/s", ChannelKind::vector_x},
                   {"velocity_y", "m/s", ChannelKind::vector_y},
                   {"pressure", "Pa", ChannelKind::scalar}};
  info.static_channels = {{"mask", "1", ChannelKind::scalar}};
  info.parameters = {{"viscosity", "m^2/s"}};
  return info;
}

TEST(TheWell, WhatIsWrittenIsReadBackByName) {
  const Folder folder;
  const fs::path path = folder.path / "a.hdf5";
  at::manual_seed(1);
  std::vector<well::Trajectory> written;
  {
    well::WellWriter writer(path, info(), 2, 3);
    for (int k = 0; k < 2; ++k) {
      written.push_back({at::randn({3, 3, 4, 6}), at::rand({1, 4, 6}), {0, 0.5 + k, 1.0 + 2 * k}, {0.1 * (k + 1)}, ""});
      writer.add(written.back());
    }
    EXPECT_FALSE(fs::exists(path));  // it appears whole
    writer.commit();
  }
  const auto data = open_dataset(path.string(), "test");
  ASSERT_EQ(data->size(), 2);
  EXPECT_TRUE(*data->info().grid == *info().grid);
  for (int k = 0; k < 2; ++k) {
    const auto names = channel_names(data->info().channels);
    const at::Tensor read = data->frames(k, 0, 3);
    for (std::size_t c = 0; c < 3; ++c) {
      const auto position = std::find(names.begin(), names.end(), info().channels[c].name) - names.begin();
      EXPECT_TRUE(at::equal(read.select(1, position),
                            written[static_cast<std::size_t>(k)].frames.select(1, static_cast<std::int64_t>(c))))
          << c;
    }
    EXPECT_TRUE(at::equal(data->statics(k), written[static_cast<std::size_t>(k)].statics));
    EXPECT_DOUBLE_EQ(data->trajectory(k).dt(), 0.5 + k);
    EXPECT_NEAR(data->trajectory(k).parameters[0], 0.1 * (k + 1), 1e-7);
  }
}

TEST(TheWell, TheSameContentGivesTheSameBytesWheneverItIsWritten) {
  const Folder folder;
  const auto written = [&](const char* name) {
    well::WellWriter writer(folder.path / name, info(), 1, 2);
    writer.add({at::ones({2, 3, 4, 6}), at::ones({1, 4, 6}), {0, 1}, {0.1}, ""});
    writer.commit();
    return read_file(folder.path / name);
  };
  const std::string first = written("a.hdf5");
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // HDF5 keeps times in seconds
  EXPECT_TRUE(first == written("b.hdf5"));
}

TEST(TheWell, ValuesThatAreNotFiniteAreNamed) {
  const Folder folder;
  const fs::path path = folder.path / "nan.hdf5";
  {
    auto plain = info();
    well::WellWriter writer(path, plain, 1, 2);
    writer.add({at::zeros({2, 3, 4, 6}), at::ones({1, 4, 6}), {0, 1}, {0.1}, ""});
    EXPECT_THROW(writer.add({at::full({2, 3, 4, 6}, NAN), at::ones({1, 4, 6}), {0, 1}, {0.1}, ""}), NumericalError);
  }
  // A file from elsewhere may hold them: write one through the raw layer.
  auto file = hdf5::File::create(path);
  file.set_attribute("/", "dataset_name", std::string("raw"));
  file.set_attribute("/", "n_trajectories", std::int64_t{1});
  for (const char* group : {"dimensions", "boundary_conditions", "scalars", "t0_fields", "t1_fields", "t2_fields"}) {
    file.make_group(group);
    if (std::string(group) != "dimensions") file.set_attribute(group, "field_names", std::vector<std::string>{});
  }
  file.set_attribute("dimensions", "spatial_dims", std::vector<std::string>{"x", "y"});
  file.set_attribute("t0_fields", "field_names", std::vector<std::string>{"density"});
  file.write("dimensions/time", at::arange(3, at::kFloat));
  file.write("dimensions/x", at::arange(4, at::kFloat));
  file.write("dimensions/y", at::arange(5, at::kFloat));
  at::Tensor density = at::ones({1, 3, 4, 5});
  density[0][2][1][3] = NAN;
  file.write("t0_fields/density", density);
  file.commit();
  try {
    static_cast<void>(open_dataset(path.string(), "test")->frames(0, 0, 3));
    FAIL() << "a NaN was read";
  } catch (const DataError& error) {
    const std::string text = error.what();
    for (const char* part : {"nan.hdf5", "trajectory 0", "frame 2", "channel density", "cell (1, 3)"})
      EXPECT_NE(text.find(part), std::string::npos) << text;
  }
}

TEST(Generation, StoredFramesAreTheSolversOwn) {
  const Folder folder;
  GenerateConfig config;
  config.folder = (folder.path / "set").string();
  config.problem.grid.resize(2);
  config.problem.grid[0].to = 4;
  config.problem.grid[0].cells = 32;
  config.problem.grid[1].to = 2;
  config.problem.grid[1].cells = 16;
  config.problem.parameters["viscosity"] = 0.02;
  config.problem.boundaries["x_low"].type = "inflow";
  config.problem.boundaries["x_low"].velocity = {1, 0};
  config.problem.boundaries["x_high"].type = "outflow";
  for (const char* side : {"y_low", "y_high"}) config.problem.boundaries[side].type = "free_slip";
  config.solver.config = SolverRegistry::instance().make_config("incompressible");
  config.frames = 3;
  config.threads = 1;
  generate(config);
  const auto data = open_dataset(config.folder, "train");
  const auto problem = data->problem(0);
  const auto solver = SolverRegistry::instance().create("incompressible", *config.solver.config, problem);
  const State start = solver->initial_state();
  const State end = solver->advance(std::span(&start, 1), 0.25, 2).back();
  const auto names = channel_names(data->info().channels);
  for (const char* channel : {"velocity_x", "velocity_y", "pressure"}) {
    const auto position = std::find(names.begin(), names.end(), channel) - names.begin();
    EXPECT_LT((data->frames(0, 2, 1)[0][position] - end.fields.at(channel).values).abs().max().item<double>(), 1e-6)
        << channel;
  }
}

}  // namespace
}  // namespace eddyline
