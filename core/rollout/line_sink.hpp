#pragma once
// Fields along a line, a table a frame.

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "core/field/probe.hpp"
#include "core/rollout/simulation_config.hpp"
#include "core/rollout/sink.hpp"

namespace eddyline {

/// Writes FOLDER/NAME_000012.csv with a row a point: distance from the first point, x, y, z, every channel, time.
class LineSink final : public Sink {
 public:
  LineSink(std::filesystem::path folder, LineConfig line) : folder_(std::move(folder)), line_(std::move(line)) {}
  void open(const std::shared_ptr<const Case>& problem, const std::vector<Channel>& channels) override;
  void write(const Frame& frame) override;
  void close(RunStatus) override {}  // every file is whole already

 private:
  std::filesystem::path folder_;
  LineConfig line_;
  std::vector<std::string> channels_;
  std::vector<Point> points_;
  std::vector<PointSampler> samplers_;
  int dimension_ = 0;
};

}  // namespace eddyline
