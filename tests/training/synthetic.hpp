#pragma once
// A dataset in memory and an operator of a few weights: what the tests of training run on.

#include <filesystem>
#include <memory>

#include "core/training/dataset.hpp"
#include "core/training/normaliser.hpp"
#include "core/training/operator.hpp"
#include "core/training/task_context.hpp"
#include "operators/kernels/layers.hpp"

namespace eddyline::test {

struct SineOptions {
  std::int64_t trajectories = 4, frames = 12, cells = 32;
  int dimension = 1;
  bool mask = false;      // a solid block, and a static channel that tells so
  bool has_case = false;  // two dimensions only
  double dt = 0.05;
};

/// u = amplitude * sin(2 pi (x - speed t) + phase), advected exactly on [0, 1] (times a constant along y in two
/// dimensions); parameter "speed" differs from trajectory to trajectory. A second channel is 3 + 10 u.
class SineDataset final : public Dataset {
 public:
  SineDataset(const SineOptions& options, const std::string& split);
  [[nodiscard]] const DatasetInfo& info() const override { return info_; }
  [[nodiscard]] std::int64_t size() const override { return options_.trajectories; }
  [[nodiscard]] TrajectoryInfo trajectory(std::int64_t index) const override;
  [[nodiscard]] at::Tensor frames(std::int64_t index, std::int64_t first, std::int64_t count) const override;
  [[nodiscard]] at::Tensor statics(std::int64_t index) const override;
  [[nodiscard]] std::shared_ptr<const Case> problem(std::int64_t index) const override;
  [[nodiscard]] std::string fingerprint() const override { return "sine-" + split_; }

 private:
  SineOptions options_;
  std::string split_;
  DatasetInfo info_;
};

/// One periodic convolution over all input channels; registered as the operator "tiny_convolution".
struct TinyConfig final : Config {
  std::int64_t width = 8;
  void fields(FieldVisitor& visit) override;
};

/// A file that open_dataset takes for a SineDataset (splits "train" and others); made in `folder`. In two dimensions
/// it has 16 x 16 cells, 8 frames and cases.
std::filesystem::path sine_file(const std::filesystem::path& folder, int dimension = 1);
/// A new empty folder below the temporary one.
std::filesystem::path fresh_folder(const std::string& name);

/// Context with a fresh operator, its weights made from `seed`.
TaskContext context_of(const std::shared_ptr<const Dataset>& train, const std::shared_ptr<const Dataset>& valid,
                       const TaskConfig& task, std::uint64_t seed = 0, std::int64_t batch_size = 4);

}  // namespace eddyline::test
